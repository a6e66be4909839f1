import type { PlainValue } from "../engine/program/desiredState";
import type { PlanContext } from "./planContext";
import { record, text } from "./resources";
import type { ClusterLive, LiveObject } from "./types";
import { kindKey, objectKey } from "./types";

export const SNAPSHOT_API = "snapshot.storage.k8s.io/v1";

/** Put on a content by the sidecar before it calls the driver, taken off once the call has ended for good. */
const BEING_CREATED = [
  "snapshot.storage.kubernetes.io/volumesnapshot-being-created",
  "groupsnapshot.storage.kubernetes.io/volumegroupsnapshot-being-created",
];

/** A volume's snapshot as the API server has it. */
export interface LiveVolumeSnapshot {
  readonly object: LiveObject;
  /** Claim that it was cut of; empty where it was bound by hand. */
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
  readonly object: LiveObject;
  readonly name: string;
  /** The driver's own id; empty before it has answered. */
  readonly handle: string;
  readonly deletionPolicy: string;
  readonly ready: boolean | undefined;
  readonly error: string | undefined;
  readonly errorAt: string | undefined;
  /** Whether the driver's side has said anything. */
  readonly answered: boolean;
  /** Whether the call of the driver is under way: it was made, and neither its end nor its failure was seen. */
  readonly called: boolean;
}

/** A PersistentVolumeClaim. */
export interface LiveClaim {
  readonly uid: string;
  readonly phase: string;
  readonly deletionTimestamp: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

type PlainRecord = Readonly<Record<string, PlainValue>>;

export function volumeSnapshotOf(object: LiveObject): LiveVolumeSnapshot {
  const spec = part(object, "spec");
  const status = part(object, "status");
  return {
    object,
    claim: text(record(spec["source"])["persistentVolumeClaimName"]),
    content: text(status["boundVolumeSnapshotContentName"]),
    ready: flag(status["readyToUse"]),
    ...errorIn(status),
  };
}

export function contentOf(object: LiveObject): LiveContent {
  const spec = part(object, "spec");
  const status = part(object, "status");
  const given = text(record(spec["source"])["snapshotHandle"]);
  const handle = text(status["snapshotHandle"]);
  return {
    object,
    name: object.metadata.name,
    handle: handle === "" ? given : handle,
    deletionPolicy: text(spec["deletionPolicy"]),
    ready: flag(status["readyToUse"]),
    ...errorIn(status),
    answered: Object.keys(status).length > 0,
    called: BEING_CREATED.some((name) => object.metadata.annotations?.[name] !== undefined),
  };
}

export function claimOf(object: LiveObject): LiveClaim {
  return {
    uid: (object.metadata.uid ?? "").toLowerCase(),
    phase: text(part(object, "status")["phase"]),
    deletionTimestamp: object.metadata.deletionTimestamp,
    labels: object.metadata.labels ?? {},
  };
}

/** The claim of that name; undefined when there is none. */
export function findClaim(
  cluster: ClusterLive,
  namespace: string,
  name: string,
): LiveClaim | undefined {
  const live = cluster.objects.get(objectKey("v1", "PersistentVolumeClaim", namespace, name));
  return live === undefined ? undefined : claimOf(live);
}

/** The snapshot of that name; undefined when there is none. */
export function findVolumeSnapshot(
  cluster: ClusterLive,
  namespace: string,
  name: string,
): LiveVolumeSnapshot | undefined {
  const live = cluster.objects.get(objectKey(SNAPSHOT_API, "VolumeSnapshot", namespace, name));
  return live === undefined ? undefined : volumeSnapshotOf(live);
}

interface Contents {
  readonly byName: ReadonlyMap<string, LiveContent>;
  /** More than one where a snapshot was bound to new objects, after a rebuild say. */
  readonly byHandle: ReadonlyMap<string, readonly LiveContent[]>;
}

/** Made once for what was read: a plan asks for as many members as there are contents. */
const indexes = new WeakMap<ClusterLive, Contents>();

export function contentsOf(cluster: ClusterLive): Contents {
  const known = indexes.get(cluster);
  if (known !== undefined) {
    return known;
  }
  const byName = new Map<string, LiveContent>();
  const byHandle = new Map<string, LiveContent[]>();
  for (const object of cluster.objects.values()) {
    if (object.kind === "VolumeSnapshotContent") {
      const content = contentOf(object);
      byName.set(content.name, content);
      if (content.handle !== "") {
        byHandle.set(content.handle, [...(byHandle.get(content.handle) ?? []), content]);
      }
    }
  }
  const made = { byName, byHandle };
  indexes.set(cluster, made);
  return made;
}

/** Why nothing can be said about the given kinds; undefined when all of them were read. */
export function whyUnread(
  { live: { cluster } }: PlanContext,
  kinds: readonly (readonly [apiVersion: string, kind: string])[],
): string | undefined {
  if (cluster.state !== "read") {
    return cluster.state === "unknown" ? cluster.why : "The cluster was not read.";
  }
  const { unreadKinds, absentKinds } = cluster.value;
  for (const [apiVersion, kind] of kinds) {
    const key = kindKey(apiVersion, kind);
    const why = unreadKinds.get(key);
    if (why !== undefined) {
      return why;
    }
    if (absentKinds.has(key)) {
      return `The API server does not serve ${kind} of ${apiVersion}, so whether it is there cannot be told: install its CRD.`;
    }
  }
  return undefined;
}

function part(object: LiveObject, name: string): PlainRecord {
  return record(object[name] as PlainValue | undefined);
}

function flag(value: PlainValue | undefined): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

function errorIn(status: PlainRecord): Pick<LiveVolumeSnapshot, "error" | "errorAt"> {
  const error = record(status["error"]);
  const message = text(error["message"]);
  const at = text(error["time"]);
  return {
    error: message === "" ? undefined : message,
    errorAt: at === "" ? undefined : at,
  };
}
