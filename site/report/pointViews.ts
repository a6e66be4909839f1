import type { RestorePointPlan } from "../../planning/plan";
import { isLiving } from "../../planning/pointMembers";
import type { PointState, PointFile } from "../../planning/site";
import type { ReportInput } from "./input";
import { type MemberView, memberViews } from "./memberViews";
import { between, duration } from "./time";

/** A restore point as of the time at which the page was made. */
export interface PointView {
  readonly name: string;
  readonly release: string;
  readonly state: PointState;
  readonly takenAt: string | undefined;
  /** How long ago it was taken. */
  readonly age: string | undefined;
  readonly expires: string | undefined;
  /**
   * When its VM snapshots end: its expiry or the site's greatest age, whichever is first. Without any, when the point
   * ends.
   */
  readonly ends: string | undefined;
  /** Something of it should have ended already, is still there. */
  readonly overdue: boolean;
  /** Taken, and no member is known to be lost, ended or missing. */
  readonly usable: boolean;
  /** A member is lost or missing: the point no longer leads back, whatever its recorded state. */
  readonly lost: boolean;
  /** Every member was seen live, not only recorded. */
  readonly seen: boolean;
  readonly members: readonly MemberView[];
}

const hour = 3_600_000;

/** Points in the order in which they were taken, those not yet taken last. */
export function pointViews(input: ReportInput): readonly PointView[] {
  return input.plan.restorePoints
    .map((point) => pointView(input, point))
    .sort((one, other) => (one.takenAt ?? "9999").localeCompare(other.takenAt ?? "9999"));
}

function pointView(input: ReportInput, point: RestorePointPlan): PointView {
  const file = input.plan.site.restorePoints.find(({ name }) => name === point.name);
  const members = memberViews(input, point, file);
  const age = point.takenAt === undefined ? undefined : between(point.takenAt, input.generatedAt);
  const ends = endOf(input, point, file);
  const living = (file?.vms ?? []).filter(isLiving);
  const isPast = (end: string | undefined): boolean =>
    end !== undefined && (between(end, input.generatedAt) ?? 0) > 0;
  return {
    name: point.name,
    release: point.release,
    state: point.state,
    takenAt: point.takenAt,
    age: age === undefined ? undefined : duration(age),
    expires: file?.expires,
    ends,
    overdue: living.length > 0 && isPast(ends),
    usable:
      point.state === "ready" &&
      members.length > 0 &&
      members.every(({ tone }) => tone === "good" || tone === "calm") &&
      living.length > 0,
    lost: members.some(({ tone }) => tone === "bad"),
    seen: members.every(({ tone }) => tone === "good"),
    members,
  };
}

function endOf(
  { plan }: ReportInput,
  { takenAt, intended }: RestorePointPlan,
  file: PointFile | undefined,
): string | undefined {
  const hours = intended.length === 0 ? undefined : plan.site.virtualMachines?.maxAgeHours;
  const ends = [
    ...(file === undefined ? [] : [Date.parse(file.expires)]),
    ...(takenAt === undefined || hours === undefined ? [] : [Date.parse(takenAt) + hours * hour]),
  ].filter((time) => !Number.isNaN(time));
  return ends.length === 0 ? undefined : new Date(Math.min(...ends)).toISOString();
}
