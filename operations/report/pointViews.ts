import type { RestorePointPlan } from "../../planning/plan";
import { machineMembers } from "../../planning/pointMembers";
import type { MachineMember, PointState, RestorePointFile } from "../../planning/site";
import type { VcenterLive } from "../deploy/types";
import type { ReportInput } from "./input";
import type { Tone } from "./markup";
import { between, duration } from "./time";

/** A restore point as of the time at which the page was made. */
export interface PointView {
  readonly name: string;
  readonly release: string;
  readonly state: PointState;
  readonly cutAt: string | undefined;
  /** How long ago it was cut. */
  readonly age: string | undefined;
  readonly expires: string | undefined;
  /** When its VM snapshots end: its expiry or the site's greatest age, whichever is first. */
  readonly ends: string | undefined;
  /** Its VM snapshots should have ended already, are still there, and are not held. */
  readonly overdue: boolean;
  readonly hold: boolean;
  /** Cut, and no member is known to be lost, ended or missing. */
  readonly usable: boolean;
  /** A member is lost or missing: the point no longer leads back, whatever its recorded state. */
  readonly lost: boolean;
  /** Every member was seen live, not only recorded. */
  readonly seen: boolean;
  readonly members: readonly MemberView[];
}

export interface MemberView {
  readonly node: string;
  readonly handle: string | undefined;
  readonly tone: Tone;
  readonly words: string;
}

const hour = 3_600_000;

/** Points in the order of their cut, those not yet cut last. */
export function pointViews(input: ReportInput): readonly PointView[] {
  return input.plan.restorePoints
    .map((point) => pointView(input, point))
    .sort((one, other) => (one.cutAt ?? "9999").localeCompare(other.cutAt ?? "9999"));
}

function pointView(input: ReportInput, point: RestorePointPlan): PointView {
  const file = input.plan.site.restorePoints.find(({ name }) => name === point.name);
  const members = memberViews(input, point, file);
  const age = point.cutAt === undefined ? undefined : between(point.cutAt, input.generatedAt);
  const ends = endOf(input, point, file);
  const late = ends === undefined ? undefined : between(ends, input.generatedAt);
  const present = (file?.members ?? []).some(
    ({ lost, expiredAt }) => lost === undefined && expiredAt === undefined,
  );
  return {
    name: point.name,
    release: point.release,
    state: point.state,
    cutAt: point.cutAt,
    age: age === undefined ? undefined : duration(age),
    expires: file?.expires,
    ends,
    overdue: present && file?.hold !== true && late !== undefined && late > 0,
    hold: file?.hold ?? false,
    usable:
      point.state === "ready" &&
      members.length > 0 &&
      members.every(({ tone }) => tone === "good" || tone === "calm") &&
      present,
    lost: members.some(({ tone }) => tone === "bad"),
    seen: members.every(({ tone }) => tone === "good"),
    members,
  };
}

function endOf(
  { plan }: ReportInput,
  { cutAt }: RestorePointPlan,
  file: RestorePointFile | undefined,
): string | undefined {
  const hours = plan.site.virtualMachines?.maxAgeHours;
  const ends = [
    ...(file === undefined ? [] : [Date.parse(file.expires)]),
    ...(cutAt === undefined || hours === undefined ? [] : [Date.parse(cutAt) + hours * hour]),
  ].filter((time) => !Number.isNaN(time));
  return ends.length === 0 ? undefined : new Date(Math.min(...ends)).toISOString();
}

function memberViews(
  { live }: ReportInput,
  point: RestorePointPlan,
  file: RestorePointFile | undefined,
): readonly MemberView[] {
  const recorded = file === undefined ? [] : machineMembers(file);
  if (recorded.length === 0) {
    const words = point.state === "cutting" ? "being cut" : "not cut";
    return point.intended.map((node) => ({ node, handle: undefined, tone: "calm", words }));
  }
  return recorded.map((member) => {
    const { node, handle } = member;
    return { node, handle, ...memberWords(member, live?.vcenter) };
  });
}

function memberWords(
  { lost, expiredAt, uuid, handle }: MachineMember,
  vcenter: NonNullable<ReportInput["live"]>["vcenter"] | undefined,
): { readonly tone: Tone; readonly words: string } {
  if (lost !== undefined) {
    return { tone: "bad", words: "lost" };
  }
  if (expiredAt !== undefined) {
    return { tone: "warn", words: "ended on purpose" };
  }
  if (vcenter === undefined || vcenter.state === "notNeeded") {
    return { tone: "calm", words: "recorded, not looked at" };
  }
  if (vcenter.state === "cannotTell") {
    return { tone: "calm", words: "recorded, vCenter could not be read" };
  }
  return isThere(vcenter.value, uuid, handle)
    ? { tone: "good", words: "there" }
    : { tone: "bad", words: "missing" };
}

function isThere({ machines }: VcenterLive, uuid: string, handle: string): boolean {
  return machines.some(
    (machine) =>
      machine.uuid === uuid && machine.snapshots.some(({ reference }) => reference === handle),
  );
}
