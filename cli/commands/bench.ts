import { spawn } from "node:child_process";
import { join } from "node:path";
import { projectRoot } from "../../config/projectRoot";
import { exitCode, UsageError, type ExitCode } from "../../site/exit";

/** Runs the benchmarks; they print ratios taken in one run, never a verdict. */
export async function bench(what: string, options: { runs: string }): Promise<ExitCode> {
  const runs = Number(options.runs);
  if (!Number.isInteger(runs) || runs < 1 || runs > 100) {
    throw new UsageError(`--runs ${options.runs}: an integer from 1 to 100 is allowed.`);
  }
  const child = spawn(
    process.execPath,
    [join(projectRoot(), "dist", "bench", "run.js"), what, "--runs", String(runs)],
    { stdio: "inherit" },
  );
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return status === 0 ? exitCode.done : exitCode.failed;
}
