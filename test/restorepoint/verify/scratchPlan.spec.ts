import { deepEqual } from "node:assert/strict";

import type { ClusterObject } from "../../../clients/kubernetes/object";
import {
  claimObject,
  contentObject,
  snapshotObject,
} from "../../../restorepoint/verify/scratchObjects";
import {
  planScratch,
  type ScratchPlan,
  type ScratchSources,
} from "../../../restorepoint/verify/scratchPlan";
import { lineage as lineageOf, volumeMember } from "../../support/points";
import { labSite } from "./takeRestorePoint";

const DRIVER = "lab.csi.atom.example";
const member = volumeMember("pre-24.2", "data-db-0", { bytes: 1000 });

function storageClass(name: string, provisioner: string): ClusterObject {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name },
    provisioner,
    volumeBindingMode: "WaitForFirstConsumer",
  };
}

const lineage = lineageOf("data-db-0", {
  className: "former",
  capacity: "4Ki",
  accessModes: ["ReadWriteMany"],
});

const content: ClusterObject = {
  apiVersion: "snapshot.storage.k8s.io/v1",
  kind: "VolumeSnapshotContent",
  metadata: {
    name: member.content,
    annotations: {
      "snapshot.storage.kubernetes.io/deletion-secret-name": "driver",
      "snapshot.storage.kubernetes.io/deletion-secret-namespace": "storage",
      "snapshot.storage.kubernetes.io/volumesnapshot-being-deleted": "yes",
    },
  },
  spec: { driver: DRIVER, sourceVolumeMode: "Filesystem" },
};

const sources: ScratchSources = {
  site: labSite(),
  point: "pre-24.2",
  lineage: [lineage],
  content,
  classes: [storageClass("former", DRIVER), storageClass("atom-replicated", DRIVER)],
  snapshotClassIsThere: true,
};

function planned(change: Partial<ScratchSources> = {}, bytes = member.bytes): ScratchPlan {
  const plan = planScratch({ ...member, bytes }, { ...sources, ...change });
  if ("unknown" in plan) {
    throw new Error(plan.unknown);
  }
  return plan;
}

describe("the plan of a scratch restore", () => {
  const longhorn = { ...labSite(), backend: "longhorn" as const };

  it("takes the original's class, size and access, and the secrets of its content alone", () => {
    const { className, bytes, accessModes, annotations, waitsForPod, driver } = planned();
    deepEqual(
      { className, bytes, accessModes, annotations, waitsForPod, driver },
      {
        className: "former",
        bytes: 4096,
        accessModes: ["ReadWriteMany"],
        annotations: {
          "snapshot.storage.kubernetes.io/deletion-secret-name": "driver",
          "snapshot.storage.kubernetes.io/deletion-secret-namespace": "storage",
        },
        waitsForPod: true,
        driver: DRIVER,
      },
    );
  });

  const sizes: readonly (readonly [string, number, number])[] = [
    ["the original's where the driver takes more", planned().bytes, 4096],
    ["the snapshot's where that is more", planned({}, 5000).bytes, 5000],
    [
      "the snapshot's alone where the driver takes no other",
      planned({ site: longhorn }).bytes,
      1000,
    ],
    ["the original's where the driver says none", planned({ site: longhorn }, 0).bytes, 4096],
  ];
  for (const [title, found, expected] of sizes) {
    it(`has as size ${title}`, () => deepEqual(found, expected));
  }

  it("takes the site's class where the original's is gone or of another driver", () => {
    for (const classes of [
      [storageClass("atom-replicated", DRIVER)],
      [storageClass("former", "other.example"), storageClass("atom-replicated", DRIVER)],
    ]) {
      deepEqual(planned({ classes }).className, "atom-replicated");
    }
  });

  it("knows a volume by its UID: another one under the same claim says nothing", () => {
    const other = { ...lineage, uid: "0b1c2d3e-0000-4000-8000-00000000ffff" };
    const { className, accessModes, bytes } = planned({ lineage: [other] });
    deepEqual([className, accessModes, bytes], ["atom-replicated", ["ReadWriteOnce"], 1000]);
  });

  it("says what is missing", () => {
    deepEqual(planScratch(member, { ...sources, classes: [] }), {
      unknown: `there is no StorageClass former or atom-replicated of the driver ${DRIVER} to restore it with; run ./atom up`,
    });
    deepEqual(planScratch({ ...member, bytes: 0 }, { ...sources, lineage: [] }), {
      unknown: "neither the driver nor the catalog says how large the volume is",
    });
  });

  it("makes a retained content of the recorded handle, its snapshot, and a claim of it", () => {
    const plan = planned({ snapshotClassIsThere: false });
    const { name, labels, annotations } = plan;
    deepEqual(contentObject(plan), {
      apiVersion: "snapshot.storage.k8s.io/v1",
      kind: "VolumeSnapshotContent",
      metadata: { name, labels, annotations },
      spec: {
        deletionPolicy: "Retain",
        driver: DRIVER,
        source: { snapshotHandle: member.handle },
        sourceVolumeMode: "Filesystem",
        volumeSnapshotClassName: undefined,
        volumeSnapshotRef: { name, namespace: "atom-backup" },
      },
    });
    deepEqual(snapshotObject(plan)["spec"], {
      volumeSnapshotClassName: undefined,
      source: { volumeSnapshotContentName: name },
    });
    deepEqual(claimObject(plan, undefined), {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name, namespace: "atom-backup", labels, annotations: {} },
      spec: {
        accessModes: ["ReadWriteMany"],
        storageClassName: "former",
        volumeMode: "Filesystem",
        dataSource: { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name },
        resources: { requests: { storage: "4096" } },
      },
    });
    deepEqual(labels, {
      "app.kubernetes.io/managed-by": "atom-backup",
      "app.kubernetes.io/part-of": "atom",
      "atom-backup/stack": "lab",
      "atom-backup/restore-point": "pre-24.2",
      "atom-backup/verify": "pre-24.2",
    });
  });
});
