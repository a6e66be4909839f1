import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { VolumeGroupMember, VolumeSnapshotMember } from "../planning/plan";
import type { TakeRecorder } from "./takeHooks";
import type { HookedMember } from "./hookedMember";

/**
 * The provider counts a snapshot as created once the API server has it, which proves nothing: it has to be ready. There
 * is no field of the status that tells a failure early, so that `./atom` watches for the driver's message itself.
 */
const WAIT_UNTIL_READY = { "pulumi.com/waitFor": "jsonpath={.status.readyToUse}=true" };

/** Declares the VolumeSnapshot of one claim. */
export function volumeSnapshot(
  member: VolumeSnapshotMember,
  opts: pulumi.CustomResourceOptions,
): pulumi.CustomResource {
  return new kubernetes.apiextensions.CustomResource(
    member.resourceName,
    {
      apiVersion: "snapshot.storage.k8s.io/v1",
      kind: "VolumeSnapshot",
      metadata: {
        name: member.snapshotName,
        namespace: member.namespace,
        labels: { ...member.labels },
        annotations: { ...WAIT_UNTIL_READY },
      },
      spec: {
        volumeSnapshotClassName: member.className,
        source: { persistentVolumeClaimName: member.claim },
      },
    },
    opts,
  );
}

/** Declares the VolumeGroupSnapshot of the claims of one namespace. Its members are the controller's, and not declared. */
export function volumeGroupSnapshot(
  member: VolumeGroupMember,
  opts: pulumi.CustomResourceOptions,
): pulumi.CustomResource {
  return new kubernetes.apiextensions.CustomResource(
    member.resourceName,
    {
      apiVersion: `groupsnapshot.storage.k8s.io/${member.version}`,
      kind: "VolumeGroupSnapshot",
      metadata: {
        name: member.groupName,
        namespace: member.namespace,
        labels: { ...member.labels },
        annotations: { ...WAIT_UNTIL_READY },
      },
      spec: {
        volumeGroupSnapshotClassName: member.className,
        source: { selector: { matchLabels: { ...member.matchLabels } } },
      },
    },
    opts,
  );
}

/** A volume's snapshot as the hooks of a cut see it. */
export function hookedVolume(
  member: VolumeSnapshotMember,
  recorder: TakeRecorder,
): HookedMember & { readonly member: VolumeSnapshotMember } {
  const { namespace, claim, uid, snapshotName, resourceName, taken } = member;
  const reference = taken === undefined ? "" : ` (${taken.handle})`;
  return {
    member,
    resourceName,
    title: `Volume snapshot ${namespace}/${snapshotName} of claim ${claim}${reference}`,
    taken: taken !== undefined,
    record: () => recorder.volume({ namespace, claim, uid, snapshot: snapshotName }),
  };
}

/** A group's snapshot as the hooks of a cut see it. */
export function hookedGroup(
  member: VolumeGroupMember,
  recorder: TakeRecorder,
): HookedMember & { readonly member: VolumeGroupMember } {
  const { namespace, groupName, resourceName, taken } = member;
  return {
    member,
    resourceName,
    title: `Group snapshot ${namespace}/${groupName}`,
    taken: taken.length > 0,
    record: () => recorder.group({ namespace, name: groupName }),
  };
}
