import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../engine/run";
import type { Run } from "../../engine/run";

const shell = {
  executable: "/bin/sh",
  timeoutMs: 20_000,
  graceMs: 2_000,
  env: { PATH: "/bin:/usr/bin" },
};

describe("a run of the CLI", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "atom-run-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  function script(text: string, change: Partial<Run> = {}): Run {
    return { ...shell, folder, args: ["-c", text], ...change };
  }

  it("gives output, messages and exit code, runs in the folder, and reads the input", async () => {
    const end = await run(script("cat; pwd >&2; exit 7", { input: "state" }));
    deepStrictEqual(end, {
      exitCode: 7,
      interrupted: false,
      stdout: "state",
      stderr: `${folder}\n`,
    });
  });

  it("hands on each line as it comes, an unended last one too", async () => {
    const lines: string[] = [];
    const text = `echo one; until [ -e seen ]; do sleep 0.05; done; printf 'two\\nthr\\303\\251e'`;
    const onLine = (line: string): void => {
      lines.push(line);
      if (line === "one") {
        // The script waits for this file, so that the first line must have come while it still runs.
        spawn("touch", [join(folder, "seen")]);
      }
    };
    await run(script(text, { onLine }));
    deepStrictEqual(lines, ["one", "two", "thrée"]);
  });

  it("cannot be started without an executable", async () => {
    const missing = script("", { executable: join(folder, "pulumi") });
    await rejects(run(missing), { kind: "setup", message: /cannot be started/ });
  });

  it("passes an interrupt on once and lets the CLI end by itself", async () => {
    const text = `trap 'echo interrupted; exit 8' INT; echo ready; while :; do sleep 0.05; done`;
    const others = process.listeners("SIGINT");
    const onLine = (line: string): void => {
      if (line === "ready") {
        // As the terminal would, but only for this run's own listener.
        process
          .listeners("SIGINT")
          .filter((listener) => !others.includes(listener))
          .forEach((listener) => listener("SIGINT"));
      }
    };
    const end = await run(script(text, { onLine }));
    deepStrictEqual([end.exitCode, end.interrupted], [8, true]);
    strictEqual(end.stdout, "ready\ninterrupted\n");
    deepStrictEqual(process.listeners("SIGINT"), others);
  });

  it("interrupts one that takes too long, and kills one that does not listen", async () => {
    const polite = `trap 'exit 8' INT; while :; do sleep 0.05; done`;
    await rejects(run(script(polite, { timeoutMs: 300 })), { kind: "timeOut", exitCode: 8 });
    const deaf = `trap '' INT; while :; do sleep 0.05; done`;
    await rejects(run(script(deaf, { timeoutMs: 300, graceMs: 200 })), {
      kind: "timeOut",
      exitCode: undefined,
    });
  });

  it("goes on to its end when this process is killed", async () => {
    const text =
      "echo begun; until [ -e killed ]; do sleep 0.05; done; echo more; echo done > ended";
    const module = require.resolve("../../engine/run");
    const parent = spawn(process.execPath, [
      "-e",
      `require(${JSON.stringify(module)}).run({ ...${JSON.stringify(script(text))},
        onLine: (line) => console.log(line) })`,
    ]);
    await once(parent.stdout, "data");
    parent.kill("SIGKILL");
    await once(parent, "close");
    spawn("touch", [join(folder, "killed")]);
    await appears(join(folder, "ended"));
    strictEqual(await readFile(join(folder, "ended"), "utf8"), "done\n");
  });
});

/** Waits for a file that another process writes; fails after 10 s. */
async function appears(path: string): Promise<void> {
  const end = Date.now() + 10_000;
  while (!existsSync(path) && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  ok(existsSync(path), `${path} was not written`);
}
