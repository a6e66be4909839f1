import { isLiving } from "../../planning/pointMembers";
import type { PointMember, PointRecord } from "../../planning/pointRecord";
import { pointStatus, type MemberFacts } from "../../restorepoint/inventory";
import { lastProof, type Presence } from "../../restorepoint/presence";
import { recordOf } from "../../restorepoint/knownPoints";
import type { LiveVm } from "../../drift/types";
import type { Read } from "../../clients/access";
import type { ReportInput } from "./input";
import { duration } from "../../planning/words";
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

/** A restore point as of the time at which the page was made. */
export interface PointView extends Pick<
  PointRecord,
  "name" | "release" | "state" | "takenAt" | "hold"
> {
  /** How long ago it was taken. */
  readonly age: string | undefined;
  /** When its volumes were last proven by a restore; undefined while one of them was not, or it has none. */
  readonly proven: string | undefined;
  /** When it, or what it has of VM snapshots, ends first: its expiry or the site's greatest age of VM snapshots. */
  readonly ends: string;
  /** Something of it should have ended already, is still there, and nobody holds it. */
  readonly overdue: boolean;
  /** Taken, and no member is known to be lost, ended or missing. */
  readonly usable: boolean;
  /** A member is lost or missing: the point no longer leads back, whatever its recorded state. */
  readonly lost: boolean;
  /** Every member was seen live, not only recorded. */
  readonly seen: boolean;
  readonly members: readonly MemberView[];
}

/** What is known of the points that have not ended: all of the catalog, or of the point files alone. */
export function knownRecords({ plan: { site }, points }: ReportInput): readonly PointRecord[] {
  const known = points ?? site.restorePoints.map((file) => recordOf(site, file));
  return known.filter(({ state }) => state !== "expired");
}

/** Points in the order in which they were taken, those not yet taken last. */
export function pointViews(input: ReportInput): readonly PointView[] {
  return knownRecords(input)
    .map((point) => pointView(input, point))
    .sort((one, other) => (one.takenAt ?? "9999").localeCompare(other.takenAt ?? "9999"));
}

function pointView(input: ReportInput, point: PointRecord): PointView {
  const { plan, live, generatedAt } = input;
  const { name, release, state, takenAt, hold } = point;
  const vcenter = vmsRead(live);
  const status = pointStatus({
    point,
    // Of volumes this page says what is recorded: nothing of them was looked for.
    liveSnapshots: { cluster: { state: "notNeeded" }, vcenter },
    points: knownRecords(input),
    limits: plan.site.virtualMachines,
    now: new Date(generatedAt),
  });
  const intended = plan.restorePoints.find((one) => one.name === name)?.intended ?? [];
  const members = memberViews(status.members, point, intended, vcenter);
  const ends = status.vmsEnd ?? status.ends;
  const living = point.members.some(isLiving);
  const tones = members.map(({ tone }) => tone);
  return {
    name,
    release,
    state,
    takenAt,
    hold,
    age: status.ageSeconds === undefined ? undefined : duration(status.ageSeconds),
    // What the page was made from has no volume snapshots: when it was proven, and not whether that holds.
    proven: lastProof(point),
    ends,
    overdue: living && !hold && Date.parse(generatedAt) > Date.parse(ends),
    usable:
      state === "ready" && living && tones.every((tone) => tone === "good" || tone === "calm"),
    lost: state === "lost" || tones.includes("bad"),
    seen: tones.every((tone) => tone === "good"),
    members,
  };
}

function vmsRead(live: ReportInput["live"]): Read<readonly LiveVm[]> {
  const vcenter = live?.vcenter ?? { state: "notNeeded" };
  return vcenter.state === "read" ? { state: "read", value: vcenter.value.vms } : vcenter;
}

const presences: Readonly<Record<Presence, readonly [Tone, string]>> = {
  there: ["good", "there"],
  unbound: ["warn", "in the storage, and no VolumeSnapshot leads to it"],
  missing: ["bad", "missing"],
  lost: ["bad", "lost"],
  ended: ["warn", "ended on purpose"],
  left: ["warn", "ended on purpose, but still there"],
  unknown: ["calm", "recorded, not looked at"],
  notLooked: ["calm", "recorded, not looked at"],
};

/** Members with what is known of each, and until all are there those that the point still means to take. */
function memberViews(
  facts: readonly MemberFacts[],
  { state, volumes }: PointRecord,
  nodes: readonly string[],
  vcenter: Read<unknown>,
): readonly MemberView[] {
  const taken = facts.map(({ key, kind, handle, presence }): MemberView => {
    const [tone, words] = presences[presence];
    const unread =
      kind === "virtualMachine" && presence === "unknown" && vcenter.state === "unknown";
    return {
      kind,
      subject: key.slice(key.indexOf(" ") + 1),
      handle,
      tone,
      words: unread ? "recorded, vCenter could not be read" : words,
    };
  });
  if (state !== "planned" && state !== "taking") {
    return taken;
  }
  const open = [
    ...nodes.map((subject) => ({ kind: "virtualMachine", subject }) as const),
    ...volumes.map(({ namespace, claim }) => {
      return { kind: "volume", subject: `${namespace}/${claim}` } as const;
    }),
  ].filter(
    (one) => !taken.some(({ kind, subject }) => kind === one.kind && subject === one.subject),
  );
  const words = state === "taking" ? "being taken" : "not taken";
  return [
    ...taken,
    ...open.map((one): MemberView => ({ ...one, handle: undefined, tone: "calm", words })),
  ];
}
