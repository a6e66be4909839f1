import assert from "node:assert/strict";
import type { ClusterObject } from "../../clients/kubernetes/object";
import { judgeVolumes, type ProductObjects } from "../../restorepoint/productVolumes";
import { lineage } from "../support/points";
import { siteOf } from "../support/sites";

const DRIVER = "lab.csi.atom.example";

function object(kind: string, name: string, rest: object = {}): ClusterObject {
  return { apiVersion: "v1", kind, metadata: { name }, ...rest };
}

function claim(name: string, changes: { phase?: string; deleted?: boolean } = {}): ClusterObject {
  const deletion = changes.deleted === true ? { deletionTimestamp: "2026-11-25T10:00:00Z" } : {};
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace: "atom", uid: `UID-${name}`, ...deletion },
    spec: {
      volumeName: `pv-${name}`,
      storageClassName: "atom-replicated",
      accessModes: ["ReadWriteOnce"],
    },
    status: { phase: changes.phase ?? "Bound" },
  };
}

function volume(name: string, spec: object = {}): ClusterObject {
  const csi = { driver: DRIVER, volumeHandle: `handle-${name}`, fsType: "ext4" };
  return object("PersistentVolume", `pv-${name}`, {
    spec: { capacity: { storage: "2Gi" }, claimRef: { uid: `UID-${name}` }, csi, ...spec },
  });
}

function judge(changes: Partial<ProductObjects>): ReturnType<typeof judgeVolumes> {
  return judgeVolumes(siteOf(), {
    namespaces: [object("Namespace", "atom")],
    claims: [claim("data-0")],
    volumes: [volume("data-0")],
    classes: [object("StorageClass", "atom-replicated", { parameters: { replicas: "2" } })],
    ...changes,
  });
}

describe("the product's volumes", () => {
  it("are what a restore has to know of each, by namespace and name", () => {
    const { covered, uncovered } = judge({
      claims: [claim("data-1"), claim("data-0")],
      volumes: [volume("data-0"), volume("data-1")],
    });
    assert.deepEqual(uncovered, []);
    assert.deepEqual(
      covered.map((one) => one.claim),
      ["data-0", "data-1"],
    );
    const { at: _, ...expected } = lineage("data-0", { uid: "uid-data-0", capacity: "2Gi" });
    assert.deepEqual(covered[0], { ...expected, bytes: 2_147_483_648 });
  });

  it("have no parameters where their class is gone", () => {
    assert.equal(judge({ classes: [] }).covered[0]?.parameters, undefined);
  });

  const reasons: readonly [string, Partial<ProductObjects>, string][] = [
    [
      "a claim that is not bound",
      { claims: [claim("data-0", { phase: "Pending" })] },
      "the claim is Pending, so there is no volume yet",
    ],
    [
      "a claim that lost its volume",
      { claims: [claim("data-0", { phase: "Lost" })], volumes: [] },
      "the claim is Lost, so there is no volume yet",
    ],
    [
      "a claim that is being deleted",
      { claims: [claim("data-0", { deleted: true })] },
      "the claim is being deleted",
    ],
    [
      "a volume of another driver",
      { volumes: [volume("data-0", { csi: { driver: "nfs.example", volumeHandle: "x" } })] },
      "its volume is of the driver nfs.example, the snapshot class is of lab.csi.atom.example",
    ],
    [
      "a volume of no driver",
      { volumes: [volume("data-0", { csi: undefined, hostPath: {} })] },
      "its volume pv-data-0 is no CSI volume",
    ],
    [
      "a volume that belongs to a claim of before",
      { volumes: [volume("data-0", { claimRef: { uid: "UID-of-before" } })] },
      "its volume pv-data-0 belongs to another claim",
    ],
  ];
  for (const [title, live, reason] of reasons) {
    it(`list ${title} as not covered`, () => {
      const { covered, uncovered } = judge(live);
      assert.deepEqual(covered, []);
      assert.deepEqual(uncovered, [{ namespace: "atom", claim: "data-0", reason }]);
    });
  }

  it("list a namespace that is not there", () => {
    assert.deepEqual(judge({ namespaces: [], claims: [] }).uncovered, [
      { namespace: "atom", claim: "*", reason: "there is no such namespace" },
    ]);
  });
});
