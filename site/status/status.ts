import { lastControlPlaneBackup } from "../../drift/controlPlaneBackup";
import { lastImages } from "../../drift/nodeImages";
import { survivalNow } from "../../drift/nodes";
import { lastVeleroBackup } from "../../drift/veleroBackup";
import type { Finding, FindingKind, LiveState } from "../../drift/types";
import type { SitePlan } from "../../planning/plan";
import { counted, spanSeconds } from "../../planning/words";
import { pointStatus, type PointStatus } from "../../restorepoint/inventory";
import type { KnownPoints } from "../../restorepoint/knownPoints";
import type { LiveSnapshots } from "../../restorepoint/liveSnapshots";
import { lastVerification, type Verification } from "./verifications";

/** What was read of a stack. */
export interface StatusFacts {
  readonly plan: SitePlan;
  readonly known: Pick<KnownPoints, "points" | "images" | "unknown">;
  readonly snapshots: LiveSnapshots;
  /** What is live against what is declared. */
  readonly findings: readonly Finding[];
  readonly live: LiveState;
  readonly now: Date;
}

export interface WayBack {
  readonly point: string;
  /** RFC 3339: the moment that it leads back to. */
  readonly takenAt: string;
  readonly ageSeconds: number;
}

/** A promise of `targets` beside what was measured. */
export interface Target {
  readonly name: "rpo" | "rto";
  readonly seconds: number;
  /** Undefined where nothing was measured; then it is not met either. */
  readonly measured: number | undefined;
  readonly met: boolean;
}

/** What an operator has if tonight goes wrong. Copies and snapshots inside the cluster are nowhere counted as a backup. */
export interface Status {
  /** Newest point whose data volumes are all there and usable. */
  readonly recoverable: WayBack | undefined;
  /** Newest point of them that a restore has proven, and when that was. */
  readonly proven: (WayBack & { readonly at: string }) | undefined;
  /** Newest point of VM snapshots that are all there. */
  readonly vms: WayBack | undefined;
  /** The last verification that came to its end. */
  readonly verification: Verification | undefined;
  /** What the program has put off the cluster and off its datastores. */
  readonly copiesOffCluster: readonly string[];
  /** What is no backup, for people. */
  readonly notCounted: readonly string[];
  /** As the nodes are now, in words; undefined where they could not be read. */
  readonly survival: string | undefined;
  /** Whether that is less than, or other than, what the plan says. */
  readonly survivalChanged: boolean;
  /** How many, and the worst first. */
  readonly findings: { readonly count: number; readonly worst: readonly WorstFinding[] };
  readonly nextExpiry:
    { readonly point: string; readonly at: string; readonly due: boolean } | undefined;
  /** What an interrupted run left: a stopped or frozen product first. */
  readonly interrupted: readonly string[];
  readonly targets: readonly Target[];
  /** What could not be told, in sentences; each once. */
  readonly unknown: readonly string[];
}

export type WorstFinding = Pick<Finding, "kind" | "object" | "reason">;

const SHOWN = 3;

const WORST: readonly FindingKind[] = [
  "lost",
  "unknown",
  "foreign",
  "missing",
  "differs",
  "undeclared",
];

/** Everything that `status` and the report say on one screen. Pure. */
export function statusOf(facts: StatusFacts): Status {
  const { plan, known, snapshots, now } = facts;
  const limits = plan.site.virtualMachines;
  const controlPlane = lastControlPlaneBackup(plan.site, facts.live);
  const images = lastImages(plan.site, facts.live, known.images);
  const velero = lastVeleroBackup(plan.site, facts.live);
  const all = known.points;
  const points = known.points
    .filter(({ state }) => state !== "expired")
    .map((point) => pointStatus({ point, points: all, liveSnapshots: snapshots, limits, now }));
  const differing = facts.findings.filter(({ kind }) => kind !== "same");
  const recoverable = newest(points.filter((one) => leadsBack(one, "volume")));
  const verification = lastVerification(known.points);
  return {
    recoverable,
    proven: newestProven(points),
    vms: newest(points.filter((one) => leadsBack(one, "virtualMachine"))),
    verification,
    copiesOffCluster: [
      ...(controlPlane === undefined
        ? []
        : [`etcd and keys of the control plane, of ${controlPlane}`]),
      ...(images === undefined ? [] : [`images of all node VMs, the oldest of ${images}`]),
      ...(velero === undefined ? [] : [`Velero's backup ${velero.name}, of ${velero.at}`]),
    ],
    notCounted: notCounted(plan, points),
    ...survivalFacts(facts),
    findings: {
      count: differing.length,
      worst: differing
        .toSorted((one, other) => WORST.indexOf(one.kind) - WORST.indexOf(other.kind))
        .slice(0, SHOWN)
        .map(({ kind, object, reason }) => ({ kind, object, reason })),
    },
    nextExpiry: nextExpiry(points, now),
    interrupted: points.flatMap(({ name, interrupted }) =>
      interrupted.map((text) => `${name}: ${text}`),
    ),
    targets: targetsOf(plan, recoverable, verification),
    unknown: unknownIn(facts, points),
  };
}

