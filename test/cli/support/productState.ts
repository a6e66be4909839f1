import { PRODUCT_NAMESPACE } from "../../../lab/product/parts";
import { contents } from "../../lab/support/objects";
import type { PointLab } from "./pointLab";

/** What taking a point must leave as it was: workloads, claims with their UIDs, and the bytes of every copy. */
export async function productState(lab: PointLab): Promise<unknown> {
  const namespace = PRODUCT_NAMESPACE;
  const [sets, deployments, claims] = await Promise.all([
    lab.cluster.list("apps/v1", "StatefulSet", { namespace }),
    lab.cluster.list("apps/v1", "Deployment", { namespace }),
    lab.cluster.list("v1", "PersistentVolumeClaim", { namespace }),
  ]);
  return {
    workloads: [...sets, ...deployments].map(({ metadata, spec }) => {
      const { replicas, persistentVolumeClaimRetentionPolicy: policy } = spec as {
        readonly replicas: number;
        readonly persistentVolumeClaimRetentionPolicy?: object;
      };
      return [
        metadata.name,
        replicas,
        policy,
        metadata.annotations?.["atom-backup/former-replicas"],
      ];
    }),
    claims: claims.map(({ metadata: { name, uid, labels, deletionTimestamp } }) => ({
      name,
      uid,
      labels,
      deletionTimestamp,
    })),
    bytes: lab
      .replicas()
      .map(({ folder, claim }) => [claim, folder, contents(folder)])
      .sort(),
  };
}
