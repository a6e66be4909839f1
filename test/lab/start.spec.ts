import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { labDown } from "../../lab/down";
import { LabError } from "../../lab/error";
import { readLabRecord } from "../../lab/record";
import { labStatus } from "../../lab/status";
import { labUp } from "../../lab/up";
import { silentReporter } from "../support/silentReporter";
import { recordingReporter } from "./support/recordingReporter";
import { removeTemporary, temporary } from "./support/temporary";

// Programs that only say something and end stand in for the real ones, which end like that on a sick machine.
describe("a service that does not come up", () => {
  afterEach(removeTemporary);

  async function startWith(
    script: string,
  ): Promise<{ root: string; error: Error; said: string[] }> {
    const bin = temporary();
    fs.writeFileSync(path.join(bin, "vcenter"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const root = temporary();
    const reporter = recordingReporter();
    const start = labUp({ root, reporter, need: ["vcenter"], env: { ATOM_LAB_BIN: bin } });
    const error = await start.then(
      () => assert.fail("it came up"),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof LabError);
    return { root, error, said: reporter.said };
  }

  it("is named with the end of its log, without stacks and older lines", async () => {
    const { root, error, said } = await startWith(
      `i=0; while [ $i -lt 20 ]; do i=$((i+1)); echo "line $i"; done; echo "panic: no way"; echo; echo "goroutine 1 [running]:"; echo "main.main()"; exit 2`,
    );
    const log = `${root}/.lab/logs/vcenter.log`;
    const lines = [14, 15, 16, 17, 18, 19, 20].map((number) => `line ${number}\n`).join("");
    assert.equal(
      error.message,
      `vcenter ended right after its start. Its log, ${log}, ends with:\n${lines}panic: no way`,
    );
    assert.deepEqual(said, ["stopped"]);
    assert.equal(readLabRecord(root)?.settled, false);
  });

  it("for want of disk says so", async () => {
    const { error } = await startWith(`echo "open wal: no space left on device" >&2; exit 1`);
    assert.match(
      error.message,
      /^vcenter ended right after its start because the disk is full; free some space\. /,
    );
  });

  it("because its port was taken after all gets others, and gives up after some tries", async () => {
    const listens = path.join(temporary(), "listens");
    const { error } = await startWith(
      `echo "$2" >> ${listens}; echo "bind: address already in use" >&2; exit 1`,
    );
    assert.match(error.message, /^vcenter needs port \d+ of 127\.0\.0\.1, which /);
    const tried = fs.readFileSync(listens, "utf8").trimEnd().split("\n");
    assert.equal(tried.length, 5);
    assert.equal(new Set(tried).size, 5);
  });

  it("leaves a lab that status calls stopped and down erases", async () => {
    const { root } = await startWith("exit 1");
    const status = await labStatus(root);
    assert.equal(status.running, false);
    assert.equal(status.lines.at(-1), "./atom lab up starts what does not run.");
    await labDown({ root, reporter: silentReporter });
    assert.deepEqual(fs.readdirSync(root), []);
  });
});

describe("a first start on a machine that lacks something", () => {
  afterEach(removeTemporary);

  it("names it at once and leaves nothing behind", async () => {
    const root = temporary();
    const env = { XDG_CACHE_HOME: temporary(), PATH: temporary() };
    await assert.rejects(
      labUp({ root, reporter: silentReporter, env }),
      new LabError(
        "Go 1.26 or later is needed once to build the lab, and it was not found. Install it and put it on PATH, or set ATOM_LAB_BIN to a folder with ready binaries.",
      ),
    );
    assert.deepEqual(fs.readdirSync(root), []);
    assert.deepEqual(fs.readdirSync(env.XDG_CACHE_HOME), []);
  });
});

describe("where there is no lab", () => {
  afterEach(removeTemporary);

  it("status says how to get one, and down does nothing", async () => {
    const root = temporary();
    assert.deepEqual(await labStatus(root), {
      running: false,
      services: [],
      lines: ["There is no lab in this checkout. ./atom lab up starts one."],
    });
    await labDown({ root, reporter: silentReporter });
    assert.deepEqual(fs.readdirSync(root), []);
  });
});

describe("the end of a lab with its cache", () => {
  afterEach(removeTemporary);

  it("erases the binaries too, and Go's read-only folders, but nothing beside them", async () => {
    const cache = temporary();
    const modules = path.join(cache, "atom-backup", "go", "path", "pkg", "mod", "example@v1");
    fs.mkdirSync(modules, { recursive: true });
    fs.writeFileSync(path.join(modules, "file.go"), "");
    fs.chmodSync(modules, 0o555);
    fs.writeFileSync(path.join(cache, "other"), "");
    const env = { XDG_CACHE_HOME: cache };
    await labDown({ root: temporary(), reporter: silentReporter, env });
    assert.deepEqual(fs.readdirSync(cache).sort(), ["atom-backup", "other"]);
    await labDown({ root: temporary(), reporter: silentReporter, env, cache: true });
    assert.deepEqual(fs.readdirSync(cache), ["other"]);
  });
});
