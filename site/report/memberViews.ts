import { isLiving } from "../../planning/pointMembers";
import type { PointMember, PointRecord, VmMember } from "../../planning/pointRecord";
import type { LiveState, VcenterLive } from "../../drift/types";
import type { ReportInput } from "./input";
import type { Tone } from "./markup";

/** One member of a restore point, or what is to become one. */
export interface MemberView {
  readonly kind: PointMember["kind"];
  /** Kubernetes node name; of a volume its claim as `namespace/name`. */
  readonly subject: string;
  readonly handle: string | undefined;
  readonly tone: Tone;
  readonly words: string;
}

type Subject = Pick<MemberView, "kind" | "subject">;
type Found = Pick<MemberView, "tone" | "words">;

/**
 * Members of a point with what is known of each, and until all are there those that it still means to take.
 *
 * @param nodes whose VMs the point means to take
 */
export function memberViews(
  { live }: Pick<ReportInput, "live">,
  { state, members, volumes }: Pick<PointRecord, "state" | "members" | "volumes">,
  nodes: readonly string[],
): readonly MemberView[] {
  const taken = members.map((member) => ({
    ...subjectOf(member),
    handle: member.kind === "etcd" ? member.file : member.handle,
    ...found(member, live),
  }));
  if (state !== "planned" && state !== "taking") {
    return taken;
  }
  const open = [
    ...nodes.map((subject): Subject => ({ kind: "virtualMachine", subject })),
    ...volumes.map(({ namespace, claim }): Subject => ({
      kind: "volume",
      subject: `${namespace}/${claim}`,
    })),
  ].filter(
    (one) => !taken.some(({ kind, subject }) => kind === one.kind && subject === one.subject),
  );
  const words = state === "taking" ? "being taken" : "not taken";
  return [
    ...taken,
    ...open.map((one) => ({ ...one, handle: undefined, tone: "calm" as const, words })),
  ];
}

function subjectOf(member: PointMember): Subject {
  const subject = member.kind === "volume" ? `${member.namespace}/${member.claim}` : member.node;
  return { kind: member.kind, subject };
}

function found(member: PointMember, live: LiveState | undefined): Found {
  if (!isLiving(member)) {
    return member.lost === undefined
      ? { tone: "warn", words: "ended on purpose" }
      : { tone: "bad", words: "lost" };
  }
  return member.kind === "virtualMachine"
    ? vmWords(member, live?.vcenter)
    : { tone: "calm", words: "recorded, not looked at" };
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
