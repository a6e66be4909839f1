import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";

import { referenceOf } from "../../clients/kubernetes/object";
import { PRODUCT_NAMESPACE } from "../../lab/product/parts";
import { volumeMembers } from "../../planning/pointMembers";
import { inventory } from "../restorepoint/verify/takeRestorePoint";
import type { AtomRun } from "./support/checkout";
import { sharedRollbackCase, type RollbackCase } from "./support/killRollback";
import { gitOps, idleSite, siteDown } from "./support/obstacles";
import type { PointLab } from "./support/pointLab";
import { inventoryMap, liveFolders, liveVolumes, rolledState } from "./support/rolledState";
import { thoroughly } from "../support/thoroughly";

const namespace = PRODUCT_NAMESPACE;
const set = { apiVersion: "apps/v1", kind: "StatefulSet", namespace, name: "inventory" };

describe("a rollback among things that stand in its way", () => {
  let lab: PointLab;
  let one: RollbackCase;

  sharedRollbackCase("states", (shared, rolled) => {
    lab = shared;
    one = rolled;
  });

  const refusalsOf = ({ stdout }: AtomRun): readonly string[] =>
    (JSON.parse(stdout) as { readonly refusals: readonly string[] }).refusals;

  const roll = (...args: readonly string[]) => lab.checkout.atom(["rollback", "states", ...args]);

  /** Undoes whatever was done, and looks that all is as before and nothing is left. */
  const undone = async (before: Awaited<ReturnType<typeof inventory>>): Promise<void> => {
    await lab.done(["rollback", "states", "--undo"]);
    deepStrictEqual(await rolledState(lab), one.since);
    await lab.done(["rollback", "states", "--purge"]);
    deepStrictEqual(await inventory(lab), before);
  };

  it("keeps claims that whenScaled: Delete would delete, and gives the policy back", async () => {
    const before = await inventory(lab);
    const volumes = await liveVolumes(lab);
    const policy = async (whenScaled: "Delete" | "Retain"): Promise<void> => {
      await lab.cluster.modify(set, "test", (live) => ({
        ...live,
        spec: {
          ...(live["spec"] as object),
          persistentVolumeClaimRetentionPolicy: { whenScaled, whenDeleted: "Retain" },
        },
      }));
    };
    await policy("Delete");
    try {
      const changed = await rolledState(lab);
      equal((await roll()).status, 0);
      deepStrictEqual(await rolledState(lab), one.then);
      await lab.done(["rollback", "--undo"]);
      deepStrictEqual(await rolledState(lab), changed);
    } finally {
      await policy("Retain");
    }
    deepStrictEqual(await liveVolumes(lab), volumes);
    await lab.done(["rollback", "states", "--purge"]);
    deepStrictEqual(await inventory(lab), before);
  });

  thoroughly(
    "stops nothing while a volume cannot be restored, says why, and goes on once it can",
    async () => {
      const before = await inventory(lab);
      const refuse = { code: "InvalidArgument", message: "no pool has room" };
      lab.faults([{ method: "CreateVolume", action: { refuse } }]);
      const run = await roll();
      lab.faults([]);
      equal(run.status, 1, run.stderr);
      match(run.stderr, /Not restored: .*no pool has room.*Nothing was stopped/);
      deepStrictEqual(await rolledState(lab), one.since);
      const other = await lab.create("meanwhile", { consistency: "crash" });
      equal(other.status, 1, other.stderr);
      match(other.stderr, /A rollback to states was begun/);
      // An undo leads to what the product was when it was stopped, and not when the rollback was begun.
      const data = async (since: string): Promise<void> => {
        await lab.cluster.modify(inventoryMap, "test", (live) => ({ ...live, data: { since } }));
      };
      await data("the failed run");
      const later = await rolledState(lab);
      equal((await roll()).status, 0);
      deepStrictEqual(await rolledState(lab), one.then);
      await lab.done(["rollback", "states", "--undo"]);
      deepStrictEqual(await rolledState(lab), later);
      await data(one.name);
      deepStrictEqual(await rolledState(lab), one.since);
      await lab.done(["rollback", "states", "--purge"]);
      deepStrictEqual(await inventory(lab), before);
    },
  );

  thoroughly(
    "says which pod does not die, and goes on although a claim was deleted meanwhile",
    async () => {
      const before = await inventory(lab);
      const pod = { apiVersion: "v1", kind: "Pod", namespace, name: "inventory-0" };
      const finalizers = async (names: readonly string[]): Promise<void> => {
        await lab.cluster.modify(pod, "test", (live) => ({
          ...live,
          metadata: { ...live.metadata, finalizers: names },
        }));
      };
      await finalizers(["test.atom.example/stays"]);
      const run = await roll("--timeout", "20");
      await finalizers([]);
      equal(run.status, 1, run.stderr);
      match(run.stderr, /did not stop within 20 s: .*pods? atom\/inventory-0/);
      match(run.stderr, /The rollback stopped at: STOPS the product/);
      const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace };
      await lab.cluster.delete({ ...claim, name: "data-inventory-1" }, undefined);
      equal((await roll()).status, 0);
      deepStrictEqual(await rolledState(lab), one.then);
      await undone(before);
    },
  );

  thoroughly(
    "is not started again by GitOps, which stays paused until the source says the release",
    async () => {
      const before = await inventory(lab);
      const argo = await gitOps(lab, "inventory", 2);
      try {
        const run = await roll();
        equal(run.status, 0, run.stderr);
        match(run.stderr, /Application default\/product stays paused/);
        equal(await argo.isPaused(), true);
        deepStrictEqual(await rolledState(lab), one.then);
        await lab.done(["rollback", "states", "--undo"]);
        equal(await argo.isPaused(), false);
        equal(argo.setBack(), 0);
      } finally {
        await argo.end();
      }
      deepStrictEqual(await rolledState(lab), one.since);
      await lab.done(["rollback", "states", "--purge"]);
      deepStrictEqual(await inventory(lab), before);
    },
  );

  thoroughly("restores without a site that is down, but only where that is wanted", async () => {
    const before = await inventory(lab);
    const site = await idleSite(lab, "inventory");
    const mend = await siteDown(lab, site);
    try {
      const preview = await roll("--preview", "--json");
      equal(preview.status, 1, preview.stderr);
      match(refusalsOf(preview)[0] ?? "", /^Nodes are down: .*Give --degraded/);
      equal((await roll()).status, 1);
      const run = await roll("--degraded");
      equal(run.status, 0, run.stderr);
      deepStrictEqual(await rolledState(lab), one.then);
      const folders = [...(await liveFolders(lab))].flatMap(([claim, copies]) =>
        claim.startsWith("data-inventory") ? copies : [],
      );
      deepStrictEqual(
        [folders.length, folders.filter((folder) => folder.includes(`atom-${site}-`))],
        [4, []],
      );
    } finally {
      await mend();
    }
    await undone(before);
  });

  it("refuses a bare pod, a volume that a lost node holds, and too little room, already in the preview", async () => {
    const [volume] = [...(await liveVolumes(lab)).entries()].flatMap(([claim, { name }]) =>
      claim === "data-inventory-0" ? [name] : [],
    );
    const attachment = {
      apiVersion: "storage.k8s.io/v1",
      kind: "VolumeAttachment",
      metadata: { name: "test-lost-node" },
      spec: {
        attacher: "other.example",
        nodeName: "lost",
        source: { persistentVolumeName: volume },
      },
    };
    const bare = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { namespace, name: "bare" },
      spec: {
        // Never scheduled.
        nodeSelector: { none: "such" },
        containers: [{ name: "shell", image: "lab.example/shell:1" }],
        volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data-inventory-0" } }],
      },
    };
    // As the provisioner writes it for a driver that tells its capacity.
    const room = {
      apiVersion: "storage.k8s.io/v1",
      kind: "CSIStorageCapacity",
      metadata: { namespace: "default", name: "test-room" },
      storageClassName: "atom-replicated",
      capacity: "3Gi",
    };
    const before = await inventory(lab);
    for (const object of [attachment, bare, room]) {
      await lab.cluster.create(object, "test");
    }
    try {
      const run = await roll("--preview", "--json");
      equal(run.status, 1, run.stderr);
      const refusals = refusalsOf(run);
      equal(refusals.length, 3);
      match(refusals[0] ?? "", /Pod atom\/bare of Pod\/bare holds data-inventory-0/);
      match(refusals[1] ?? "", /is attached to node lost/);
      match(refusals[2] ?? "", /need 4294967296 bytes .* has 3221225472/);
      equal((await roll()).status, 1);
    } finally {
      for (const object of [attachment, bare, room]) {
        await lab.cluster.delete(referenceOf(object), undefined);
      }
    }
    deepStrictEqual(await inventory(lab), before);
  });

  thoroughly(
    "restores by its handle what nothing leads to any more, and binds it again",
    async () => {
      const before = await inventory(lab);
      const [member] = volumeMembers((await lab.point("states")) ?? { members: [] });
      ok(member !== undefined);
      const at = { apiVersion: "snapshot.storage.k8s.io/v1" };
      await lab.cluster.delete(
        { ...at, kind: "VolumeSnapshot", namespace, name: member.snapshot },
        undefined,
      );
      const preview = await lab.done(["rollback", "states", "--preview", "--json"]);
      const { steps } = JSON.parse(preview.stdout) as {
        readonly steps: readonly { readonly kind: string; readonly objects: readonly string[] }[];
      };
      deepStrictEqual(steps.find(({ kind }) => kind === "bind")?.objects, [
        `${namespace}/${member.snapshot}: ${member.handle}`,
      ]);
      equal((await roll()).status, 0);
      deepStrictEqual(await rolledState(lab), one.then);
      await lab.done(["rollback", "--undo"]);
      await lab.done(["rollback", "states", "--purge"]);
      const { VolumeSnapshotContent: contents, ...others } = before;
      const { VolumeSnapshotContent: left, ...rest } = await inventory(lab);
      deepStrictEqual(rest, others);
      equal(left?.length, contents?.length);
      await lab.done(["restore-point", "verify", "states"]);
    },
  );

  it("finds out that a snapshot is lost before anything stops", async () => {
    const [member] = volumeMembers((await lab.point("states")) ?? { members: [] });
    ok(member !== undefined);
    rmSync(join(lab.storage, "snapshots", `${member.handle}.json`));
    const run = await roll();
    equal(run.status, 1, run.stderr);
    match(run.stderr, /Not restored: volume atom\/data-inventory-0: .*Nothing was stopped/);
    deepStrictEqual(await rolledState(lab), one.since);
    await lab.done(["rollback", "states", "--undo"]);
    await lab.done(["rollback", "states", "--purge"]);
  });
});
