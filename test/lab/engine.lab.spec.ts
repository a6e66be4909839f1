import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import type { LabApi } from "../../lab/api";
import { LAB_VCENTER_PASSWORD } from "../../lab/credentials";
import { labPaths, projectDir } from "../../lab/paths";
import type { LabRecord } from "../../lab/record";
import { prepareLabStack } from "../../lab/stack";
import { pulumiVersion } from "../../lab/versions";
import { apiOf } from "./support/cluster";
import { erase, up } from "./support/labs";
import { PlainPulumi, type PulumiRun } from "./support/plainPulumi";
import { temporary } from "./support/temporary";

const CLASS = "/apis/storage.k8s.io/v1/storageclasses/atom-replicated";

describe("the lab's engine", () => {
  const root = temporary();
  let record: LabRecord;
  let pulumi: PlainPulumi;

  const run = (...args: string[]): Promise<PulumiRun> =>
    pulumi.run([...args, "--config-file", labPaths(root).stackFile]);
  const noChanges = (): Promise<PulumiRun> => run("preview", "--refresh", "--expect-no-changes");
  const api = <T>(work: (api: LabApi) => Promise<T>): Promise<T> => apiOf(root, record, work);
  /** That of the class; undefined if there is no class. */
  const reclaimPolicy = async (): Promise<string | undefined> => {
    const { text } = await api((labApi) => labApi.get(CLASS));
    return (JSON.parse(text) as { reclaimPolicy?: string }).reclaimPolicy;
  };

  before(async () => {
    // The program with its sources, as the engine runs it in a checkout.
    const left = ["node_modules", "dist", "test", "docs", "bench"];
    for (const name of fs.readdirSync(projectDir())) {
      if (!name.startsWith(".") && !left.includes(name)) {
        fs.cpSync(path.join(projectDir(), name), path.join(root, name), { recursive: true });
      }
    }
    record = await up(root, ["cluster", "vcenter"]);
    await prepareLabStack(root, record);
    pulumi = await PlainPulumi.init(root, "lab", { root, record });
  });

  after(() => erase(root));

  it("is the CLI of the pinned version", async () => {
    const { output } = await pulumi.version();
    assert.equal(output.trim(), pulumiVersion(projectDir()));
  });

  it("deploys the program in TypeScript, and a refreshing preview sees no change then", async () => {
    const { status, output } = await run("up", "--yes", "--skip-preview", "--debug");
    assert.equal(status, 0, output);
    assert.equal(await reclaimPolicy(), "Retain");
    assert.ok(!`${output}${await pulumi.state()}`.includes(LAB_VCENTER_PASSWORD));
    const again = await noChanges();
    assert.equal(again.status, 0, again.output);
  });

  it("notices a class that was deleted by hand, and makes it again", async () => {
    await api((labApi) => labApi.delete(CLASS));
    const drift = await noChanges();
    assert.notEqual(drift.status, 0);
    assert.match(drift.output, /StorageClass storage-atom-replicated create/);
    const { status, output } = await run("up", "--yes", "--skip-preview", "--refresh");
    assert.equal(status, 0, output);
    assert.equal(await reclaimPolicy(), "Retain");
  });

  it("replaces the class where a field cannot be updated", async () => {
    const { stackFile } = labPaths(root);
    const text = fs.readFileSync(stackFile, "utf8");
    assert.equal(text.split("reclaimPolicy: Retain").length, 2);
    fs.writeFileSync(stackFile, text.replace("reclaimPolicy: Retain", "reclaimPolicy: Delete"));
    const { status, output } = await run("up", "--yes");
    assert.equal(status, 0, output);
    assert.match(output, /StorageClass storage-atom-replicated replaced/);
    assert.equal(await reclaimPolicy(), "Delete");
  });

  it("destroys what it deployed", async () => {
    const { status, output } = await run("destroy", "--yes", "--skip-preview");
    assert.equal(status, 0, output);
    assert.equal(await reclaimPolicy(), undefined);
  });
});
