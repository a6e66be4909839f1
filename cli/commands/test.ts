import { randomInt } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../config/projectRoot";
import { ensureBinaries } from "../../lab/index";
import type { Reporter } from "../../clients/reporter";
import { describeError, exitCode, type ExitCode } from "../../site/exit";
import { inLanes, laneCount } from "../gate/lanes";
import { gateParts, longParts, THOROUGH_VARIABLE } from "../gate/parts";
import { runPart, type PartResult } from "../gate/runPart";
import { createReporter } from "../reporter";

/**
 * The gate: format, lint, types, and all tests; ends with the line `N passed, N failed`.
 *
 * @returns 0 when everything passed, else 1
 */
export async function test(flags: { faults: boolean; scale: boolean }): Promise<ExitCode> {
  const options = { root: projectRoot(), reporter: createReporter(), ...flags };
  const { root, reporter } = options;
  const logs = join(root, ".lab", "logs", "test");
  mkdirSync(logs, { recursive: true });
  // CI: no test writes its own expectation anew. ATOM_SEED: a failure of random tests can be repeated.
  const seed = process.env["ATOM_SEED"] ?? `${randomInt(2 ** 31)}`;
  reporter.info(`The random tests draw from ATOM_SEED=${seed}.`);
  const thorough = flags.faults ? { [THOROUGH_VARIABLE]: "true" } : {};
  // A third of the time of a short run of the Pulumi CLI goes into collecting garbage.
  const go = { GOGC: "off", GOMEMLIMIT: "1GiB" };
  const env = { ...process.env, ...go, ...thorough, CI: "true", ATOM_SEED: seed };
  const run = (part: Parameters<typeof runPart>[0]): Promise<PartResult> =>
    runPart(part, root, logs, reporter, env);
  await buildLab(root, reporter);
  const results = [
    ...(await inLanes(laneCount(), gateParts(root), run)),
    ...(await inLanes(1, longParts(options), run)),
  ];
  const passed = results.reduce((sum, part) => sum + part.passed, 0);
  const failed = results.reduce((sum, part) => sum + part.failed, 0);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed === 0 && passed > 0 ? exitCode.done : exitCode.failed;
}

/** A build takes all processors for minutes: before the tests it disturbs none of their times. */
async function buildLab(root: string, reporter: Reporter): Promise<void> {
  const need = ["cluster", "vcenter", "data", "engine"] as const;
  try {
    await ensureBinaries({ project: root, need, env: process.env, reporter });
  } catch (error) {
    // All that needs no lab can still be told; each test that does then fails with this.
    reporter.warn(describeError(error));
  }
}
