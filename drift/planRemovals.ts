import type { VmMember, VolumeMember } from "../planning/pointRecord";
import type { RestorePointFile } from "../planning/site";
import type { PlanContext, StepText } from "./planContext";
import { command, step } from "./planContext";
import { find } from "./planObjects";
import { groupMembersOf, memberOf, pointNameIn, pointOf, volumeMemberOf } from "./points";
import {
  carriesOurMark,
  isTaken,
  isGroupSnapshot,
  isKubernetes,
  isPatch,
  isSnapshot,
  isManaged,
  isVolumeSnapshot,
  objectId,
  referenceFrom,
  sameObject,
  snapshotInputs,
} from "./resources";
import type { DeployedResource, Step } from "./types";
import { kindKey } from "./types";

/** What has to be done about resources that were deployed and are not declared any more, last deployed first. */
export function planRemovals(context: PlanContext): Step[] {
  const declared = new Set(context.desired.registrations.map(({ urn }) => urn));
  return context.deployed.resources
    .filter(({ urn, type }) => isManaged(type) && !declared.has(urn))
    .reverse()
    .map((resource) => {
      const what = isTaken(resource.type)
        ? planTakeRemoval(context, resource)
        : planObjectRemoval(context, resource);
      return step(context, resource, { id: resource.id, ...what });
    });
}

function planObjectRemoval(context: PlanContext, resource: DeployedResource): StepText {
  const { cluster } = context.live;
  if (cluster.state !== "read") {
    return unread(cluster);
  }
  const { inputs, type } = resource;
  const reference = referenceFrom(inputs);
  const successor = context.desired.registrations.some(
    (other) => isKubernetes(other.type) && sameObject(referenceFrom(other.inputs), reference),
  );
  if (successor) {
    return {
      kind: "forget",
      reason: "It is declared under another name in the program: only the record changes.",
    };
  }
  const why = cluster.value.unreadKinds.get(kindKey(reference.apiVersion, reference.kind));
  if (why !== undefined) {
    return { kind: "unknown", reason: why };
  }
  const live = find(cluster.value, reference);
  if (live === undefined) {
    return { kind: "forget", reason: "It is not declared any more, and it is gone." };
  }
  if (isPatch(type, inputs)) {
    return {
      kind: "delete",
      reason: "The fields are not declared any more: they are given up, the object stays.",
    };
  }
  if (resource.protect) {
    return {
      kind: "refuse",
      reason:
        `It is not declared any more, but it is protected, because data is lost with it: declare it again, or take ` +
        `${objectId(reference)} out of the record on purpose.`,
      command:
        context.deployed.way === "pulumi" ? `pulumi state delete '${resource.urn}'` : undefined,
    };
  }
  if (resource.retainOnDelete === true) {
    return {
      kind: "forget",
      reason: "It is not declared any more; it stays, because data hangs on it.",
    };
  }
  if (!carriesOurMark(live, inputs)) {
    return {
      kind: "forget",
      reason:
        "It is not declared any more and no longer carries our mark: it is somebody else's now.",
    };
  }
  return { kind: "delete", reason: "It is not declared any more." };
}

/** Of a restore point's members only the record is ever changed here; `expire` removes them. */
function planTakeRemoval(context: PlanContext, resource: DeployedResource): StepText {
  const { urn, type } = resource;
  const point = pointOf(urn, context.points);
  const members = membersOf(resource, point);
  const ended = members.map(({ lost, expiredAt }) =>
    lost !== undefined
      ? `It is marked lost since ${lost}: only the record changes.`
      : expiredAt !== undefined
        ? `It expired at ${expiredAt}: only the record changes.`
        : undefined,
  );
  const [reason] = ended;
  if (reason !== undefined && ended.every((why) => why !== undefined)) {
    return { kind: "forget", reason };
  }
  const there = isSnapshot(type) ? findSnapshot(context, resource) : findObject(context, resource);
  if (typeof there !== "boolean") {
    return there;
  }
  if (!there) {
    return { kind: "forget", reason: "It is not declared any more, and it is gone." };
  }
  const name = point?.name ?? pointNameIn(urn);
  return {
    kind: "refuse",
    reason:
      point === undefined
        ? "It was cut for a restore point whose file is missing here; a cut snapshot is never removed because a file is. " +
          "Bring the file back from version control and list the point again; if it is to end, the command removes it then."
        : `It was cut, but restore point ${point.name} does not list it any more; a cut snapshot is never removed by a deployment. ` +
          "Bring the point's file back from version control; if the point is to end, the command removes it then.",
    command: command(context, `restore-point expire ${name}`),
  };
}

/** The members of the point that a resource was deployed for. */
export function membersOf(
  { urn, type, inputs }: DeployedResource,
  point: RestorePointFile | undefined,
): readonly (VmMember | VolumeMember)[] {
  const member = isSnapshot(type)
    ? memberOf(point, snapshotInputs(inputs).virtualMachineUuid)
    : isVolumeSnapshot(type)
      ? volumeMemberOf(urn, point)
      : undefined;
  return member === undefined
    ? isGroupSnapshot(type)
      ? groupMembersOf(urn, point)
      : []
    : [member];
}

function findSnapshot(
  { live: { vcenter } }: PlanContext,
  { id }: DeployedResource,
): boolean | StepText {
  return vcenter.state === "read"
    ? vcenter.value.vms.some(({ snapshots }) => snapshots.some(({ reference }) => reference === id))
    : unread(vcenter);
}

function findObject(
  { live: { cluster } }: PlanContext,
  { inputs }: DeployedResource,
): boolean | StepText {
  if (cluster.state !== "read") {
    return unread(cluster);
  }
  const reference = referenceFrom(inputs);
  const why = cluster.value.unreadKinds.get(kindKey(reference.apiVersion, reference.kind));
  return why === undefined
    ? find(cluster.value, reference) !== undefined
    : unread({ state: "unknown", why });
}

function unread(read: { readonly state: string; readonly why?: string }): StepText {
  return { kind: "unknown", reason: read.why ?? "It was not read." };
}
