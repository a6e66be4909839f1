import { pointEnd, vmsEnd } from "../../planning/expiry";
import { isLiving } from "../../planning/pointMembers";
import type { PointRecord } from "../../planning/pointRecord";
import { recordOf } from "../../restorepoint/knownPoints";
import { lastProof } from "../../restorepoint/presence";
import type { ReportInput } from "./input";
import { type MemberView, memberViews } from "./memberViews";
import { between, duration } from "./time";

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
  const { name, release, state, takenAt, hold } = point;
  const { restorePoints, site } = input.plan;
  const nodes = restorePoints.find((one) => one.name === name)?.intended ?? [];
  const members = memberViews(input, point, nodes);
  const age = takenAt === undefined ? undefined : between(takenAt, input.generatedAt);
  const hours = site.virtualMachines?.maxAgeHours;
  const ends = vmsEnd(point, hours) ?? pointEnd(point, hours);
  const living = point.members.some(isLiving);
  return {
    name,
    release,
    state,
    takenAt,
    hold,
    age: age === undefined ? undefined : duration(age),
    proven: lastProof(point),
    ends,
    overdue: living && !hold && (between(ends, input.generatedAt) ?? 0) > 0,
    usable:
      state === "ready" &&
      living &&
      members.every(({ tone }) => tone === "good" || tone === "calm"),
    lost: state === "lost" || members.some(({ tone }) => tone === "bad"),
    seen: members.every(({ tone }) => tone === "good"),
    members,
  };
}
