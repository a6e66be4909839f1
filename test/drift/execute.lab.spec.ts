import { deepStrictEqual, equal, match, notEqual, rejects } from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";

import type { ClusterObject } from "../../clients/kubernetes/object";
import type { DesiredState } from "../../engine/program/desiredState";
import { takenPoints } from "../../drift/takenMembers";
import { dryRunHooks } from "../../drift/hooks";
import type { Step } from "../../drift/types";
import { labels } from "../../planning/names";
import type { RestorePointFile } from "../../planning/site";
import type { LabSystems } from "../support/labSystems";
import { labUuid } from "../support/labSystems";
import { sharedLab } from "../support/sharedLab";
import {
  configMapPatch,
  desiredOf,
  hook,
  member,
  point,
  pointMember,
  snapshotClass,
  stack,
  storageClass,
} from "./fixtures";

const nodes = ["atom-a-1", "atom-b-1", "atom-c-1"] as const;
const members = nodes.map((node) => member(node, { uuid: labUuid(node) }));
const classReference = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  name: "atom-replicated",
};
const snapshotReference = {
  apiVersion: "snapshot.storage.k8s.io/v1",
  kind: "VolumeSnapshotClass",
  name: "atom-snapshots",
};
const both = desiredOf([storageClass(), snapshotClass(), ...members]);
const watch = { timeoutMs: 60_000 };

const kinds = (steps: readonly Step[]): string[] => steps.map(({ kind }) => kind);

/** What is declared of an object and what every API server adds alike, without its own writings. */
function declaredPart(object: ClusterObject | undefined): unknown {
  const { metadata, ...rest } = object ?? { metadata: { name: "" } };
  const { name, labels: marks, annotations } = metadata;
  return { ...rest, metadata: { name, labels: marks, annotations } };
}