type Member = PointStatus["members"][number];

/** Whether all members of a kind are there and usable, and there is one. */
function leadsBack({ state, members }: PointStatus, kind: Member["kind"]): boolean {
  const own = members.filter((one) => one.kind === kind && one.presence !== "ended");
  return (
    state === "ready" &&
    own.length > 0 &&
    own.every(({ presence, why }) => presence === "there" && why === undefined)
  );
}

function newest(points: readonly PointStatus[]): WayBack | undefined {
  return points
    .flatMap(({ name: point, takenAt, ageSeconds }) =>
      takenAt === undefined || ageSeconds === undefined ? [] : [{ point, takenAt, ageSeconds }],
    )
    .toSorted((one, other) => one.ageSeconds - other.ageSeconds)[0];
}

function newestProven(points: readonly PointStatus[]): Status["proven"] {
  const proven = points.filter((one) => one.provenAt !== undefined && leadsBack(one, "volume"));
  const back = newest(proven);
  const at = proven.find(({ name }) => name === back?.point)?.provenAt;
  return back === undefined || at === undefined ? undefined : { ...back, at };
}

function nextExpiry(points: readonly PointStatus[], now: Date): Status["nextExpiry"] {
  const ends = points
    .filter(({ hold, takenAt }) => !hold && takenAt !== undefined)
    .map(({ name: point, ends: end, vmsEnd }) => ({ point, at: vmsEnd ?? end }));
  const [first] = ends.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
  return first && { ...first, due: Date.parse(first.at) <= now.getTime() };
}

function notCounted({ site }: SitePlan, points: readonly PointStatus[]): readonly string[] {
  const count = (kind: Member["kind"]): number =>
    points
      .flatMap(({ members }) => members)
      .filter((one) => one.kind === kind && ["there", "notLooked"].includes(one.presence)).length;
  return [
    `${counted(site.replicationFactor, "copy", "copies")} of each volume`,
    `${counted(count("volume"), "volume snapshot")} and ${counted(count("virtualMachine"), "VM snapshot")} beside their disks`,
    ...(count("etcd") === 0 ? [] : [`${counted(count("etcd"), "etcd snapshot")} on a node`]),
  ];
}

function survivalFacts({
  plan,
  live,
  findings,
}: StatusFacts): Pick<Status, "survival" | "survivalChanged"> {
  const unread = findings.some(({ kind, object }) => kind === "unknown" && object === "nodes");
  const now = unread ? undefined : survivalNow(plan, live);
  const summary = live.cluster.state === "read" ? (now ?? plan.survival).summary : undefined;
  return { survival: unread ? undefined : summary, survivalChanged: now !== undefined };
}

function targetsOf(
  { site }: SitePlan,
  recoverable: WayBack | undefined,
  verification: Verification | undefined,
): readonly Target[] {
  const measured = {
    rpo: recoverable?.ageSeconds,
    // Of some volumes alone it says nothing about the way back of all.
    rto: verification?.whole === true ? verification.seconds : undefined,
  };
  return (["rpo", "rto"] as const).flatMap((name) => {
    const text = site.targets[name];
    const seconds = text === undefined ? 0 : spanSeconds(text);
    const found = measured[name];
    const met = found !== undefined && found <= seconds;
    return text === undefined ? [] : [{ name, seconds, measured: found, met }];
  });
}

function unknownIn(
  { known, findings, live }: StatusFacts,
  points: readonly PointStatus[],
): readonly string[] {
  return [
    ...new Set([
      ...known.unknown,
      ...points.flatMap(({ unknown }) => unknown),
      ...[live.cluster, live.vcenter].flatMap((read) =>
        read.state === "unknown" ? [read.why] : [],
      ),
      ...findings.flatMap(({ kind, object, reason }) =>
        kind === "unknown" ? [`${object}: ${reason}`] : [],
      ),
    ]),
  ];
}
