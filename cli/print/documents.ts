import { once } from "node:events";
import type { PlainValue } from "../../engine/program/desiredState";
import { hasChanges, hasUnknown } from "../../drift/plan";
import type { ObservedReplicas } from "../../drift/replicas/observeReplicas";
import type { HeldVolumes } from "../../drift/heldVolumes";
import type { SitePlan } from "../../planning/plan";
import type { Situation } from "../../site/up/situation";
import type { OpenStack } from "../stack";

/** Version of the JSON documents; grows when a field moves or changes its meaning, not when one is added. */
export const documentVersion = 1;

/** The document of `preview --offline --json`. */
export function offlineDocument(
  stack: OpenStack,
  plan: SitePlan,
  declared: PlainValue,
): Record<string, unknown> {
  return { ...head(stack, plan), offline: true, declared };
}

/** The document of `preview --json`. */
export function previewDocument(
  stack: OpenStack,
  plan: SitePlan,
  { steps, live }: Situation,
  seen: { readonly replicas: ObservedReplicas; readonly heldVolumes: HeldVolumes },
): Record<string, unknown> {
  const unread = Object.entries({ cluster: live.cluster, vcenter: live.vcenter }).flatMap(
    ([system, read]) => (read.state === "unknown" ? [{ system, why: read.why }] : []),
  );
  return {
    ...head(stack, plan),
    offline: false,
    result: hasUnknown(steps) ? "unknown" : hasChanges(steps) ? "changes" : "noChanges",
    unknown: unread,
    steps,
    ...seen,
  };
}

function head(stack: OpenStack, plan: SitePlan): Record<string, unknown> {
  return {
    version: documentVersion,
    command: "preview",
    stack: stack.name,
    file: stack.raw.file,
    waived: stack.waived,
    survival: plan.survival,
  };
}

/** Writes one JSON document to stdout and waits until it is out, however large it is. */
export async function writeDocument(document: unknown): Promise<void> {
  if (!process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)) {
    await once(process.stdout, "drain");
  }
}