// What this cannot show: the real vSphere provider and the real engine, which test/operations/engine is about.
describe("deploying into the lab", () => {
  let lab: LabSystems;

  before(async () => {
    lab = await sharedLab();
  });

  afterEach(() => lab.clear([classReference, snapshotReference]));

  it("creates what is declared, exactly, and then has nothing to do", async () => {
    deepStrictEqual(kinds(await lab.deploy(both, [point()])), Array(5).fill("create"));
    deepStrictEqual(declaredPart(await lab.cluster.get(classReference)), {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: {
        name: "atom-replicated",
        labels: labels(stack),
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      provisioner: "lab.csi.atom.example",
      parameters: { replicas: "2", spreadKey: "topology.kubernetes.io/zone", maxPerDomain: "1" },
      reclaimPolicy: "Retain",
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
    });
    deepStrictEqual(declaredPart(await lab.cluster.get(snapshotReference)), {
      apiVersion: "snapshot.storage.k8s.io/v1",
      kind: "VolumeSnapshotClass",
      metadata: { name: "atom-snapshots", labels: labels(stack), annotations: undefined },
      driver: "lab.csi.atom.example",
      deletionPolicy: "Retain",
    });
    deepStrictEqual(
      (await lab.snapshots()).map(({ name, description }) => [name, description]),
      members.map(({ inputs }) => [inputs["snapshotName"], inputs["description"]]),
    );
    deepStrictEqual(kinds(await lab.deploy(both, [point()])), Array(5).fill("same"));
    equal((await lab.snapshots()).length, 3);
  });

  it("names the manager that the real engine's provider uses", async () => {
    await lab.deploy(desiredOf([storageClass()]));
    const live = await lab.cluster.get(classReference);
    const managers = live?.metadata["managedFields"] as readonly {
      readonly manager: string;
      readonly operation: string;
    }[];
    deepStrictEqual(
      managers.map(({ manager, operation }) => [manager, operation]),
      [["pulumi-kubernetes", "Update"]],
    );
  });

  for (const [what, change] of [
    [
      "factor",
      {
        parameters: { replicas: "3", spreadKey: "topology.kubernetes.io/zone", maxPerDomain: "1" },
      },
    ],
    ["reclaim policy", { reclaimPolicy: "Delete" }],
  ] as const) {
    it(`replaces the class for a changed ${what} and a second deployment does nothing`, async () => {
      await lab.deploy(desiredOf([storageClass()]));
      const before = await lab.cluster.get(classReference);
      const changed = desiredOf([storageClass(change)]);
      deepStrictEqual(kinds(await lab.deploy(changed)), ["replace"]);
      const after = await lab.cluster.get(classReference);
      notEqual(after?.metadata.uid, before?.metadata.uid);
      deepStrictEqual(after?.[Object.keys(change)[0] ?? ""], Object.values(change)[0]);
      deepStrictEqual(kinds(await lab.plan(changed)), ["same"]);
    });
  }

  it("changes in place what may be changed, and leaves what others added", async () => {
    await lab.deploy(desiredOf([storageClass({ mountOptions: ["discard"] })]));
    await lab.cluster.modify(classReference, "kubectl-edit", (live) => ({
      ...live,
      allowVolumeExpansion: false,
      metadata: { ...live.metadata, labels: { ...live.metadata.labels, theirs: "yes" } },
    }));
    const steps = await lab.deploy(desiredOf([storageClass()]));
    deepStrictEqual(
      steps.map(({ kind, changes }) => [kind, changes.map(({ path }) => path)]),
      [["update", ["allowVolumeExpansion", "mountOptions"]]],
    );
    const live = await lab.cluster.get(classReference);
    deepStrictEqual(
      [live?.["allowVolumeExpansion"], live?.["mountOptions"], live?.metadata.labels?.["theirs"]],
      [true, undefined, "yes"],
    );
  });

  it("heals a class that was deleted by hand", async () => {
    const desired = desiredOf([storageClass()]);
    await lab.deploy(desired);
    await lab.cluster.delete(classReference, undefined);
    deepStrictEqual(kinds(await lab.deploy(desired)), ["create"]);
    deepStrictEqual(kinds(await lab.plan(desired)), ["same"]);
  });

  it("deletes what is not declared any more, but no snapshot", async () => {
    await lab.deploy(both, [point()]);
    const steps = await lab.plan(desiredOf([storageClass()]), []);
    deepStrictEqual(kinds(steps), ["same", "refuse", "refuse", "refuse", "delete"]);
    await rejects(lab.execute(desiredOf([storageClass()]), steps), {
      name: "DeployError",
      message:
        "Nothing was changed: VM snapshot atom.lab.pre-24.1 of atom-c-1: It was cut for a restore point whose file is " +
        "missing here; a cut snapshot is never removed because a file is. Bring the file back from version control and " +
        "list the point again; if it is to end, the command removes it then.",
    });
    equal((await lab.snapshots()).length, 3);
  });

  it("sets and gives up fields of somebody else's object", async () => {
    const reference = {
      apiVersion: "v1",
      kind: "ConfigMap",
      name: "settings",
      namespace: "default",
    };
    const theirs = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "settings", namespace: "default" },
    };
    await lab.cluster.create({ ...theirs, data: { mode: "off", other: "1" } }, "them");
    deepStrictEqual(kinds(await lab.deploy(desiredOf([configMapPatch()]))), ["update"]);
    deepStrictEqual((await lab.cluster.get(reference))?.["data"], { mode: "on", other: "1" });
    deepStrictEqual(kinds(await lab.deploy(desiredOf([configMapPatch()]))), ["same"]);
    deepStrictEqual(kinds(await lab.deploy(desiredOf([]))), ["delete"]);
    deepStrictEqual((await lab.cluster.get(reference))?.["data"], { other: "1" });
    await lab.cluster.delete(reference, undefined);
  });

  it("takes over everything after the record was lost, and cuts nothing", async () => {
    await lab.deploy(both, [point()]);
    const before = await lab.snapshots();
    for (const file of ["state.json", "state.json.bak", "state.journal"]) {
      rmSync(join(lab.labDir, file), { force: true });
    }
    deepStrictEqual(kinds(await lab.deploy(both, [point()])), Array(5).fill("adopt"));
    deepStrictEqual(await lab.snapshots(), before);
    deepStrictEqual(kinds(await lab.plan(both, [point()])), Array(5).fill("same"));
  });

  describe("a cut snapshot", () => {
    /** Deploys, and gives the point's file as it is after the cut. */
    async function taken(desired: DesiredState): Promise<RestorePointFile> {
      await lab.deploy(desired, [point()]);
      const [complete] = takenPoints(desired, lab.store().load(), [point()]);
      return point({
        state: "ready",
        takenAt: "2026-11-23T12:00:00Z",
        members: complete?.members ?? [],
      });
    }

    for (const others of [false, true]) {
      it(`is not cut again after it was removed by hand ${others ? "while others remain" : "alone"}`, async () => {
        const file = await taken(both);
        const vm = await lab.vm("atom-a-1");
        if (others) {
          const request = { name: "nightly", description: "", memory: false, quiesce: false };
          await lab.vcenter.createSnapshot(vm.reference, request, watch);
        }
        await lab.vcenter.removeSnapshot(vm.snapshots[0]?.reference ?? "", watch);
        const before = await lab.snapshots();
        const steps = await lab.plan(both, [file]);
        deepStrictEqual(kinds(steps), ["same", "same", "refuse", "same", "same"]);
        await rejects(lab.execute(both, steps), { name: "DeployError" });
        // An emptied record changes nothing about it.
        const store = lab.store();
        store.drop(members[0]?.urn ?? "");
        deepStrictEqual(kinds(await lab.plan(both, [file])), [
          "same",
          "same",
          "refuse",
          "same",
          "same",
        ]);
        deepStrictEqual(await lab.snapshots(), before);
        // Marked lost it is not registered any more, and everything else deploys.
        const [first, ...rest] = file.members;
        const lost = {
          ...file,
          members: [
            { ...(first ?? pointMember("atom-a-1", "")), lost: "2026-11-23T13:00:00Z" },
            ...rest,
          ],
        };
        const without = desiredOf([storageClass(), snapshotClass(), ...members.slice(1)]);
        store.fold();
        deepStrictEqual(kinds(await lab.deploy(without, [lost])), Array(4).fill("same"));
      });
    }
  });

  it("runs the program's hooks, and stops before a cut that they refuse", async () => {
    const calls: string[] = [];
    const [first] = members;
    const declared = {
      ...(first ?? member("atom-a-1")),
      hooks: { beforeCreate: ["once"], afterCreate: ["record"] },
    };
    const refusing = desiredOf(
      [declared],
      [
        hook("once", true, () => {
          throw new Error("was cut and is gone");
        }),
        hook("record", false),
      ],
    );
    const steps = await lab.plan(refusing, [point()]);
    deepStrictEqual(
      (await dryRunHooks(refusing, steps)).map(({ kind, reason }) => [kind, reason]),
      [["refuse", "was cut and is gone"]],
    );
    await rejects(lab.execute(refusing, steps), /was cut and is gone/);
    equal((await lab.snapshots()).length, 0);
    const allowing = desiredOf(
      [declared],
      [hook("once", true), hook("record", false, ({ name, id }) => calls.push(`${name} ${id}`))],
    );
    await lab.deploy(allowing, [point()]);
    const [snapshot] = await lab.snapshots();
    deepStrictEqual(calls, [`pre-24.1-vm-atom-a-1 ${snapshot?.reference ?? ""}`]);
  });

  it("does not cut again by a plan that is older than the cut", async () => {
    const [first] = members;
    const desired = desiredOf([first ?? member("atom-a-1")]);
    const stale = await lab.plan(desired, [point()]);
    await lab.deploy(desired, [point()]);
    const [snapshot] = await lab.snapshots();
    await rejects(lab.execute(desired, stale), {
      name: "DeployError",
      message:
        "VM snapshot atom.lab.pre-24.1 of atom-a-1: It was cut meanwhile by another run " +
        `(${snapshot?.reference ?? ""}). Run the command again to go on from here.`,
    });
    equal((await lab.snapshots()).length, 1);
    deepStrictEqual(kinds(await lab.plan(desired, [point()])), ["same"]);
  });

  it("refuses any target but its lab", async () => {
    const desired = desiredOf([storageClass()]);
    const steps = await lab.plan(desired);
    for (const target of [
      { clusterUid: "other" },
      { caFingerprint: "00" },
      { vcenterInstanceUuid: "other" },
    ]) {
      await rejects(lab.execute(desired, steps, { target }), (error: Error) => {
        equal(error.name, "WrongTargetError");
        match(
          error.message,
          /^This is not the lab of this checkout: its .+ is .+, the lab's is .+\. Nothing was changed/,
        );
        return true;
      });
    }
    equal(await lab.cluster.get(classReference), undefined);
  });

  it("refuses to take over a foreign class", async () => {
    const { metadata, ...rest } = storageClass().inputs as unknown as ClusterObject;
    await lab.cluster.create(
      { ...rest, metadata: { name: metadata.name } } as unknown as ClusterObject,
      "them",
    );
    const steps = await lab.plan(desiredOf([storageClass()]));
    deepStrictEqual(kinds(steps), ["refuse"]);
  });
});
