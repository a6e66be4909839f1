import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import type { ClusterClient } from "../../clients/kubernetes/client";
import type { ClusterObject, ObjectReference } from "../../clients/kubernetes/object";
import { KILL_VARIABLE } from "../../clients/killPoints";
import { engineStateOfLab } from "../../lab/engineState";
import type { LabSystems } from "../support/labSystems";
import type { AtomRun, Checkout } from "./support/checkout";
import { BoundVolume, sharedDeployedLab } from "./support/deployedLab";
import { thoroughly } from "../support/thoroughly";

const storageClass = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  name: "atom-replicated",
};
const snapshotApi = "snapshot.storage.k8s.io/v1";
const snapshot = {
  apiVersion: snapshotApi,
  kind: "VolumeSnapshot",
  namespace: "default",
  name: "before",
};

interface Document {
  readonly result: string;
  readonly actions: readonly { readonly kind: string; readonly object: string }[];
}

describe("./atom down and ./atom adopt on the lab", () => {
  let checkout: Checkout;
  let systems: LabSystems;
  let cluster: ClusterClient;
  let volume: BoundVolume;

  before(async () => {
    ({ checkout, systems } = await sharedDeployedLab());
    ({ cluster } = systems);
    volume = await BoundVolume.make(cluster, "data");
    // As a restore point would leave it.
    const { apiVersion, kind, ...metadata } = snapshot;
    const spec = {
      volumeSnapshotClassName: "atom-snapshots",
      source: { persistentVolumeClaimName: "data" },
    };
    await cluster.create({ apiVersion, kind, metadata, spec }, "by-hand");
  });

  after(async () => {
    await cluster.delete(snapshot, undefined);
    await volume.remove();
  });

  const succeeds = (...args: string[]): Promise<AtomRun> => checkout.done(args);

  async function vmSnapshots(): Promise<string[]> {
    return (await systems.vcenter.vms())
      .flatMap(({ name, snapshots }) => snapshots.map(({ reference }) => `${name} ${reference}`))
      .sort();
  }

  async function uid(reference: ObjectReference): Promise<string | undefined> {
    return (await cluster.get(reference))?.metadata.uid;
  }

  const dataUids = async () => [...(await volume.uids()), await uid(snapshot)];

  /** Loses the stack's state, as somebody does whose backend was not backed up. */
  function loseState(): void {
    engineStateOfLab(checkout.root).forEach((path) => rmSync(path, { recursive: true }));
  }

  /** Replaces the class by one that another tool applied: without our labels, and changed. */
  async function makeByHand(change: Readonly<Record<string, unknown>>): Promise<ClusterObject> {
    const live = await cluster.get(storageClass);
    assert.ok(live !== undefined);
    const { metadata, ...fields } = live;
    await cluster.delete(storageClass, undefined);
    loseState();
    const { name, annotations = {} } = metadata;
    const made = { ...fields, ...change, metadata: { name, annotations } };
    return cluster.apply(made as unknown as ClusterObject, "other-tool", { force: true });
  }

  function managers({ metadata }: ClusterObject): string[] {
    const entries = metadata["managedFields"] as readonly { manager: string; operation: string }[];
    return entries.map(({ manager, operation }) => `${manager} ${operation}`);
  }

  it("removes the classes, keeps volumes, claims, snapshots and VM snapshots, and lists them", async () => {
    const [data, takes] = [await dataUids(), await vmSnapshots()];
    const run = await succeeds("down");
    assert.match(run.stderr, /3 delete, 6 remove from state/);
    for (const line of [
      "PersistentVolume data (1Gi, class atom-replicated): default/data",
      "VolumeSnapshot default/before of claim default/data",
      "atom.lab.pre-24.1 of atom-c-2 (snapshot-",
      "pre-24.1 (ready), .lab/stacks/restore-points/lab/pre-24.1.yaml",
    ]) {
      assert.ok(run.stderr.includes(line), `${run.stderr}\nlacks: ${line}`);
    }
    assert.equal(await uid(storageClass), undefined);
    const snapshotClass = {
      apiVersion: snapshotApi,
      kind: "VolumeSnapshotClass",
      name: "atom-snapshots",
    };
    assert.equal(await uid(snapshotClass), undefined);
    assert.deepEqual(await dataUids(), data);
    assert.equal(takes.length, 6);
    assert.deepEqual(await vmSnapshots(), takes);
  });

  it("has nothing left to remove when it runs again", async () => {
    const run = await succeeds("down", "--json");
    const { result, actions } = JSON.parse(run.stdout) as Document;
    assert.deepEqual({ result, actions }, { result: "nothing", actions: [] });
    assert.match(run.stderr, /nothing is recorded as deployed/);
  });

  it("lets a later `up` declare the classes again and take over what stayed", async () => {
    const [data, takes] = [await dataUids(), await vmSnapshots()];
    const run = await succeeds("up");
    assert.match(run.stderr, /3 missing, 6 as declared/);
    assert.deepEqual(await vmSnapshots(), takes, "nothing was taken anew");
    assert.deepEqual(await dataUids(), data);
    await succeeds("preview", "--expect-no-changes");
  });

  thoroughly("goes on where it was killed, be it among what stays or among what goes", async () => {
    const takes = await vmSnapshots();
    // After what stays has left the state, and during the CLI's removal of the rest.
    for (const at of ["8", "9"]) {
      const killed = await checkout.atom(["down"], { [KILL_VARIABLE]: at });
      assert.equal(killed.status, null, killed.stderr);
    }
    await succeeds("down");
    assert.equal(await uid(storageClass), undefined);
    assert.deepEqual(await vmSnapshots(), takes);
    await succeeds("up");
    assert.deepEqual(await vmSnapshots(), takes, "nothing was taken anew");
  });

  it("refuses to remove what the state does not know, because it would stay unnoticed", async () => {
    loseState();
    const run = await checkout.atom(["down"]);
    assert.equal(run.status, 1, run.stderr);
    assert.match(run.stderr, /! blocked: StorageClass atom-replicated\n.*\n\s+run: \.\/atom adopt/);
    assert.ok((await uid(storageClass)) !== undefined);
  });

  it("rebuilds a lost state, after which the preview is empty", async () => {
    const [before, takes] = [await cluster.get(storageClass), await vmSnapshots()];
    const run = await succeeds("adopt", "--json");
    const { result, actions } = JSON.parse(run.stdout) as Document;
    assert.equal(result, "adopted");
    assert.deepEqual(
      actions.map(({ kind }) => kind),
      Array<string>(9).fill("import"),
    );
    assert.deepEqual(await cluster.get(storageClass), before, "nothing live was touched");
    assert.deepEqual(await vmSnapshots(), takes);
    await succeeds("preview", "--expect-no-changes");
    assert.match((await succeeds("adopt")).stderr, /There is nothing to take over\./);
  });

  thoroughly(
    "takes over a class made by hand that `up` refuses: labels are put on it, nothing else",
    async () => {
      const made = await makeByHand({});
      const refused = await checkout.atom(["up"]);
      assert.equal(refused.status, 1, refused.stderr);
      assert.match(refused.stderr, /It exists already and is not ours .*\n\s+run: \.\/atom adopt/);
      assert.deepEqual(managers(made), ["other-tool Apply"]);
      assert.deepEqual(await cluster.get(storageClass), made, "nothing was changed");
      await succeeds("adopt");
      const adopted = await cluster.get(storageClass);
      assert.ok(adopted !== undefined);
      const { metadata, ...fields } = adopted;
      const { metadata: before, ...fieldsBefore } = made;
      assert.deepEqual(fields, fieldsBefore);
      assert.equal(metadata.uid, before.uid);
      assert.deepEqual(
        managers(adopted),
        ["pulumi-kubernetes Update"],
        "no later change is a conflict",
      );
      assert.deepEqual(metadata.labels, {
        "app.kubernetes.io/managed-by": "atom-backup",
        "app.kubernetes.io/part-of": "atom",
        "atom-backup/stack": "lab",
      });
      await succeeds("preview", "--expect-no-changes");
    },
  );

  thoroughly(
    "refuses one that differs in what cannot be changed in place, with both values",
    async () => {
      const made = await makeByHand({ reclaimPolicy: "Delete" });
      for (const args of [["adopt"], ["adopt", "--differing"]]) {
        const run = await checkout.atom(args);
        assert.equal(run.status, 1, run.stderr);
        assert.match(run.stderr, /reclaimPolicy: "Delete" -> "Retain"/);
        assert.match(
          run.stderr,
          /reclaimPolicy cannot be changed in place, so that it cannot become/,
        );
      }
      assert.deepEqual(await cluster.get(storageClass), made, "nothing was changed");
    },
  );

  thoroughly("refuses one that differs until it is told that `up` may change it", async () => {
    const made = await makeByHand({ reclaimPolicy: "Retain", allowVolumeExpansion: false });
    const refused = await checkout.atom(["adopt"]);
    assert.equal(refused.status, 1, refused.stderr);
    assert.match(refused.stderr, /allowVolumeExpansion: false -> true\n.*It differs from what/s);
    assert.deepEqual(await cluster.get(storageClass), made, "nothing was changed");
    await succeeds("adopt", "--differing");
    assert.equal((await cluster.get(storageClass))?.["allowVolumeExpansion"], false);
    await succeeds("up");
    const mended = await cluster.get(storageClass);
    assert.equal(mended?.["allowVolumeExpansion"], true);
    assert.equal(mended?.metadata.uid, made.metadata.uid);
  });
});
