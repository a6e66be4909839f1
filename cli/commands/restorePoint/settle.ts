import { partition, pendingLines } from "./review";
import { makeCandidate, type FileChanges } from "../../../site/up/candidate";
import type { OpenAccess } from "../../../site/up/access";
import type { Deployer } from "../../../site/up/deployer";
import { application } from "../../../site/up/reading";
import { readSituation, type Situation } from "../../../site/up/situation";
import type { Step } from "../../../drift/types";
import type { Reporter } from "../../../clients/reporter";
import { openStack, type OpenStack } from "../../stack";

/** Steps of a deployment that ends points: they change the record, and nothing live. */
const RECORD_ONLY: readonly Step["kind"][] = ["same", "differs", "forget", "adopt"];

export interface Judged {
  /** Steps about the points. */
  readonly own: readonly Step[];
  /** Why the deployment must not run, in lines for people; empty when it may. */
  readonly against: readonly string[];
}

/** Whether a deployment would do nothing but change the record of these points. */
export function judgeSettling(
  { steps, site }: Pick<Situation, "steps" | "site">,
  names: readonly string[],
): Judged {
  const own = names.flatMap((name) => partition(steps, site.restorePoints, name).own);
  const others = steps.filter((step) => !own.includes(step));
  const bad = own.filter(({ kind }) => !RECORD_ONLY.includes(kind));
  return {
    own,
    against: [
      ...pendingLines(others),
      ...bad.map(({ object, kind, reason }) => `${object}: ${kind}: ${reason}`),
    ],
  };
}

export interface Settling {
  /** Name of the stack; its files are read anew. */
  readonly stack: string;
  readonly deployer: Deployer;
  readonly access: OpenAccess;
  readonly reporter: Reporter;
}

const nothing: FileChanges = { taken: [], lost: [] };

/**
 * Brings the engine's record of a point to what its file says.
 *
 * @throws Error when a deployment would do anything else; nothing was deployed then
 */
export async function settlePoint(name: string, settling: Settling): Promise<void> {
  const { deployer, access, reporter } = settling;
  const stack = openStack(settling.stack, []);
  const situation = await situationOf(stack, deployer, access);
  const { against } = judgeSettling(situation, [name]);
  if (against.length > 0) {
    throw new Error(`${against.join(" ")} Nothing was deployed; run the command again after that.`);
  }
  const candidate = makeCandidate(stack, nothing, new Date());
  try {
    // The engine's own preview of this very deployment: what it shows is what it may do.
    for (const line of await deployer.check(candidate.file, situation)) {
      reporter.info(line);
    }
  } finally {
    candidate.remove();
  }
  await deployer.apply(application(stack, situation, situation.steps, access));
}

async function situationOf(
  { root, raw, site, stackFile }: OpenStack,
  deployer: Deployer,
  access: OpenAccess,
): Promise<Situation> {
  const deployed = await deployer.load(stackFile.path);
  return readSituation({ root, site, raw, deployed, access });
}
