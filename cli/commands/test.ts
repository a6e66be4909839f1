import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../config/projectRoot";
import type { Reporter } from "../../operations/reporter";
import { exitCode, type ExitCode } from "../exit";
import { createReporter } from "../reporter";

/** What a part of the gate came to. */
interface PartResult {
  readonly passed: number;
  readonly failed: number;
}

/** One part of the gate: a check that counts as one, or a mocha run that counts its tests. */
interface Part {
  readonly title: string;
  readonly command: readonly string[];
  readonly counts: "check" | "mocha";
  readonly environment?: Readonly<Record<string, string>>;
}

export interface TestOptions {
  readonly root: string;
  readonly reporter: Reporter;
  /** Also run the full kill matrices and repeated runs. */
  readonly faults: boolean;
  /** Also run the sizes. */
  readonly scale: boolean;
}

/**
 * The gate: format, lint, types, and all tests; ends with the line `N passed, N failed`.
 *
 * @returns 0 when everything passed, else 1
 */
export async function test(flags: { faults: boolean; scale: boolean }): Promise<ExitCode> {
  return runTests({ root: projectRoot(), reporter: createReporter(), ...flags });
}

export async function runTests(options: TestOptions): Promise<ExitCode> {
  const logs = join(options.root, ".lab", "logs", "test");
  mkdirSync(logs, { recursive: true });
  const total = { passed: 0, failed: 0 };
  // Static checks and unit tests share the two cores; the lab's tests measure kills and waits and run alone.
  for (const group of partsOf(options)) {
    for (const result of await Promise.all(
      group.map((part) => runPart(part, options.root, logs, options.reporter)),
    )) {
      total.passed += result.passed;
      total.failed += result.failed;
    }
  }
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
  return total.failed === 0 && total.passed > 0 ? exitCode.done : exitCode.failed;
}

function partsOf(options: TestOptions): Part[][] {
  const bin = (name: string): string => join("node_modules", ".bin", name);
  const mocha = (title: string, ...args: string[]): Part => ({
    title,
    command: [bin("mocha"), "--reporter", "json-stream", ...args],
    counts: "mocha",
  });
  const parts: Part[][] = [
    [
      { title: "types", command: [bin("tsc"), "--noEmit", "-p", "tsconfig.json"], counts: "check" },
      mocha(
        "unit tests",
        "--timeout",
        "60000",
        "--ignore",
        "dist/test/**/*.lab.spec.js",
        "--ignore",
        "dist/test/**/*.faults.spec.js",
        "--ignore",
        "dist/test/**/*.scale.spec.js",
        "dist/test/**/*.spec.js",
      ),
    ],
    [
      { title: "format", command: [bin("prettier"), "--check", "."], counts: "check" },
      { title: "lint", command: [bin("eslint"), "--max-warnings", "0", "."], counts: "check" },
    ],
    [mocha("lab tests", "--timeout", "1800000", "dist/test/**/*.lab.spec.js")],
  ];
  if (options.faults) {
    parts.push([mocha("faults", "--timeout", "3600000", "dist/test/**/*.faults.spec.js")]);
  }
  if (options.scale) {
    parts.push([mocha("scale", "--timeout", "3600000", "dist/test/**/*.scale.spec.js")]);
  }
  return parts;
}

async function runPart(
  part: Part,
  root: string,
  logs: string,
  reporter: Reporter,
): Promise<PartResult> {
  const progress = reporter.progress(part.title);
  const log = createWriteStream(join(logs, `${part.title.replaceAll(" ", "-")}.log`));
  const [command = "", ...args] = part.command;
  const child = spawn(join(root, command), args, {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...part.environment },
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
  log.end();
  const result = resultOf(part, status, counter);
  if (result.failed > 0) {
    if (output.length > 0) {
      reporter.info(output.join("").trimEnd());
    }
    progress.fail(`${result.passed} passed, ${result.failed} failed`);
  } else {
    progress.done(`${result.passed} passed`);
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

/** Counts the events of mocha's `json-stream` reporter and shows failures as they come. */
class MochaStream {
  passed = 0;
  failed = 0;
  total = 0;
  ended = false;
  private rest = "";

  constructor(
    private readonly reporter: Reporter,
    private readonly title: string,
  ) {}

  read(text: string): void {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      this.event(line);
    }
  }

  private event(line: string): void {
    if (!line.startsWith('["')) {
      return;
    }
    let event: [string, { total?: number; fullTitle?: string; err?: string; stack?: string }];
    try {
      event = JSON.parse(line) as typeof event;
    } catch {
      return;
    }
    const [kind, detail] = event;
    if (kind === "start") {
      this.total = detail.total ?? 0;
    } else if (kind === "pass") {
      this.passed += 1;
    } else if (kind === "fail") {
      this.failed += 1;
      this.reporter.info(
        `${this.title}: FAILED ${detail.fullTitle ?? ""}\n${detail.stack ?? detail.err ?? ""}`,
      );
    } else if (kind === "end") {
      this.ended = true;
    }
  }
}
