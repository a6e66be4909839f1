import type { ClusterClient } from "../clients/kubernetes/client";
import { compareText } from "../planning/words";
import { type ClusterObject, field, fieldText } from "../clients/kubernetes/object";

export const SNAPSHOT_API = "snapshot.storage.k8s.io/v1";

/** Put on a content by the sidecar before it calls the driver, taken off once the call has ended for good. */
const BEING_CREATED = [
  "snapshot.storage.kubernetes.io/volumesnapshot-being-created",
  "groupsnapshot.storage.kubernetes.io/volumegroupsnapshot-being-created",
];

/** A volume's snapshot as the API server has it. */
export interface LiveVolumeSnapshot {
  readonly object: ClusterObject;
  /** Claim that it was taken of; empty where it was bound by hand. */
  readonly claim: string;
  /** Name of its content; empty before it has one. */
  readonly content: string;
  /** Undefined before the controller has said anything. */
  readonly ready: boolean | undefined;
  /** Of the last failure; stays when a later attempt succeeded. */
  readonly error: string | undefined;
  /** RFC 3339, of that failure. */
  readonly errorAt: string | undefined;
}

/** The cluster's side of what the storage holds. */
export interface LiveContent {
  readonly object: ClusterObject;
  readonly name: string;
  /** The driver's own id; empty before it has answered. */
  readonly handle: string;
  /** `namespace/name` of the VolumeSnapshot that it is for. */
  readonly snapshot: string;
  readonly deletionPolicy: string;
  readonly ready: boolean | undefined;
  readonly error: string | undefined;
  readonly errorAt: string | undefined;
  /** Whether the driver's side has said anything. */
  readonly answered: boolean;
  /** Whether the call of the driver is under way: it was made, and neither its end nor its failure was seen. */
  readonly called: boolean;
}

export function volumeSnapshotOf(object: ClusterObject): LiveVolumeSnapshot {
  return {
    object,
    claim: fieldText(object, "spec", "source", "persistentVolumeClaimName"),
    content: fieldText(object, "status", "boundVolumeSnapshotContentName"),
    ...statusOf(object),
  };
}

export function contentOf(object: ClusterObject): LiveContent {
  const given = fieldText(object, "spec", "source", "snapshotHandle");
  return {
    object,
    name: object.metadata.name,
    handle: fieldText(object, "status", "snapshotHandle") || given,
    snapshot: ["namespace", "name"]
      .map((name) => fieldText(object, "spec", "volumeSnapshotRef", name))
      .join("/"),
    deletionPolicy: fieldText(object, "spec", "deletionPolicy"),
    ...statusOf(object),
    answered: Object.keys((object["status"] ?? {}) as object).length > 0,
    called: BEING_CREATED.some((name) => object.metadata.annotations?.[name] !== undefined),
  };
}

function statusOf(object: ClusterObject): Pick<LiveVolumeSnapshot, "ready" | "error" | "errorAt"> {
  const ready = field(object, "status", "readyToUse");
  return {
    ready: typeof ready === "boolean" ? ready : undefined,
    error: fieldText(object, "status", "error", "message") || undefined,
    errorAt: fieldText(object, "status", "error", "time") || undefined,
  };
}

export interface LiveVolume {
  /** Its name. */
  readonly volume: string;
  readonly uid: string;
  /** `namespace/name` of its claim; undefined when nobody claims it. */
  readonly claim: string | undefined;
  readonly className: string;
  /** For example `10Gi`. */
  readonly capacity: string;
  /** RFC 3339. */
  readonly createdAt: string;
}

/** The volumes of some classes, each with what is to be told of it, by name. */
export async function listVolumes<T>(
  client: ClusterClient,
  classNames: readonly string[],
  judge: (volume: LiveVolume, object: ClusterObject) => T,
): Promise<(LiveVolume & T)[]> {
  const objects = await client.list("v1", "PersistentVolume");
  return objects
    .map((object) => ({ object, volume: volumeOf(object) }))
    .filter(({ volume }) => classNames.includes(volume.className))
    .sort((one, other) => compareText(one.volume.volume, other.volume.volume))
    .map(({ object, volume }) => ({ ...volume, ...judge(volume, object) }));
}

function volumeOf(object: ClusterObject): LiveVolume {
  const { name, uid = "", creationTimestamp: createdAt = "" } = object.metadata;
  const claim = fieldText(object, "spec", "claimRef", "name");
  return {
    volume: name,
    uid,
    claim:
      claim === "" ? undefined : `${fieldText(object, "spec", "claimRef", "namespace")}/${claim}`,
    className: fieldText(object, "spec", "storageClassName"),
    capacity: fieldText(object, "spec", "capacity", "storage"),
    createdAt,
  };
}
