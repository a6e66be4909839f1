import { deepStrictEqual, equal } from "node:assert/strict";

import { listByAge } from "../../../site/down/volumes";
import { storageClass } from "../../drift/fixtures";
import type { LabSystems } from "../../support/labSystems";
import { sharedLab } from "../../support/sharedLab";

const claimReference = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  namespace: "default",
  name: "data-0",
};
const volumeReference = { apiVersion: "v1", kind: "PersistentVolume", name: "pv-data-0" };

describe("the volumes of a class", () => {
  let lab: LabSystems;

  before(async () => {
    lab = await sharedLab();
  });

  afterEach(async () => {
    await lab.cluster.delete(claimReference, undefined);
    await lab.cluster.delete(volumeReference, undefined);
    await lab.clear();
  });

  /** A claim and its volume, as a driver would have made them of the class. */
  async function bindVolume(): Promise<void> {
    const spec = {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "atom-replicated",
    };
    await lab.cluster.create(
      {
        apiVersion: "v1",
        kind: "PersistentVolume",
        metadata: { name: "pv-data-0" },
        spec: {
          ...spec,
          capacity: { storage: "1Gi" },
          persistentVolumeReclaimPolicy: "Retain",
          claimRef: { namespace: "default", name: "data-0" },
          csi: { driver: "lab.csi.atom.example", volumeHandle: "v-0" },
        },
      },
      "driver",
    );
    await lab.cluster.create(
      {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: "data-0", namespace: "default" },
        spec: { ...spec, volumeName: "pv-data-0", resources: { requests: { storage: "1Gi" } } },
      },
      "driver",
    );
    for (let tries = 0; tries < 100; tries += 1) {
      const claim = await lab.cluster.get(claimReference);
      if ((claim?.["status"] as { phase?: string } | undefined)?.phase === "Bound") {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("the claim was not bound");
  }

  it("keeps claim and volume of a replaced class, and lists them as made before it", async () => {
    await lab.make([storageClass()]);
    await bindVolume();
    const uids = async (): Promise<(string | undefined)[]> => [
      (await lab.cluster.get(claimReference))?.metadata.uid,
      (await lab.cluster.get(volumeReference))?.metadata.uid,
    ];
    const before = await uids();
    const volume = await lab.cluster.get(volumeReference);
    // The API server's times are whole seconds, and the volume has to be older than the new class.
    while (Date.now() < Date.parse(volume?.metadata.creationTimestamp ?? "") + 1000) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    // As the engine replaces it.
    await lab.clear();
    await lab.make([storageClass({ parameters: { replicas: "3" } })]);
    deepStrictEqual(await uids(), before);
    const claim = await lab.cluster.get(claimReference);
    equal((claim?.["status"] as { phase?: string } | undefined)?.phase, "Bound");
    const since = (
      await lab.cluster.get({
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        name: "atom-replicated",
      })
    )?.metadata.creationTimestamp;
    deepStrictEqual(await listByAge(lab.cluster, ["atom-replicated"]), [
      {
        volume: "pv-data-0",
        uid: before[1],
        claim: "default/data-0",
        className: "atom-replicated",
        capacity: "1Gi",
        createdAt: volume?.metadata.creationTimestamp,
        made: "former",
        note: `Made before the present atom-replicated (of ${since ?? ""}): it keeps the copies it was made with.`,
      },
    ]);
  });
});
