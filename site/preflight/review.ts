import { readFrom } from "../../clients/access";
import { judgeVelero } from "../../drift/veleroBackup";
import type { Engine } from "../../engine/engine";
import { planSite } from "../../planning/index";
import type { OpenStack } from "../stack";
import type { OpenAccess } from "../up/access";
import { readAll } from "../up/reading";
import { preflight } from "./preflight";
import type { Finding } from "./finding";
import { besideRules, judgeRules, type JudgedRule } from "./rules/judge";

/** Whether an apply can work, by rule. */
export interface Review {
  readonly rules: readonly JudgedRule[];
  /** What else preflight found: identity, rights, waivers that ended. */
  readonly others: readonly Finding[];
  /** UID of the namespace kube-system; undefined where it was not read. */
  readonly clusterUid: string | undefined;
  /** Undefined where no vCenter had to be read, or it was not. */
  readonly vcenterUuid: string | undefined;
}

/** Reads the live systems once and judges every rule. Never throws for a system that does not answer. */
export async function reviewStack(
  stack: OpenStack,
  engine: Engine,
  access: OpenAccess,
  now: Date,
): Promise<Review> {
  const plan = planSite(stack.site);
  const { desired, findings, live } = await readAll(stack, engine, access);
  const drift = [...findings, ...judgeVelero(plan.site, live, now)];
  const checks = await preflight({ plan, desired, ...access, now });
  const identity = await readFrom(access.vcenter, (client) => client.instanceUuid());
  return {
    rules: judgeRules({ plan, problems: stack.waived, checks, drift, now }),
    others: besideRules(checks),
    clusterUid: live.cluster.state === "read" ? live.cluster.value.uid : undefined,
    vcenterUuid: identity.state === "read" ? identity.value : undefined,
  };
}

/**
 * Whether every rule holds or is waived, and nothing else stands against an apply. What nobody asks for at this backend
 * counts as the operator's word.
 */
export function holds({ rules, others }: Pick<Review, "rules" | "others">): boolean {
  return (
    rules.every(({ verdict }) => verdict !== "fail" && verdict !== "unknown") &&
    others.every(({ severity, waiver }) => severity === "warning" || waiver !== undefined)
  );
}
