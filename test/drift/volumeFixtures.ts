import type { Registration } from "../../engine/program/desiredState";
import type { ClusterObject } from "../../clients/kubernetes/object";
import { labels, POINT_LABEL, volumeGroupName, volumeSnapshotName } from "../../planning/names";
import type { PointVolume, VolumeMember } from "../../planning/pointRecord";
import { takenAt, registration, stack } from "./fixtures";
import { volumeMember as anyVolumeMember } from "../support/points";

export const namespace = "atom";

/** A claim as a point lists it. */
export function volume(claim: string): PointVolume {
  return { namespace, claim, uid: uidOf(claim) };
}

export function uidOf(claim: string): string {
  return `uid-of-${claim}`;
}

export function handleOf(claim: string): string {
  return `snap-of-${claim}`;
}

export function volumeMember(claim: string, change: Partial<VolumeMember> = {}): VolumeMember {
  return anyVolumeMember("pre-24.1", claim, {
    ...volume(claim),
    snapshot: volumeSnapshotName("pre-24.1", claim),
    content: `content-of-${claim}`,
    handle: handleOf(claim),
    createdAt: "2026-11-20T10:00:00.250Z",
    ...change,
  });
}

function metadata(name: string, point: string) {
  return {
    name,
    namespace,
    labels: { ...labels(stack), [POINT_LABEL]: point },
    annotations: { "pulumi.com/waitFor": "jsonpath={.status.readyToUse}=true" },
  };
}

/** A volume's snapshot, as the component registers it. */
export function volumeSnapshot(
  claim: string,
  options: Partial<Registration> = {},
  point = "pre-24.1",
): Registration {
  return registration(
    "kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshot",
    `${point}-${claim}`,
    {
      apiVersion: "snapshot.storage.k8s.io/v1",
      kind: "VolumeSnapshot",
      metadata: metadata(volumeSnapshotName(point, claim), point),
      spec: {
        volumeSnapshotClassName: "atom-snapshots",
        source: { persistentVolumeClaimName: claim },
      },
    },
    { protect: true, retainOnDelete: true, ...options },
  );
}

/** A group's snapshot, as the component registers it. */
export function groupSnapshot(
  options: Partial<Registration> = {},
  point = "pre-24.1",
): Registration {
  return registration(
    "kubernetes:groupsnapshot.storage.k8s.io/v1beta2:VolumeGroupSnapshot",
    `${point}-group`,
    {
      apiVersion: "groupsnapshot.storage.k8s.io/v1beta2",
      kind: "VolumeGroupSnapshot",
      metadata: metadata(volumeGroupName(point), point),
      spec: {
        volumeGroupSnapshotClassName: "atom-snapshots",
        source: { selector: { matchLabels: { [POINT_LABEL]: point } } },
      },
    },
    { protect: true, retainOnDelete: true, ...options },
  );
}

interface ClaimChange {
  readonly uid?: string;
  readonly phase?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export function liveClaim(
  claim: string,
  { phase = "Bound", ...change }: ClaimChange = {},
): ClusterObject {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: claim, namespace, uid: uidOf(claim), ...change },
    status: { phase },
  };
}

interface SnapshotChange {
  readonly content?: string;
  readonly ready?: boolean;
  readonly error?: string;
  readonly status?: null;
  readonly metadata?: Partial<ClusterObject["metadata"]>;
  readonly source?: Readonly<Record<string, string>>;
}

/** The VolumeSnapshot of a claim as the controller leaves it: ready and bound. */
export function liveVolumeSnapshot(claim: string, change: SnapshotChange = {}): ClusterObject {
  const { content = `content-of-${claim}`, ready = true, error, source } = change;
  return {
    apiVersion: "snapshot.storage.k8s.io/v1",
    kind: "VolumeSnapshot",
    metadata: {
      ...metadata(volumeSnapshotName("pre-24.1", claim), "pre-24.1"),
      uid: `uid-of-snapshot-of-${claim}`,
      ...change.metadata,
    },
    spec: {
      volumeSnapshotClassName: "atom-snapshots",
      source: source ?? { persistentVolumeClaimName: claim },
    },
    ...(change.status === null
      ? {}
      : {
          status: {
            boundVolumeSnapshotContentName: content,
            readyToUse: ready,
            ...(error === undefined ? {} : { error: { message: error, time: takenAt } }),
          },
        }),
  };
}

interface ContentChange {
  readonly name?: string;
  readonly handle?: string;
  readonly policy?: string;
  readonly deletionTimestamp?: string;
}

export function liveContent(claim: string, change: ContentChange = {}): ClusterObject {
  const { name = `content-of-${claim}`, handle = handleOf(claim), policy = "Retain" } = change;
  const { deletionTimestamp } = change;
  return {
    apiVersion: "snapshot.storage.k8s.io/v1",
    kind: "VolumeSnapshotContent",
    metadata: { name, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
    spec: { deletionPolicy: policy, source: { volumeHandle: `volume-of-${claim}` } },
    status: {
      snapshotHandle: handle,
      readyToUse: true,
      creationTime: Date.parse(takenAt) * 1e6,
      restoreSize: 1024,
    },
  };
}

export function liveGroup(change: Partial<ClusterObject["metadata"]> = {}): ClusterObject {
  return {
    apiVersion: "groupsnapshot.storage.k8s.io/v1beta2",
    kind: "VolumeGroupSnapshot",
    metadata: { ...metadata(volumeGroupName("pre-24.1"), "pre-24.1"), ...change },
    status: { readyToUse: true },
  };
}
