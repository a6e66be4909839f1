import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { EngineDeployment } from "../../engine/deployment";
import type { StateDocument } from "../../engine/stateDocument";
import { silentReporter } from "../../clients/reporter";
import { desired, step } from "./desired";
import { FakePulumi } from "./fakePulumi";
import type { Answer, Call } from "./fakePulumi";
import {
  classUrn,
  takenState,
  failedUp,
  lockedError,
  memberUrn,
  notFoundDigest,
  providersOnly,
  replaceDigest,
  unchangedDigest,
} from "./observed";

const unchanged = [step("same", classUrn, "atom-replicated")];
const replaced = [step("replace", classUrn, "atom-replicated")];
const lost = [...unchanged, step("forget", memberUrn("atom-a-1"), "snapshot-93")];

const password = "canary-of-the-vcenter";
const env = {
  PATH: process.env["PATH"],
  PULUMI_CONFIG_PASSPHRASE: "passphrase-canary",
  VSPHERE_PASSWORD: password,
  PULUMI_BACKEND_URL: "file:///operators/state",
  PULUMI_EXPERIMENTAL: "true",
  PULUMI_STACK: "other",
};

describe("a deployment through the Pulumi CLI", () => {
  let folder: string;
  let configFile: string;
  let fake: FakePulumi | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "atom-deploy-"));
    configFile = join(folder, "Pulumi.lab.yaml");
    await writeFile(configFile, "config: {}\n");
  });
  afterEach(async () => {
    await fake?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  async function engine(answers: readonly Answer[]): Promise<EngineDeployment> {
    fake = await FakePulumi.make(answers);
    const { executable } = fake;
    const reporter = silentReporter;
    return new EngineDeployment({ executable, folder, stack: "lab", env, reporter });
  }

  const calls = async (): Promise<readonly Call[]> => (await fake?.calls()) ?? [];
  const commands = async (): Promise<readonly string[]> => (await fake?.commands()) ?? [];

  it("loads what the state records, and nothing where there is no stack", async () => {
    const there = await engine([exported(takenState)]);
    strictEqual((await there.load(configFile)).resources.length, 3);
    await fake?.remove();
    const none = await engine([{ args: ["stack", "export"], exitCode: 6, stderr: "no stack" }]);
    deepStrictEqual(await none.load(configFile), { way: "pulumi", resources: [] });
  });

  it("checks on the operator's own state where nothing has to be repaired", async () => {
    const deployment = await engine([exported(takenState), previewed(replaceDigest)]);
    deepStrictEqual(await deployment.check(configFile, { desired, steps: replaced }), []);
    deepStrictEqual(await commands(), ["stack export", "preview"]);
    const [, preview] = await calls();
    deepStrictEqual(preview?.args, [
      "preview",
      ...["--stack", "lab", "--config-file", configFile, "--suppress-progress"],
      ...["--refresh", "--run-program", "--json", "--non-interactive"],
    ]);
    strictEqual(preview.env["PULUMI_BACKEND_URL"], "file:///operators/state");
    strictEqual(preview.env["PULUMI_SKIP_UPDATE_CHECK"], "true");
    strictEqual(preview.env["PULUMI_EXPERIMENTAL"], undefined);
    strictEqual(preview.env["PULUMI_STACK"], undefined);
  });

  it("tells what the engine would do beyond the steps", async () => {
    const deployment = await engine([exported(takenState), previewed(replaceDigest)]);
    const lines = await deployment.check(configFile, { desired, steps: unchanged });
    strictEqual(lines.length, 1);
    ok(lines[0]?.startsWith("pulumi also: replace StorageClass storage-atom-replicated"));
  });

  it("checks a repair on a copy of the state, with a copy of the stack file", async () => {
    const deployment = await engine([
      exported(takenState),
      { args: ["stack", "export"], exitCode: 6 },
      exported(takenState),
      { args: ["stack", "init"] },
      { args: ["stack", "import"] },
      previewed(unchangedDigest),
    ]);
    await deployment.check(configFile, { desired, steps: lost });
    deepStrictEqual(await commands(), [
      ...["stack export", "stack export", "stack init", "stack import", "stack export"],
      ...["stack import", "preview"],
    ]);
    const [first, ...others] = await calls();
    strictEqual(first?.env["PULUMI_BACKEND_URL"], "file:///operators/state");
    const [shadow, ...more] = new Set(others.map((call) => call.env["PULUMI_BACKEND_URL"]));
    ok(shadow !== undefined && shadow !== "file:///operators/state" && more.length === 0);
    ok(others.filter(({ args }) => args[1] === "init").every((call) => call.folder !== folder));
    const repaired = others.filter(({ args }) => args[1] === "import").at(-1)?.input ?? "";
    ok(repaired.includes(memberUrn("atom-a-2")) && !repaired.includes(memberUrn("atom-a-1")));
    strictEqual(await readFile(configFile, "utf8"), "config: {}\n");
  });

  it("repairs, previews and then deploys by the plan of that very preview", async () => {
    const deployment = await engine([
      exported(takenState),
      previewed(replaceDigest),
      { args: ["up"], stdout: "Updating (lab):\n" },
    ]);
    await deployment.check(configFile, { desired, steps: replaced });
    await deployment.apply(configFile, { desired, steps: replaced });
    deepStrictEqual((await commands()).slice(-2), ["preview", "up"]);
    const [preview, up] = (await calls()).slice(-2);
    const plan = preview?.args[preview.args.indexOf("--save-plan") + 1];
    ok(plan !== undefined);
    strictEqual(up?.args[up.args.indexOf("--plan") + 1], plan);
    ok(up.args.includes("--skip-preview") && up.args.includes("--yes"));
  });

  it("deploys nothing when the engine would now do something else than was shown", async () => {
    const deployment = await engine([
      exported(takenState),
      previewed(unchangedDigest),
      previewed(replaceDigest),
    ]);
    await deployment.check(configFile, { desired, steps: replaced });
    await rejects(deployment.apply(configFile, { desired, steps: replaced }), {
      kind: "failed",
      message: /Nothing was deployed; run the command again\. It would:[^]*replace StorageClass/,
    });
    ok(!(await commands()).includes("up"));
  });

  it("does not compare what it takes back with what was shown for the cut", async () => {
    const deployment = await engine([
      exported(takenState),
      previewed(replaceDigest),
      previewed(unchangedDigest),
      { args: ["stack", "import"] },
      { args: ["up"] },
    ]);
    await deployment.check(configFile, { desired, steps: replaced });
    await deployment.apply(configFile, { desired, steps: lost });
    const imported = (await calls()).find(({ args }) => args[1] === "import")?.input ?? "";
    ok(!imported.includes(memberUrn("atom-a-1")));
    strictEqual((await commands()).at(-1), "up");
  });

  it("deploys nothing beyond steps that nothing was shown for", async () => {
    const deployment = await engine([
      exported(takenState),
      previewed(unchangedDigest),
      previewed(replaceDigest),
      { args: ["stack", "import"] },
    ]);
    await deployment.check(configFile, { desired, steps: unchanged });
    await rejects(deployment.apply(configFile, { desired, steps: lost }), {
      kind: "failed",
      message: /Nothing was deployed; run the command again\. It would:[^]*replace StorageClass/,
    });
    ok(!(await commands()).includes("up"));
  });

  it("makes the providers first where a lost state has none", async () => {
    const empty = { ...takenState, deployment: { ...takenState.deployment, resources: [] } };
    const deployment = await engine([
      exported(empty),
      exported(empty),
      exported(empty),
      exported(providersOnly),
      { args: ["stack", "import"] },
      { args: ["up"] },
      previewed(unchangedDigest),
    ]);
    const steps = [step("adopt", memberUrn("atom-a-1"), "snapshot-93")];
    await deployment.apply(configFile, { desired, steps });
    const ups = (await calls()).filter(({ args }) => args[0] === "up");
    strictEqual(ups.length, 2);
    ok(ups[0]?.args.join(" ").includes("--target urn:pulumi:lab::atom-backup::pulumi:providers:"));
    ok(!ups[1]?.args.includes("--target"));
    const imported = (await calls()).find(({ args }) => args[1] === "import")?.input ?? "";
    ok(imported.includes('"id":"snapshot-93"'));
  });

  it("says what the engine said when it fails", async () => {
    const preview = { args: ["preview"], exitCode: 1, stdout: notFoundDigest };
    const deployment = await engine([
      exported(takenState),
      preview,
      previewed(unchangedDigest),
      { args: ["up"], exitCode: 1, stdout: failedUp },
    ]);
    await rejects(deployment.check(configFile, { desired, steps: unchanged }), {
      message: /snapshot "snapshot-99" not found/,
    });
    await rejects(deployment.apply(configFile, { desired, steps: unchanged }), {
      message: /pulumi up ended with exit code 1\.[^]*deletion failed: context canceled/,
    });
  });

  it("does not break another run's lock", async () => {
    const locked = { args: ["stack", "import"], exitCode: 1, stderr: lockedError };
    const deployment = await engine([exported(takenState), locked]);
    await rejects(deployment.apply(configFile, { desired, steps: lost }), { kind: "locked" });
    ok(!(await commands()).includes("cancel"));
  });

  it("interrupts the engine when the watch knows that it waits in vain, and gives the watch's reason", async () => {
    const deployment = await engine([
      exported(takenState),
      previewed(replaceDigest),
      { args: ["up"], untilInterrupted: true },
    ]);
    const look = async (): Promise<string> => {
      while (!(await commands()).includes("up")) {
        await pause(20);
      }
      return "VolumeSnapshot atom/x: The storage driver reports NotFound: no volume.";
    };
    await rejects(deployment.apply(configFile, { desired, steps: replaced }, { look }), {
      kind: "failed",
      message: "VolumeSnapshot atom/x: The storage driver reports NotFound: no volume.",
    });
  });

  it("ends the watch with the deployment", async () => {
    const deployment = await engine([
      exported(takenState),
      previewed(replaceDigest),
      { args: ["up"], exitCode: 0 },
    ]);
    let ended = false;
    const look = (signal: AbortSignal): Promise<undefined> =>
      new Promise((resolve) =>
        signal.addEventListener("abort", () => {
          ended = true;
          resolve(undefined);
        }),
      );
    await deployment.apply(configFile, { desired, steps: replaced }, { look });
    ok(ended);
  });

  it("passes no secret as an argument", async () => {
    const deployment = await engine([
      exported(takenState),
      previewed(replaceDigest),
      { args: ["up"] },
    ]);
    await deployment.check(configFile, { desired, steps: replaced });
    await deployment.apply(configFile, { desired, steps: replaced });
    const args = JSON.stringify((await calls()).map((call) => call.args));
    ok(!args.includes(password) && !args.includes("passphrase-canary"));
    ok(!/"(-c|--config|--show-secrets)"/.test(args));
  });
});

function exported(document: StateDocument): Answer {
  return { args: ["stack", "export"], stdout: JSON.stringify(document) };
}

function previewed(stdout: string): Answer {
  return { args: ["preview"], stdout };
}
