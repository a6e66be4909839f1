import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  LIST_SCRIPT,
  parseManifest,
  PROBE_EXIT,
  PROBE_SCRIPT,
} from "../../../restorepoint/verify/probeScript";
import type { Manifest } from "../../../restorepoint/verify/types";

interface Run {
  readonly code: number | null;
  readonly output: string;
  readonly manifest: Manifest | undefined;
}

describe("what a probe's container runs", () => {
  let root: string;
  let volume: string;

  beforeEach(() => {
    root = fs.mkdtempSync(join(tmpdir(), "atom-probe-"));
    volume = join(root, "volume");
    fs.mkdirSync(volume);
  });

  afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

  /** Runs it as the container would, but for the place of the last words. */
  const run = (command: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Run => {
    const work = fs.mkdtempSync(join(root, "work-"));
    const words = join(work, "words");
    const script = PROBE_SCRIPT.replace("/dev/termination-log", `"${words}"`);
    const { status, stdout, stderr } = spawnSync("/bin/sh", ["-c", script, "probe", ...command], {
      env: { PATH: process.env.PATH, VOLUME: volume, WORK: work, LIST: LIST_SCRIPT, ...env },
      encoding: "utf8",
    });
    const manifest = fs.existsSync(words)
      ? parseManifest(fs.readFileSync(words, "utf8"))
      : undefined;
    return { code: status, output: `${stdout}${stderr}`, manifest };
  };

  const write = (name: string, text: string): void => {
    fs.mkdirSync(join(volume, name, ".."), { recursive: true });
    fs.writeFileSync(join(volume, name), text);
  };

  it("counts every file and every byte, whatever the names are", () => {
    for (const name of ["a b/plain", "line\nfeed", "back\\slash", "carriage\rreturn", "-dash"]) {
      write(name, "four");
    }
    write("folder\nof two/x", "four");
    write("empty", "");
    const { code, output, manifest } = run();
    deepEqual({ code, output }, { code: 0, output: "" });
    deepEqual([manifest?.files, manifest?.bytes], [7, 24]);
    match(manifest?.digest ?? "", /^1:[0-9a-f]{64}$/);
    deepEqual(run().manifest, manifest);
  });

  it("tells every difference that a volume can have", () => {
    write("one", "text");
    write("two", "text");
    fs.symlinkSync("one", join(volume, "link"));
    fs.mkdirSync(join(volume, "empty"));
    const digests = new Set([run().manifest?.digest]);
    for (const change of [
      () => write("one", "teXt"),
      () => fs.renameSync(join(volume, "two"), join(volume, "2")),
      () => fs.rmdirSync(join(volume, "empty")),
      () => fs.mkdirSync(join(volume, "other\nempty")),
      () => {
        fs.rmSync(join(volume, "link"));
        fs.symlinkSync("2", join(volume, "link"));
      },
      () => fs.rmSync(join(volume, "link")),
      () => write("empty", ""),
      () => fs.renameSync(join(volume, "one"), join(volume, "o\nne")),
      () => fs.renameSync(join(volume, "o\nne"), join(volume, "o\\nne")),
    ]) {
      const known = digests.size;
      change();
      digests.add(run().manifest?.digest);
      equal(digests.size, known + 1, String(change));
    }
    notEqual(run().manifest, undefined);
  });

  it("takes an empty volume", () => {
    deepEqual([run().manifest?.files, run().manifest?.bytes], [0, 0]);
  });

  it("runs the probe's own command first, each word as it is", () => {
    write("one", "text");
    equal(run(["sh", "-c", '[ "$1" = "a  b" ] && [ -e "$VOLUME/one" ]', "sh", "a  b"]).code, 0);
    const refused = run(["sh", "-c", "echo one is wrong; exit 3"]);
    deepEqual(refused, {
      code: PROBE_EXIT.refused,
      output: "one is wrong\nthe probe ended with exit code 3\n",
      manifest: undefined,
    });
  });

  it("does not blame the volume for a command that is not there or was ended", () => {
    for (const [command, exit] of [
      [["no-such-command"], 127],
      [["sh", "-c", "kill -9 $$"], 137],
    ] as const) {
      const { code, output } = run(command);
      equal(code, PROBE_EXIT.notRun);
      match(output, new RegExp(`^the probe could not run to its end: exit code ${exit}$`, "m"));
    }
  });

  it("says so when something cannot be read", () => {
    write("one", "text");
    const tools = join(root, "tools");
    fs.mkdirSync(tools);
    fs.writeFileSync(
      join(tools, "sha256sum"),
      "#!/bin/sh\necho './one: Input/output error' >&2; exit 1\n",
      { mode: 0o755 },
    );
    const { code, output, manifest } = run([], { PATH: `${tools}:${process.env.PATH ?? ""}` });
    deepEqual(
      { code, output, manifest },
      {
        code: PROBE_EXIT.unreadable,
        output: "not everything can be read\n./one: Input/output error\n",
        manifest: undefined,
      },
    );
    equal(run([], { VOLUME: join(root, "none") }).code, PROBE_EXIT.unreadable);
  });
});
