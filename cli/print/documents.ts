import { once } from "node:events";
import { hasUnknown } from "../../drift/findings";
import type { PlainValue } from "../../engine/program/desiredState";
import type { SitePlan } from "../../planning/plan";
import type { Observed } from "../../site/observe";
import type { OpenStack } from "../../site/stack";
import { hasChanges, type Prepared } from "../../site/up/prepare";

/** Version of the JSON documents; grows when a field moves or changes its meaning, not when one is added. */
export const documentVersion = 2;

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
  prepared: Prepared,
  seen: Observed,
): Record<string, unknown> {
  const { reading, preview, against } = prepared;
  const { findings, live } = reading;
  const unread = Object.entries({ cluster: live.cluster, vcenter: live.vcenter }).flatMap(
    ([system, read]) => (read.state === "unknown" ? [{ system, why: read.why }] : []),
  );
  return {
    ...head(stack, plan),
    offline: false,
    result: hasUnknown(findings) ? "unknown" : hasChanges(prepared) ? "changes" : "noChanges",
    unknown: unread,
    findings,
    preview: preview?.steps,
    against,
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
