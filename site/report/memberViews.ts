import type { RestorePointPlan } from "../../planning/plan";
import type { VmMember, PointMember, VolumeMember } from "../../planning/pointRecord";
import type { RestorePointFile } from "../../planning/site";
import { judgeMember } from "../../drift/judgeVolume";
import type { LiveState, VcenterLive } from "../../drift/types";
import { kindKey } from "../../drift/types";
import { SNAPSHOT_API } from "../../drift/volumeObjects";
import type { ReportInput } from "./input";
import type { Tone } from "./markup";

/** One member of a restore point, or what is to become one. */
export interface MemberView {
  readonly kind: PointMember["kind"];
  /** Node, or `namespace/claim`. */
  readonly subject: string;
  readonly handle: string | undefined;
  readonly tone: Tone;
  readonly words: string;
}

type Found = Pick<MemberView, "tone" | "words">;

/** Members of a point with what is known of each; before the cut those that it means to take. */
export function memberViews(
  { live }: ReportInput,
  point: RestorePointPlan,
  file: RestorePointFile | undefined,
): readonly MemberView[] {
  const recorded = file?.members ?? [];
  if (recorded.length === 0) {
    const words = point.state === "taking" ? "being cut" : "not cut";
    const view = (kind: PointMember["kind"], subject: string): MemberView => ({
      kind,
      subject,
      handle: undefined,
      tone: "calm",
      words,
    });
    return [
      ...point.intended.map((node) => view("virtualMachine", node)),
      ...point.intendedVolumes.map(({ namespace, claim }) =>
        view("volume", `${namespace}/${claim}`),
      ),
    ];
  }
  return recorded.map((member) => memberView(member, live));
}

function memberView(member: PointMember, live: LiveState | undefined): MemberView {
  const { kind } = member;
  const ended = endedWords(member);
  switch (member.kind) {
    case "virtualMachine": {
      const found = ended ?? vmWords(member, live?.vcenter);
      return { kind, subject: member.node, handle: member.handle, ...found };
    }
    case "volume": {
      const found = ended ?? volumeWords(member, live?.cluster);
      const subject = `${member.namespace}/${member.claim}`;
      return { kind, subject, handle: member.handle, ...found };
    }
    case "etcd": {
      const found = ended ?? { tone: "calm" as const, words: "etcd, a file on this node" };
      return { kind, subject: member.node, handle: member.file, ...found };
    }
  }
}

function endedWords({ lost, expiredAt }: PointMember): Found | undefined {
  if (lost !== undefined) {
    return { tone: "bad", words: "lost" };
  }
  return expiredAt === undefined ? undefined : { tone: "warn", words: "ended on purpose" };
}

function vmWords({ uuid, handle }: VmMember, vcenter: LiveState["vcenter"] | undefined): Found {
  if (vcenter === undefined || vcenter.state === "notNeeded") {
    return { tone: "calm", words: "recorded, not looked at" };
  }
  if (vcenter.state === "unknown") {
    return { tone: "calm", words: "recorded, vCenter could not be read" };
  }
  return isThere(vcenter.value, uuid, handle)
    ? { tone: "good", words: "there" }
    : { tone: "bad", words: "missing" };
}

function isThere({ vms }: VcenterLive, uuid: string, handle: string): boolean {
  return vms.some(
    (vm) => vm.uuid === uuid && vm.snapshots.some(({ reference }) => reference === handle),
  );
}

const READ_KINDS = ["VolumeSnapshot", "VolumeSnapshotContent"].map((kind) =>
  kindKey(SNAPSHOT_API, kind),
);

function volumeWords(member: VolumeMember, cluster: LiveState["cluster"] | undefined): Found {
  if (cluster === undefined || cluster.state === "notNeeded") {
    return { tone: "calm", words: "recorded, not looked at" };
  }
  const unread =
    cluster.state === "unknown" ||
    READ_KINDS.some(
      (kind) => cluster.value.unreadKinds.has(kind) || cluster.value.absentKinds.has(kind),
    );
  if (unread) {
    return { tone: "calm", words: "recorded, the cluster could not be read" };
  }
  const fate = judgeMember(cluster.value, member, undefined);
  switch (fate.state) {
    case "there":
      return { tone: "good", words: "there" };
    case "differs":
      return { tone: "warn", words: "there, but something has to be mended" };
    case "unknown":
      return { tone: "calm", words: "recorded, cannot be told" };
    case "lost":
      return { tone: "bad", words: "missing" };
  }
}
