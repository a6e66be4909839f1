import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { KILL_VARIABLE } from "../../clients/killPoints";
import { dataPaths, storagePaths } from "../../lab/dataPaths";
import { labStop } from "../../lab/down";
import { LAB_STORAGE_NODES } from "../../lab/inventory";
import { labPaths } from "../../lab/paths";
import { PRODUCT_NAMESPACE } from "../../lab/product/parts";
import { readLabRecord, writeLabRecord, type LabRecord } from "../../lab/record";
import type { PointRecord } from "../../planning/pointRecord";
import type { VmPlan } from "../../restorepoint/rollback/planVms";
import { callsOf, pageOf } from "../docs/support/page";
import { up } from "../lab/support/labs";
import { inventory } from "../restorepoint/verify/takeRestorePoint";
import { silentReporter } from "../support/silentReporter";
import { followProcedure } from "./support/followProcedure";
import { leastRights } from "./support/leastRights";
import { PointLab } from "./support/pointLab";
import { damage, inventoryMap, rolledState } from "./support/rolledState";
import { restoreThreeMembers } from "./support/threeMembers";

/** Bytes of the claims that the point holds. */
const held = (bytes: unknown): readonly unknown[] =>
  Object.entries(bytes as object).filter(([claim]) => claim.startsWith("data-inventory-"));

const BACK = pageOf("how-to/roll-back.md");
const [rebind = [], deploy = [], repair = [], back = []] = callsOf(
  BACK,
  "When the cluster was rebuilt",
  "before",
);
const CONTROL_PLANE = ["atom-a-cp", "atom-b-cp", "atom-c-cp"];
const NODES = [...CONTROL_PLANE, ...LAB_STORAGE_NODES.map(({ name }) => name)];
const namespace = PRODUCT_NAMESPACE;
const brought = { apiVersion: "v1", kind: "ConfigMap", namespace, name: "brought-since" };

