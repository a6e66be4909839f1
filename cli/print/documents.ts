import { once } from "node:events";
import { hasUnknown } from "../../drift/findings";
import type { LiveState } from "../../drift/types";
import type { Observed } from "../../site/observe";
import { hasChanges, type Prepared } from "../../site/up/prepare";

/** Grows when a field moves or changes its meaning, not when one is added. */
const version = 2;

/** What a document says of its stack; `file` is its stack file. */
interface Source {
  readonly name: string;
  readonly raw: { readonly file: string };
}

/** Writes the JSON document of a command to stdout and waits until it is out, however large it is. */
export async function writeDocument(
  command: string,
  { name: stack, raw: { file } }: Source,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  const document = { version, command, stack, file, ...fields };
  if (!process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)) {
    await once(process.stdout, "drain");
  }
}

/** Systems that could not be read, with the reason. */
export function unknownSystems({ cluster, vcenter }: LiveState): readonly unknown[] {
  return Object.entries({ cluster, vcenter }).flatMap(([system, read]) =>
    read.state === "unknown" ? [{ system, why: read.why }] : [],
  );
}

/** What the document of a live `preview` says of the live systems. */
export function liveFields(prepared: Prepared, seen: Observed): Record<string, unknown> {
  const { reading, preview, against } = prepared;
  const { findings, live } = reading;
  return {
    offline: false,
    result: hasUnknown(findings) ? "unknown" : hasChanges(prepared) ? "changes" : "noChanges",
    unknown: unknownSystems(live),
    findings,
    preview: preview?.steps,
    against,
    ...seen,
  };
}
