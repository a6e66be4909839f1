import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import type { LabApi } from "../../lab/api";
import { LAB_VCENTER_PASSWORD } from "../../lab/credentials";
import { readPointFile, setPointState } from "../../config/pointFile";
import { labPaths, projectDir } from "../../lab/paths";
import type { LabRecord } from "../../lab/record";
import { prepareLabStack } from "../../lab/stack";
import { pulumiVersion } from "../../lab/versions";
import { apiOf } from "./support/cluster";
import { LabSystems } from "../support/labSystems";
import { thoroughly } from "../support/thoroughly";
import { erase, up } from "./support/labs";
import { PlainPulumi, type PulumiRun } from "./support/plainPulumi";
import { temporary } from "./support/temporary";

const CLASS = "/apis/storage.k8s.io/v1/storageclasses/atom-replicated";

describe("the lab's engine", () => {
  const root = temporary();
  let record: LabRecord;
  let pulumi: PlainPulumi;
  let systems: LabSystems;
  let pointFile: string;

  const run = (...args: string[]): Promise<PulumiRun> => pulumi.run(args);
  const noChanges = (): Promise<PulumiRun> => run("preview", "--refresh", "--expect-no-changes");
  const api = <T>(work: (api: LabApi) => Promise<T>): Promise<T> => apiOf(root, record, work);
  /** That of the class; undefined if there is no class. */
  const reclaimPolicy = async (): Promise<string | undefined> => {
    const { text } = await api((labApi) => labApi.get(CLASS));
    return (JSON.parse(text) as { reclaimPolicy?: string }).reclaimPolicy;
  };

  before(async () => {
    // The program with its sources, as the engine runs it in a checkout.
    const left = ["node_modules", "test", "docs", "bench"];
    for (const name of fs.readdirSync(projectDir())) {
      if (!name.startsWith(".") && !left.includes(name)) {
        const filter = (from: string): boolean => path.basename(from) !== "test";
        fs.cpSync(path.join(projectDir(), name), path.join(root, name), {
          recursive: true,
          filter,
        });
      }
    }
    record = await up(root, ["cluster", "vcenter"]);
    await prepareLabStack(root, record);
    pulumi = await PlainPulumi.init(root, "lab", { root, record });
    systems = await LabSystems.connect(root, record);
    pointFile = path.join(labPaths(root).restorePoints, "lab", "pre-24.1.yaml");
    setPointState(pointFile, "taking");
  });

  after(async () => {
    await systems.close();
    await erase(root);
  });

  /** References of all VM snapshots. */
  const snapshots = async (): Promise<string[]> =>
    (await systems.snapshots()).map(({ reference }) => reference).sort();

  it("is the CLI of the pinned version", async () => {
    const { output } = await pulumi.version();
    assert.equal(output.trim(), pulumiVersion(projectDir()));
  });

  it("deploys the program in TypeScript, and a refreshing preview sees no change then", async () => {
    const { status, output } = await run("up", "--yes", "--skip-preview", "--debug");
    assert.equal(status, 0, output);
    assert.equal(await reclaimPolicy(), "Retain");
    assert.ok(!`${output}${await pulumi.state()}`.includes(LAB_VCENTER_PASSWORD));
    // The point of VMs that was to be taken is taken, and its file completed.
    const { state, vms } = readPointFile(pointFile);
    assert.equal(state, "ready");
    assert.equal(vms.length, 6);
    assert.deepEqual(vms.map(({ handle }) => handle).sort(), await snapshots());
    const again = await noChanges();
    assert.equal(again.status, 0, again.output);
  });

  it("tells all problems of a site in one message, without a stack trace", async () => {
    const { stackFile } = labPaths(root);
    const text = fs.readFileSync(stackFile, "utf8");
    const broken = text.replace(/replicationFactor: .*/, "replicationFactor: 0");
    fs.writeFileSync(stackFile, broken.replace(/backend: .*/, "backend: linstro"));
    const { status, output } = await run("preview");
    fs.writeFileSync(stackFile, text);
    assert.notEqual(status, 0);
    assert.match(output, /replicationFactor[^]*linstro|linstro[^]*replicationFactor/);
    assert.doesNotMatch(output, /\n\s+at |unhandled exception/);
  });

  it("notices a class that was deleted by hand, and makes it again", async () => {
    // From here on the compiled program, which loads in a third of the time.
    const file = path.join(root, "Pulumi.yaml");
    const text = fs
      .readFileSync(file, "utf8")
      .replace(/typescript: true\n.*tsconfig.*/, "typescript: false");
    fs.writeFileSync(file, `${text}main: dist/index.js\n`);
    await api((labApi) => labApi.delete(CLASS));
    const drift = await noChanges();
    assert.notEqual(drift.status, 0);
    assert.match(drift.output, /StorageClass storage-atom-replicated create/);
    const { status, output } = await run("up", "--yes", "--skip-preview", "--refresh");
    assert.equal(status, 0, output);
    assert.equal(await reclaimPolicy(), "Retain");
  });

  thoroughly("replaces the class where a field cannot be updated", async () => {
    const { stackFile } = labPaths(root);
    const text = fs.readFileSync(stackFile, "utf8");
    assert.equal(text.split("reclaimPolicy: Retain").length, 2);
    fs.writeFileSync(stackFile, text.replace("reclaimPolicy: Retain", "reclaimPolicy: Delete"));
    const { status, output } = await run("up", "--yes");
    assert.equal(status, 0, output);
    assert.match(output, /StorageClass storage-atom-replicated replaced/);
    assert.equal(await reclaimPolicy(), "Delete");
  });

  /** Nothing is taken anew, and the words say when what is gone was taken. */
  async function refusesToTakeAnew(...args: string[]): Promise<void> {
    const before = await snapshots();
    assert.equal(before.length, 5);
    const { status, output } = await run("up", "--yes", ...args);
    assert.notEqual(status, 0);
    assert.match(output, /was taken at \d{4}-.* and is gone/);
    assert.deepEqual(await snapshots(), before);
  }

  it("never takes a VM snapshot anew that a refresh missed", async () => {
    const [gone = ""] = await snapshots();
    await systems.vcenter.removeSnapshot(gone, { timeoutMs: 60_000 });
    await refusesToTakeAnew("--refresh");
  });

  it("destroys what it deployed, but what is protected", async () => {
    const before = await snapshots();
    const { status, output } = await run(
      ...["destroy", "--yes", "--skip-preview", "--exclude-protected"],
    );
    assert.equal(status, 0, output);
    assert.equal(await reclaimPolicy(), undefined);
    assert.deepEqual(await snapshots(), before);
  });

  it("never takes a VM snapshot anew into an emptied state", async () => {
    pulumi.forget();
    await refusesToTakeAnew();
    assert.equal(await reclaimPolicy(), undefined);
  });
});