describe("a control plane that went back or was rebuilt, over the storage of before", () => {
  let lab: PointLab;
  let then: Awaited<ReturnType<typeof rolledState>>;

  before(async () => {
    lab = await PointLab.up();
    lab.group("never");
    lab.narrow("inventory");
    equal((await lab.create("before", { consistency: "crash" })).status, 0);
    then = await rolledState(lab);
  });

  after(() => lab.down());

  /** Lets the lab's own etcd be what people find on the node that holds the snapshots. */
  const settle = (): void => {
    const paths = labPaths(lab.root);
    const { etcd: dataDir, etcdCertificate, etcdKey } = dataPaths(paths);
    const node = join(storagePaths(paths).hosts, "atom-a-cp");
    const folder = join(lab.root, "etcd-backups");
    mkdirSync(join(node, folder), { recursive: true });
    symlinkSync(join(node, folder), folder);
    for (const file of [etcdCertificate, etcdKey]) {
      cpSync(file, join(node, file));
    }
    const stop = ["etcd", "kube-apiserver"]
      .map((name) => `p=$(cat ${paths.run}/${name}.pid); kill -9 $p; tail --pid=$p -f /dev/null`)
      .join("; ");
    const start = `cd ${lab.root} && ${process.execPath} dist/cli/main.js lab up --data`;
    const keys = { caFile: etcdCertificate, certFile: etcdCertificate, keyFile: etcdKey };
    for (const [key, value] of Object.entries({ folder, dataDir, stop, start, ...keys })) {
      lab.edit(["nodeBackups", "etcd", key], value);
    }
  };

  const running = async (): Promise<readonly string[]> =>
    (await lab.vms())
      .flatMap(({ name, powerState }) => (powerState === "poweredOn" ? [name] : []))
      .sort();

  const roll = (...args: readonly string[]) => lab.checkout.atom(["rollback", "control", ...args]);

  it("waits with its VMs until people have restored etcd by the commands that it shows", async () => {
    settle();
    await lab.fixtures(CONTROL_PLANE.map((vm) => ({ vm, power: "poweredOff" })));
    const how = { consistency: "stopped", virtualMachines: NODES.join(",") } as const;
    // In a process that ends: etcd will hold the lease of it again.
    const taken = await lab.create("control", how, { [KILL_VARIABLE]: "1000000" });
    equal(taken.status, 0, taken.stderr);
    await lab.fixtures([]);
    // No command takes control-plane VMs that run; people may have.
    const journal = await lab.catalog().open((await lab.point("control")) as PointRecord, "test");
    await journal.note("", {}, (record) => ({
      ...record,
      vms: (record.vms ?? []).map((vm) => ({ ...vm, powerState: "poweredOn" })),
    }));
    const before = await inventory(lab);
    await lab.cluster.delete(inventoryMap, undefined);
    const { name } = brought;
    await lab.cluster.create({ ...brought, metadata: { namespace, name } }, "test");
    await damage(lab, "since", "inventory");
    const waiting = await roll("--vms-only");
    equal(waiting.status, 1, waiting.stderr);
    match(waiting.stderr, /etcd is not restored so far: ConfigMap .*control is of another moment/);
    deepStrictEqual(await running(), CONTROL_PLANE);
    const preview = await lab.done(["rollback", "control", "--vms-only", "--preview", "--json"]);
    const { virtualMachines } = JSON.parse(preview.stdout) as { readonly virtualMachines: VmPlan };
    const { procedure = [] } = virtualMachines.etcd ?? {};
    const entries = (await lab.point("control"))?.journal.entries ?? [];
    const noted = new Set(entries.map(({ detail }) => detail.message));
    const commands = procedure.flatMap((step) => step.commands);
    deepStrictEqual(
      commands.filter((command) => !noted.has(command)),
      [],
    );
    await followProcedure(procedure, storagePaths(labPaths(lab.root)).tools);
    const run = await roll("--vms-only");
    equal(run.status, 0, run.stderr);
    deepStrictEqual(await running(), [...NODES].sort());
    ok((await lab.cluster.get(inventoryMap)) !== undefined);
    equal(await lab.cluster.get(brought), undefined);
    const { Job: _, ...rest } = await inventory(lab);
    const { Job: __, ...others } = before;
    deepStrictEqual(rest, others);
  });

  it("has the product of then once the volumes are back, too", async () => {
    const run = await roll();
    equal(run.status, 0, run.stderr);
    deepStrictEqual(await rolledState(lab), then);
    const [preview = [], look = []] = callsOf(BACK, "When etcd has to go back, too", "control");
    match(
      (await lab.done(preview)).stdout,
      /etcdutl snapshot restore \S+ --data-dir \S+ --name lab/,
    );
    const other = await lab.checkout.atom(look);
    equal(other.status, 1, other.stderr);
    match(other.stderr, /is of another moment than the snapshot/);
  });

  it("restores all three members of an etcd by the same commands", () =>
    restoreThreeMembers(lab.root, lab.record));

  it("is refused until the stack is bound to it, by both identities", async () => {
    const { root } = lab;
    const { clusterUid: former } = readLabRecord(root) as LabRecord;
    await labStop({ root, reporter: silentReporter });
    rmSync(dataPaths(labPaths(root)).etcd, { recursive: true });
    writeLabRecord(root, { ...(readLabRecord(root) as LabRecord), clusterUid: undefined });
    const { clusterUid } = await up(root, ["cluster", "vcenter", "data"]);
    await leastRights(root, lab.cluster);
    const refused = await lab.checkout.atom(["up"]);
    equal(refused.status, 1, refused.stderr);
    match(refused.stderr, new RegExp(`pins cluster.clusterUid ${former}.*rebind-cluster`));
    const { stderr } = await lab.done(rebind);
    match(stderr, new RegExp(`is bound to cluster ${clusterUid}`));
    const [move] = ((await lab.point("before"))?.journal.entries ?? []).filter(
      ({ command, event }) => command === "rebind-cluster" && event === "noted",
    );
    deepStrictEqual(move?.detail, { uid: clusterUid, message: `from cluster ${former}` });
    match((await lab.done(["rebind-cluster"])).stderr, /nothing to move/);
  });

  it("gets the points' snapshots back, and by a rollback the bytes", async () => {
    await lab.done(deploy);
    const { stdout } = await lab.done(["restore-point", "list"]);
    match(stdout, /^before +ready, \d members MISSING/m);
    await lab.done(repair);
    const verified = await lab.checkout.atom(["restore-point", "verify", "before"]);
    match(verified.stdout, /volume atom\/data-inventory-0 +proven/);
    // Copies of Secrets are inside the cluster only, and went with it.
    match(verified.stdout, /NOT proven: release objects/);
    await lab.done(back);
    const { objects, bytes } = await rolledState(lab);
    deepStrictEqual(objects, then.objects);
    deepStrictEqual(held(bytes), held(then.bytes));
  });
});
