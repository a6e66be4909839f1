import { writeAtomically } from "../../config/atomicFile";
import { planSite } from "../../planning";
import { exitCode, type ExitCode } from "../../site/exit";
import { metricsText } from "../../site/status/metrics";
import { statusOf } from "../../site/status/status";
import { openLive } from "../live";
import { lookForDrift } from "./drift";

interface ExporterOptions {
  readonly stack: string;
  readonly file?: string;
}

/** Writes what alerts go by, once: to a file that a node exporter reads, or to stdout. */
export async function exporter({ stack: name, file }: ExporterOptions): Promise<ExitCode> {
  const stack = openLive(name);
  const { known, snapshots, findings, reading } = await lookForDrift(stack, {});
  const now = new Date();
  const facts = { plan: planSite(stack.site), known, snapshots, findings, live: reading.live, now };
  const status = statusOf(facts);
  const text = metricsText(facts, status);
  if (file === undefined) {
    process.stdout.write(text);
  } else {
    writeAtomically(file, text);
  }
  return status.unknown.length === 0 ? exitCode.done : exitCode.failed;
}
