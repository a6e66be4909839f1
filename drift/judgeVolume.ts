import { memberKey } from "../planning/pointMembers";
import type { VolumeMember } from "../planning/pointRecord";
import type { RestorePointFile } from "../planning/site";
import type { StepText } from "./planContext";
import type { LiveContent } from "./volumeObjects";
import { contentsOf, findVolumeSnapshot } from "./volumeObjects";
import type { ClusterLive, LostMember } from "./types";

/** What became of a volume's snapshot that was cut. */
export type MemberFate =
  | { readonly state: "there" }
  /** The data is there, but something about it has to be mended by a person. */
  | ({ readonly state: "differs" } & Pick<StepText, "reason" | "changes" | "command">)
  | { readonly state: "unknown"; readonly reason: string }
  /** Nothing in the cluster leads to it any more. */
  | { readonly state: "lost"; readonly reason: string };

/** How the classes of the site say that snapshots are kept. */
export type DeclaredPolicy = string | undefined;

/**
 * Looks for a cut snapshot by the handle that the storage driver gave it. Its name proves nothing: a snapshot cut today
 * under an old name would lead "back" to today.
 */
export function judgeMember(
  cluster: ClusterLive,
  member: VolumeMember,
  policy: DeclaredPolicy,
): MemberFate {
  const { namespace, snapshot: name, handle } = member;
  const { byName, byHandle } = contentsOf(cluster);
  const snapshot = findVolumeSnapshot(cluster, namespace, name);
  const bound = snapshot === undefined ? undefined : byName.get(snapshot.content);
  const holding = byHandle.get(handle) ?? [];
  const content =
    holding.find((one) => one === bound) ??
    holding.find((one) => one.name === member.content) ??
    holding[0];
  if (content === undefined) {
    const namesake =
      snapshot === undefined
        ? ""
        : ` A VolumeSnapshot of the same name is there${bound === undefined || bound.handle === "" ? "" : ` (${bound.handle})`}; it is not the one that was cut.`;
    return {
      state: "lost",
      reason: `no VolumeSnapshotContent has the handle ${handle} any more.${namesake}`,
    };
  }
  const { deletionTimestamp } = content.object.metadata;
  if (deletionTimestamp !== undefined) {
    return {
      state: "differs",
      reason:
        `Its content ${content.name} is being deleted since ${deletionTimestamp} with the policy ${content.deletionPolicy}: ` +
        `${afterDeletion(content)}`,
    };
  }
  const flipped = policyChange(content, policy);
  if (snapshot === undefined || content !== bound) {
    return unbound(member, content, snapshot === undefined, flipped);
  }
  if (snapshot.object.metadata.deletionTimestamp !== undefined) {
    return {
      state: "differs",
      reason:
        `The VolumeSnapshot is being deleted since ${snapshot.object.metadata.deletionTimestamp}, and its content ${content.name} ` +
        `has the policy ${content.deletionPolicy}: ${afterDeletion(content)}`,
    };
  }
  return flipped ?? readiness(snapshot.ready, snapshot.error ?? content.error);
}

/** What a lost member is called in the point's file, and where. */
export function lostVolume({ name }: RestorePointFile, member: VolumeMember): LostMember {
  const { namespace, claim, handle } = member;
  return { kind: "volume", point: name, key: memberKey(member), namespace, claim, handle };
}

function afterDeletion({ deletionPolicy, handle }: LiveContent): string {
  return deletionPolicy === "Delete"
    ? "the driver removes the data with it, and the member is LOST then."
    : `the data stays in the storage under the handle ${handle}, but nothing in the cluster leads to it then.`;
}

function policyChange(
  content: LiveContent,
  policy: DeclaredPolicy,
): Extract<MemberFate, { readonly state: "differs" }> | undefined {
  if (policy !== "Retain" || content.deletionPolicy !== "Delete") {
    return undefined;
  }
  return {
    state: "differs",
    changes: [{ path: "deletionPolicy", from: "Delete", to: "Retain" }],
    reason:
      `Its content ${content.name} has the policy Delete, the site's is Retain: whoever deletes the VolumeSnapshot or its ` +
      "namespace deletes the data. A class that is changed later does not reach contents that exist.",
    command: `kubectl patch volumesnapshotcontent ${content.name} --type merge -p '{"spec":{"deletionPolicy":"Retain"}}'`,
  };
}

/** The data is there; only the object by which a claim is restored is not, or leads elsewhere. */
function unbound(
  { namespace, snapshot }: VolumeMember,
  content: LiveContent,
  gone: boolean,
  flipped: Extract<MemberFate, { readonly state: "differs" }> | undefined,
): MemberFate {
  const what = gone
    ? `The VolumeSnapshot ${namespace}/${snapshot} is gone`
    : `The VolumeSnapshot ${namespace}/${snapshot} is bound to another content, so it is not the one that was cut`;
  return {
    state: "differs",
    ...(flipped === undefined ? {} : { changes: flipped.changes, command: flipped.command }),
    reason:
      `${what}, but the data is there: content ${content.name} has the handle ${content.handle} it was cut with. A rollback ` +
      `binds it again by that handle. Do not delete ${content.name}${content.deletionPolicy === "Delete" ? ": its policy is Delete, and the data goes with it" : ""}.`,
  };
}

function readiness(ready: boolean | undefined, error: string | undefined): MemberFate {
  if (ready === true) {
    return { state: "there" };
  }
  return ready === undefined
    ? {
        state: "unknown",
        reason: "The VolumeSnapshot has no status, so that whether it is ready cannot be told.",
      }
    : {
        state: "differs",
        reason: `It is there but not ready any more${error === undefined ? "" : ` (${error})`}: nothing can be restored from it before it is.`,
      };
}
