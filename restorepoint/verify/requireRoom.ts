import type { ClusterClient } from "../../clients/kubernetes/client";
import { isNotFound } from "../../clients/kubernetes/error";
import { field } from "../../clients/kubernetes/object";
import { FIELD_MANAGER } from "../../clients/kubernetes/ownObjects";
import { backendOf } from "../../planning";
import { volumeMembers } from "../../planning/pointMembers";
import type { PointRecord } from "../../planning/pointRecord";
import type { Site } from "../../planning/site";

/**
 * Looks once at what every member would fail by: a namespace that is being deleted, no StorageClass or no node of the
 * driver, a quota that is used up, a right that is missing.
 *
 * @throws Error in one sentence
 */
export async function requireRoom(
  client: ClusterClient,
  site: Site,
  point: Pick<PointRecord, "members">,
): Promise<void> {
  const { namespace } = site.cluster;
  const elsewhere = "or set cluster.namespace to another one";
  const refuse = (why: string, remedy: string): Error =>
    new Error(`Nothing can be restored: ${why}. Nothing was verified: ${remedy}.`);
  const space = await client.get({ apiVersion: "v1", kind: "Namespace", name: namespace });
  const since = space?.metadata.deletionTimestamp;
  if (since !== undefined) {
    const why = `namespace ${namespace} is being deleted since ${since}`;
    throw refuse(why, `wait for its end, ${elsewhere}`);
  }
  const volumes = volumeMembers(point);
  if (volumes.length === 0) {
    return;
  }
  const driver = backendOf(site.backend).provisioner(site.backendOptions);
  const [classes, nodes] = await Promise.all([
    client.list("storage.k8s.io/v1", "StorageClass"),
    client.list("storage.k8s.io/v1", "CSINode"),
  ]);
  const own = classes.find((one) => one["provisioner"] === driver);
  if (own === undefined) {
    const why = `the cluster has no StorageClass of the driver ${driver}`;
    throw refuse(why, `run ./atom up --stack ${site.stack}`);
  }
  const drivers = nodes.flatMap(
    (node) => (field(node, "spec", "drivers") ?? []) as readonly { readonly name: string }[],
  );
  if (!drivers.some(({ name }) => name === driver)) {
    throw refuse(`no node has the driver ${driver}`, "look whether its node plugin runs");
  }
  const storage = String(Math.max(1, ...volumes.map(({ bytes }) => bytes)));
  const claim = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "verify-room", namespace },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: own.metadata.name,
      resources: { requests: { storage } },
    },
  };
  try {
    await client.create(claim, FIELD_MANAGER, { dryRun: true });
  } catch (error) {
    // Without the namespace there is no quota either; it is made with the first object.
    if (!isNotFound(error)) {
      const why = (error as Error).message.replace(/\.$/, "");
      throw refuse(why, `mend that in namespace ${namespace}, ${elsewhere}`);
    }
  }
}
