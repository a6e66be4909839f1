import { deepStrictEqual, equal, match } from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { field, type ClusterObject, type ObjectReference } from "../../clients/kubernetes/object";
import { inventory } from "../restorepoint/verify/takeRestorePoint";
import { onPointLab, type PointLab } from "./support/pointLab";

const STORAGE = "storage.k8s.io/v1";

// What every member would fail by is said once, before anything is made.
describe("verifying where nothing can be restored", () => {
  let lab: PointLab;

  onPointLab({ points: ["roomless"] }, (shared) => (lab = shared));

  async function refused(said: RegExp): Promise<void> {
    const before = await inventory(lab);
    const { status, stdout, stderr } = await lab.restorePoint("verify", "roomless");
    equal(status, 1, stdout);
    const lines = stderr.split("\n").filter((line) => line.includes("Nothing can be restored"));
    equal(lines.length, 1, stderr);
    match(lines[0] ?? "", said);
    deepStrictEqual(await inventory(lab), before);
    deepStrictEqual((await lab.point("roomless"))?.verifications, []);
  }

  /** Without the server's fields, so that it can be made again. */
  const plain = ({ metadata, ...object }: ClusterObject): ClusterObject => {
    const { name, namespace, labels, annotations } = metadata;
    return { ...object, metadata: { name, namespace, labels, annotations } } as ClusterObject;
  };

  it("names a quota that is used up", async () => {
    const metadata = { name: "full", namespace: "atom-backup" };
    const quota = {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata,
      spec: { hard: { persistentvolumeclaims: "0" } },
    };
    await lab.cluster.create(quota, "test");
    const { apiVersion, kind } = quota;
    const reference: ObjectReference = { apiVersion, kind, ...metadata };
    try {
      const isInForce = async (): Promise<boolean> => {
        const live = await lab.cluster.get(reference);
        return live !== undefined && field(live, "status", "used") !== undefined;
      };
      while (!(await isInForce())) {
        await pause(100);
      }
      await refused(/exceeded quota: full.*mend that in namespace atom-backup/);
    } finally {
      await lab.cluster.delete(reference, undefined);
    }
  });

  it("names a driver that no StorageClass is of", async () => {
    const classes = await lab.cluster.list(STORAGE, "StorageClass");
    const own = classes.filter((one) => one["provisioner"] === "lab.csi.atom.example");
    for (const { apiVersion, kind, metadata } of own) {
      await lab.cluster.delete({ apiVersion, kind, name: metadata.name }, undefined);
    }
    try {
      await refused(/the cluster has no StorageClass of the driver lab\.csi\.atom\.example/);
    } finally {
      for (const one of own) {
        await lab.cluster.create(plain(one), "pulumi-kubernetes");
      }
    }
  });

  it("names a driver that no node has", async () => {
    const nodes = await lab.cluster.list(STORAGE, "CSINode");
    const set = async (of: (node: ClusterObject) => unknown): Promise<void> => {
      for (const node of nodes) {
        const { apiVersion, kind, metadata } = node;
        await lab.cluster.modify({ apiVersion, kind, name: metadata.name }, "test", (live) => ({
          ...live,
          spec: of(node),
        }));
      }
    };
    await set(() => ({ drivers: [] }));
    try {
      await refused(/no node has the driver lab\.csi\.atom\.example/);
    } finally {
      await set((node) => node["spec"]);
    }
  });
});
