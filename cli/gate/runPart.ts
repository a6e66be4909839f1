import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join, resolve } from "node:path";
import type { Reporter } from "../../clients/reporter";
import { MochaStream } from "./mochaStream";
import type { Part } from "./parts";

/** What a part of the gate came to. */
export interface PartResult {
  readonly passed: number;
  readonly failed: number;
}

/**
 * Runs one part of the gate, its output into `<title>.log` of the folder of logs; what failed is also told, as is
 * the time that it took.
 */
export async function runPart(
  part: Part,
  root: string,
  logs: string,
  reporter: Reporter,
  env: NodeJS.ProcessEnv = process.env,
): Promise<PartResult> {
  const began = performance.now();
  const progress = reporter.progress(part.title);
  const log = createWriteStream(join(logs, `${part.title.replaceAll(" ", "-")}.log`));
  const [command = "", ...args] = part.command;
  const child = spawn(resolve(root, command), args, {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const counter = new MochaStream(reporter, part.title);
  const output: string[] = [];
  child.stderr.on("data", (data: Buffer) => {
    log.write(data);
    output.push(data.toString());
  });
  child.stdout.on("data", (data: Buffer) => {
    log.write(data);
    if (part.counts === "mocha") {
      counter.read(data.toString());
      progress.update({ done: counter.passed + counter.failed, total: counter.total });
    } else {
      output.push(data.toString());
    }
  });
  const status = await new Promise<number>((resolve) => {
    child.once("error", () => resolve(1));
    child.once("close", (code) => resolve(code ?? 1));
  });
  await new Promise<void>((resolve) => log.end(resolve));
  const result = resultOf(part, status, counter);
  const time = `${((performance.now() - began) / 1000).toFixed(0)} s`;
  if (result.failed > 0) {
    if (output.length > 0) {
      reporter.info(output.join("").trimEnd());
    }
    progress.fail(`${result.passed} passed, ${result.failed} failed, ${time}`);
  } else {
    progress.done(`${result.passed} passed, ${time}`);
  }
  return result;
}

function resultOf(part: Part, status: number, counter: MochaStream): PartResult {
  if (part.counts === "check") {
    return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1 };
  }
  // A run that ended badly without a failing test (a crash, no test found) is a failure of its own.
  const unexplained = (status !== 0 || !counter.ended) && counter.failed === 0;
  return { passed: counter.passed, failed: counter.failed + (unexplained ? 1 : 0) };
}
