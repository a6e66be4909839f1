import { writeAtomically } from "../../config/atomicFile";
import { exitCode, type ExitCode } from "../../site/exit";
import { metricsText } from "../../site/status/metrics";
import { statusOf } from "../../site/status/status";
import { openLive } from "../live";
import { lookForDrift } from "./drift";

interface ExporterOptions {
  readonly stack: string;
  readonly timeout: number;
  readonly file?: string;
}

/** Writes what alerts go by, once: to a file that a node exporter reads, or to stdout. */
export async function exporter(options: ExporterOptions): Promise<ExitCode> {
  const stack = openLive(options.stack);
  const { reading, ...found } = await lookForDrift(stack, options);
  const facts = { ...found, live: reading.live, now: new Date() };
  const status = statusOf(facts);
  const text = metricsText(facts, status);
  if (options.file === undefined) {
    process.stdout.write(text);
  } else {
    writeAtomically(options.file, text);
  }
  return status.unknown.length === 0 ? exitCode.done : exitCode.failed;
}
