import assert from "node:assert/strict";
import type { LabApi } from "../../../lab/api";
import { planSite } from "../../../planning";
import type { Site } from "../../../planning/site";

/** Group version of the VolumeGroupSnapshots of the lab. */
export const GROUP_API = "groupsnapshot.storage.k8s.io/v1";

/** The classes that the stack plans, as an administrator would apply them. */
export async function applyClasses(api: LabApi, site: Site): Promise<void> {
  const plan = planSite(site);
  for (const { spec, provisioner, parameters, volumeBindingMode } of plan.classes) {
    const { name, reclaimPolicy, expansion: allowVolumeExpansion } = spec;
    const annotations = { "storageclass.kubernetes.io/is-default-class": String(spec.default) };
    await api.apply(
      `/apis/storage.k8s.io/v1/storageclasses/${name}`,
      JSON.stringify({
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name, annotations },
        provisioner,
        parameters,
        reclaimPolicy,
        allowVolumeExpansion,
        volumeBindingMode,
      }),
    );
  }
  const { snapshotClass } = plan;
  assert.ok(snapshotClass !== undefined);
  for (const [apiVersion, kind, plural] of [
    ["snapshot.storage.k8s.io/v1", "VolumeSnapshotClass", "volumesnapshotclasses"],
    [GROUP_API, "VolumeGroupSnapshotClass", "volumegroupsnapshotclasses"],
  ] as const) {
    const { name, driver, deletionPolicy } = snapshotClass;
    await api.apply(
      `/apis/${apiVersion}/${plural}/${name}`,
      JSON.stringify({ apiVersion, kind, metadata: { name }, driver, deletionPolicy }),
    );
  }
}
