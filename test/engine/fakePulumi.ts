import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What the stand-in says to a call whose arguments start with `args`; answers are used in order, the last stays. */
export interface Answer {
  readonly args: readonly string[];
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  /** Goes on until it is interrupted. */
  readonly untilInterrupted?: boolean;
}

export interface Call {
  readonly args: readonly string[];
  readonly input: string;
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
}

/** A stand-in for the Pulumi CLI: an executable that answers from a list and writes down how it was called. */
export class FakePulumi {
  private constructor(
    readonly folder: string,
    readonly executable: string,
  ) {}

  static async make(answers: readonly Answer[]): Promise<FakePulumi> {
    const folder = await mkdtemp(join(tmpdir(), "atom-fake-"));
    const executable = join(folder, "pulumi");
    await writeFile(join(folder, "answers.json"), JSON.stringify(answers));
    await writeFile(join(folder, "calls.jsonl"), "");
    await writeFile(executable, script);
    await chmod(executable, 0o755);
    return new FakePulumi(folder, executable);
  }

  async calls(): Promise<readonly Call[]> {
    const text = await readFile(join(this.folder, "calls.jsonl"), "utf8");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Call);
  }

  /** The commands, e.g. `stack export`, in order. */
  async commands(): Promise<readonly string[]> {
    return (await this.calls()).map(({ args }) =>
      args.slice(0, args[0] === "stack" ? 2 : 1).join(" "),
    );
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

const script = `#!/usr/bin/env node
const fs = require("node:fs");
const path = require("node:path");
const folder = path.dirname(process.argv[1]);
const args = process.argv.slice(2);
const input = args[1] === "import" ? fs.readFileSync(0, "utf8") : "";
const call = { args, input, env: process.env, folder: process.cwd() };
fs.appendFileSync(path.join(folder, "calls.jsonl"), JSON.stringify(call) + "\\n");
const file = path.join(folder, "answers.json");
const answers = JSON.parse(fs.readFileSync(file, "utf8"));
const index = answers.findIndex((answer) => answer.args.every((arg, at) => args[at] === arg));
if (index < 0) {
  process.stderr.write("no answer for " + args.join(" "));
  process.exit(99);
}
const answer = answers[index];
const again = answers.some((other, at) => at > index && other.args.join() === answer.args.join());
if (again) {
  answers.splice(index, 1);
  fs.writeFileSync(file, JSON.stringify(answers));
}
fs.writeSync(1, answer.stdout ?? "");
fs.writeSync(2, answer.stderr ?? "");
process.exitCode = answer.exitCode ?? 0;
if (answer.untilInterrupted) {
  const alive = setInterval(() => {}, 1000);
  process.on("SIGINT", () => {
    process.exitCode = 1;
    clearInterval(alive);
  });
}
`;
