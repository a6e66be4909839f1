import { labels } from "./names";
import type { Companion, SnapshotClassPlan } from "./plan";
import type { Rule } from "./problem";
import type { Site, VeleroBackup } from "./site";

/** Group and version of Velero's objects. */
export const VELERO_API = "velero.io/v1";
/** Name of our BackupStorageLocation and of our Schedule; backups are called `<schedule>-<time>`. */
export const VELERO_NAME = "atom-backup";
/** Name of the DaemonSet that moves the volumes' data; Velero knows it by no other. */
export const NODE_AGENT = "node-agent";

/**
 * What is declared for Velero: where backups go, the class of the snapshots that data is read from, and when. None of it is
 * a default of Velero or of the driver, so that whatever else uses Velero is left alone.
 *
 * @param snapshots class of the driver's snapshots; undefined where it has none
 */
export function planVelero(
  { stack, product, nodeBackups: { velero } }: Site,
  snapshots: SnapshotClassPlan | undefined,
): readonly Companion[] {
  if (velero === undefined || snapshots === undefined) {
    return [];
  }
  const { namespace, cron, timeZone, keepDays } = velero;
  const metadata = { name: VELERO_NAME, namespace, labels: labels(stack) };
  const template = {
    includedNamespaces: product.namespaces,
    storageLocation: VELERO_NAME,
    snapshotVolumes: true,
    snapshotMoveData: true,
    defaultVolumesToFsBackup: false,
    ttl: `${keepDays * 24}h0m0s`,
  };
  const { driver, deletionPolicy, parameters } = snapshots;
  return [
    {
      key: "velero-location",
      object: {
        apiVersion: VELERO_API,
        kind: "BackupStorageLocation",
        metadata,
        spec: locationOf(velero, stack),
      },
      hold: "own",
      protect: true,
      why: "Without its location Velero knows none of its backups.",
    },
    {
      key: "velero-class",
      object: {
        apiVersion: "snapshot.storage.k8s.io/v1",
        kind: "VolumeSnapshotClass",
        metadata: {
          name: "atom-velero",
          labels: { ...labels(stack), "velero.io/csi-volumesnapshot-class": "true" },
        },
        driver,
        deletionPolicy,
        parameters,
      },
      hold: "own",
      protect: false,
      why: "Velero takes the snapshots that it reads from in the class with this label.",
    },
    {
      key: "velero-schedule",
      object: {
        apiVersion: VELERO_API,
        kind: "Schedule",
        metadata,
        spec: {
          schedule: `CRON_TZ=${timeZone} ${cron}`,
          // A backup outlives the schedule that made it.
          useOwnerReferencesInBackup: false,
          template,
        },
      },
      hold: "own",
      protect: false,
      why: "Velero takes the backups itself, whether or not this program runs.",
    },
  ];
}

function locationOf(velero: VeleroBackup, stack: string): object {
  const { provider, bucket, prefix = stack, endpoint, caCertificate, credential } = velero;
  // Without the name of a region the plugin asks Amazon for it.
  const store = { s3Url: endpoint ?? "", s3ForcePathStyle: "true", region: "us-east-1" };
  return {
    provider,
    objectStorage: {
      bucket,
      prefix,
      ...(caCertificate === undefined
        ? {}
        : { caCert: Buffer.from(caCertificate).toString("base64") }),
    },
    config: { ...(endpoint === undefined ? {} : store), ...velero.config },
    ...(credential === undefined ? {} : { credential }),
  };
}

/** Host of the object store, in small letters; undefined where the plugin knows it by itself. */
export function storeHost({ endpoint, config }: VeleroBackup): string | undefined {
  const address = config["s3Url"] ?? endpoint;
  return address !== undefined && URL.canParse(address) ? new URL(address).hostname : undefined;
}

/** Names that only a cluster's own DNS knows. */
const CLUSTER_NAME = /^[^.:]+$|\.svc$|\.svc\.|\.cluster\.local$/;

/** What a backup by Velero needs beyond the form of its keys. */
export function veleroRules(
  { backend, nodeBackups: { velero } }: Site,
  hasSnapshots: boolean,
): readonly Rule[] {
  if (velero === undefined) {
    return [];
  }
  const at = "nodeBackups.velero";
  const host = storeHost(velero);
  return [
    [
      host !== undefined && host !== "localhost" && CLUSTER_NAME.test(host),
      velero.config["s3Url"] === undefined ? `${at}.endpoint` : `${at}.config.s3Url`,
      `${host} is a name inside this cluster, and backups have to outlive it`,
      "an object store outside of the cluster, such as https://s3.example.com",
    ],
    [
      velero.endpoint !== undefined && !/^(velero\.io\/)?aws$/.test(velero.provider),
      `${at}.endpoint`,
      `the plugin ${velero.provider} has a word of its own for it`,
      "with another plugin than aws, the address in nodeBackups.velero.config",
    ],
    [
      !hasSnapshots,
      at,
      `${backend} as described has no snapshots, and Velero reads the volumes' data from them`,
      "a driver with snapshots; or leave nodeBackups.velero out",
    ],
  ];
}
