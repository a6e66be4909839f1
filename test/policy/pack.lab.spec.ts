import { deepEqual, equal, notEqual } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import type { Registration } from "../../engine/program/desiredState";
import { runProgram } from "../../engine/program/runProgram";
import { ensureBinaries } from "../../lab/build";
import { projectDir } from "../../lab/paths";
import { planSite } from "../../planning";
import type { Waiver } from "../../planning/site";
import { judgeDeclared, RULES, waive } from "../../site/preflight/rules/judge";
import { defaultAnnotation, member, snapshotClass, storageClass } from "../drift/fixtures";
import { silentReporter } from "../support/silentReporter";
import { siteOf } from "../support/sites";
import { thoroughly } from "../support/thoroughly";

/** Registers what a file lists. No provider asks a live system: one writes manifests into a folder, one only previews. */
const PROGRAM = `
const fs = require("node:fs");
const { Provider } = require("@pulumi/kubernetes/provider");
const { CustomResource } = require("@pulumi/pulumi");
const vsphere = require("@pulumi/vsphere");
const { apiTimeout, resources } = JSON.parse(fs.readFileSync(__dirname + "/declared.json", "utf8"));
const cluster = new Provider("cluster", { renderYamlToDirectory: __dirname + "/out" });
const vcenter = new vsphere.Provider("vcenter", { vsphereServer: "127.0.0.1", user: "a", password: "b", apiTimeout });
for (const { type, name, inputs, deleteBeforeReplace } of resources) {
  const provider = type.startsWith("vsphere:") ? vcenter : cluster;
  new CustomResource(type, name, inputs, { provider, deleteBeforeReplace });
}
`;

/** What somebody answers for in the stack's configuration. */
const WAIVERS: readonly Waiver[] = [
  {
    rule: "reclaim-policy",
    subject: "StorageClass waived",
    who: "Ada Lovelace",
    why: "scratch data only",
    until: "2126-01-31T00:00:00Z",
  },
];

/** What the program registers. */
interface Declared {
  /** Minutes; of the vSphere provider. */
  readonly apiTimeout: number;
  readonly resources: readonly Registration[];
}

type Change = Parameters<typeof storageClass>[0];

function other(name: string, change: Change, options: Partial<Registration> = {}): Registration {
  return { ...storageClass({ metadata: { name }, ...change }, options), name };
}

const SOUND: Declared = {
  apiTimeout: 30,
  resources: [
    storageClass(),
    snapshotClass(),
    member("a1"),
    other("waived", { reclaimPolicy: "Delete" }),
  ],
};

/** Beside what is as it should be, what breaks each rule. */
const BROKEN: Declared = {
  apiTimeout: 5,
  resources: [
    ...SOUND.resources,
    other("second", { metadata: { name: "second", annotations: { [defaultAnnotation]: "true" } } }),
    other("one-copy", { parameters: {} }),
    other("number", { parameters: { replicas: 2 } }),
    other("two-keys", {
      parameters: { replicas: "2", fsType: "ext4", "csi.storage.k8s.io/fstype": "ext4" },
    }),
    other("confined", {
      volumeBindingMode: "Immediate",
      allowedTopologies: [{ matchLabelExpressions: [{ key: "zone", values: ["a"] }] }],
    }),
    other("fleeting", { reclaimPolicy: "Delete" }, { deleteBeforeReplace: false }),
    other("degraded", {
      provisioner: "driver.longhorn.io",
      parameters: { numberOfReplicas: "2" },
    }),
    {
      ...snapshotClass({ metadata: { name: "foreign" }, driver: "elsewhere.example" }),
      name: "foreign",
    },
    {
      ...member("b1"),
      inputs: { ...member("b1").inputs, memory: true, quiesce: true, removeChildren: true },
    },
  ],
};

interface EngineEvent {
  readonly policyEvent?: { readonly policyName: string; readonly message: string };
}

describe("the rules on what is declared, as a policy pack of the engine", () => {
  const root = mkdtempSync(join(tmpdir(), "atom-policy-test-"));
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...{ PULUMI_CONFIG_PASSPHRASE: "test", PULUMI_HOME: join(root, ".home") },
    // Without it the CLI has no --event-log.
    PULUMI_DEBUG_COMMANDS: "true",
  };
  const program = join(root, "program.js");

  before(async () => {
    const options = { project: projectDir(), env: process.env, reporter: silentReporter };
    const { dirs } = await ensureBinaries({ ...options, need: ["engine"] });
    env["PATH"] = `${dirs.engine}${delimiter}${process.env["PATH"] ?? ""}`;
    mkdirSync(join(root, "state"));
    symlinkSync(join(projectDir(), "node_modules"), join(root, "node_modules"));
    writeFileSync(program, PROGRAM);
    writeFileSync(
      join(root, "Pulumi.yaml"),
      "name: policy-test\nruntime:\n  name: nodejs\n  options:\n    typescript: false\nmain: program.js\n" +
        `backend:\n  url: file://${join(root, "state")}\n`,
    );
    equal(pulumi("stack", "init", "lab").status, 0);
    const waivers = JSON.stringify(WAIVERS);
    equal(pulumi("config", "set", "--stack", "lab", "atom-backup:waivers", waivers).status, 0);
  });

  after(() => rmSync(root, { recursive: true, force: true }));

  function pulumi(...args: readonly string[]) {
    return spawnSync("pulumi", [...args, "--non-interactive"], {
      cwd: root,
      env,
      encoding: "utf8",
    });
  }

  /** As `preflight` and `preview --offline` do it: the program in this process, and no CLI. */
  async function withoutEngine(): Promise<readonly string[]> {
    const load = createRequire(program);
    const { registrations } = await runProgram({
      ...{ project: "policy-test", stack: "lab", config: {}, secretKeys: [] },
      program: () => {
        delete load.cache[program];
        return load(program);
      },
    });
    const site = siteOf({ waivers: WAIVERS });
    return waive(judgeDeclared(planSite(site), registrations), site, new Date())
      .filter(({ severity, waiver }) => severity === "error" && waiver === undefined)
      .map(({ check, object, message }) => `${check}: ${object}: ${message}`)
      .sort();
  }

  /** What the engine says, by its own events, and its exit code. */
  function byEngine(): readonly [number | null, readonly string[]] {
    const log = join(root, "events.json");
    const pack = join(projectDir(), "policy");
    rmSync(log, { force: true });
    const run = pulumi("preview", "--stack", "lab", "--policy-pack", pack, "--event-log", log);
    const events = readFileSync(log, "utf8")
      .split("\n")
      .filter((line) => line !== "");
    const found = events
      .flatMap((line) => (JSON.parse(line) as EngineEvent).policyEvent ?? [])
      .map(({ policyName, message }) => `${policyName}: ${message.trim().split("\n").at(-1)}`);
    return [run.status, found.sort()];
  }

  const declare = (declared: Declared): void =>
    writeFileSync(join(root, "declared.json"), JSON.stringify(declared));

  thoroughly("let pass what is as it should be", async () => {
    declare(SOUND);
    deepEqual(await withoutEngine(), []);
    deepEqual(byEngine(), [0, []]);
  });

  it("find, each of them, the same as without an engine, and stop the preview", async () => {
    declare(BROKEN);
    const expected = await withoutEngine();
    const [status, found] = byEngine();
    deepEqual(found, expected);
    notEqual(status, 0);
    deepEqual(
      [...new Set(found.map((line) => line.split(":")[0]))].sort(),
      RULES.flatMap(({ id, declared }) => (declared === undefined ? [] : [id])).sort(),
    );
  });
});
