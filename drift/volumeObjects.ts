import type { PlainValue } from "../engine/program/desiredState";
import { record, text } from "./resources";
import type { LiveObject } from "./types";

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
  const of = record(spec["volumeSnapshotRef"]);
  return {
    object,
    name: object.metadata.name,
    handle: handle === "" ? given : handle,
    snapshot: `${text(of["namespace"])}/${text(of["name"])}`,
    deletionPolicy: text(spec["deletionPolicy"]),
    ready: flag(status["readyToUse"]),
    ...errorIn(status),
    answered: Object.keys(status).length > 0,
    called: BEING_CREATED.some((name) => object.metadata.annotations?.[name] !== undefined),
  };
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
