import { CONTROL_PLANE_BACKUPS, lastControlPlaneBackup } from "../../drift/controlPlaneBackup";
import { lastImages, NODE_IMAGES } from "../../drift/nodeImages";
import { lastVeleroBackup } from "../../drift/veleroBackup";
import { CRON_JOB } from "../../planning/controlPlaneBackup";
import { vmsAge } from "../../planning/expiry";
import { METRICS, type Metric } from "../../planning/metrics";
import { cyclesOf } from "../../restorepoint/schedule/cycles";
import type { StatusFacts, Status } from "./status";

type Sample = readonly [metric: Metric, value: number, labels?: Readonly<Record<string, string>>];

const KINDS = ["missing", "differs", "lost", "foreign", "undeclared", "unknown"] as const;

/** Objects of findings about the copies off the cluster. */
const COPIES = {
  controlPlane: new RegExp(`^${CONTROL_PLANE_BACKUPS}$|^CronJob .*\\b${CRON_JOB}$`),
  images: new RegExp(`^${NODE_IMAGES} `),
  velero: /^Velero's |^(BackupStorageLocation|Schedule) /,
} as const;

/**
 * What alerts go by, in the text format of Prometheus. What could not be told is NaN, of which no condition holds, and not
 * what would be told if it were not there.
 */
export function metricsText(facts: StatusFacts, status: Status): string {
  const { stack } = facts.plan.site;
  const samples = samplesOf(facts, status);
  return Object.entries(METRICS)
    .flatMap(([metric, [name, help]]) => {
      const own = samples.filter((one) => one[0] === metric);
      return own.length === 0
        ? []
        : [
            `# HELP ${name} ${help}`,
            `# TYPE ${name} gauge`,
            ...own.map(
              ([, value, labels = {}]) => `${name}{${labelText({ stack, ...labels })}} ${value}`,
            ),
          ];
    })
    .map((line) => `${line}\n`)
    .join("");
}

function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`)
    .join(",");
}

function samplesOf(facts: StatusFacts, status: Status): readonly Sample[] {
  const { plan, known, snapshots, findings, live, now } = facts;
  const { site } = plan;
  const { controlPlane, velero, images } = site.nodeBackups;
  const isKnown = known.unknown.length === 0;
  const isRead = isKnown && snapshots.cluster.state === "read";
  const differing = findings.filter(({ kind }) => kind !== "same");
  const overdue = known.points.filter((point) => {
    const age = vmsAge(point, known.points, site.virtualMachines, now);
    return age?.state === "overdue" && age.heldBy === undefined;
  });
  const copy = (
    name: keyof typeof COPIES,
    taken: string | undefined,
    system: { readonly state: string } = live.cluster,
  ): readonly Sample[] => {
    const problems = differing.filter(({ object }) => COPIES[name].test(object));
    const sure = system.state === "read" && problems.every(({ kind }) => kind !== "unknown");
    return [
      ["copyTaken", told(sure, seconds(taken)), { copy: name }],
      ["copyProblems", told(sure, problems.length), { copy: name }],
    ];
  };
  return [
    ["collected", seconds(now.toISOString())],
    ["unknown", status.unknown.length],
    ...KINDS.map((kind): Sample => [
      "findings",
      differing.filter((one) => one.kind === kind).length,
      { kind },
    ]),
    ["recoverable", told(isRead, seconds(status.recoverable?.takenAt))],
    ["proven", told(isRead, seconds(status.proven?.at))],
    ["survivalChanged", told(status.survival !== undefined, Number(status.survivalChanged))],
    ["interrupted", told(isKnown, status.interrupted.length)],
    ["vmsOverdue", told(isKnown, overdue.length)],
    ...cyclesOf(site, known, now).flatMap(
      ({ schedule: { name: cycle }, status: { last, missed } }): readonly Sample[] => [
        ["cycleLast", told(isKnown, seconds(last?.start.toISOString())), { cycle }],
        ["cycleMissed", told(isKnown, missed.length), { cycle }],
      ],
    ),
    ...(controlPlane === undefined ? [] : copy("controlPlane", lastControlPlaneBackup(site, live))),
    ...(images === undefined
      ? []
      : copy("images", lastImages(site, live, known.images), live.vcenter)),
    ...(velero === undefined ? [] : copy("velero", lastVeleroBackup(site, live)?.at)),
  ];
}

function told(isTold: boolean, value: number): number {
  return isTold ? value : Number.NaN;
}

/** Seconds since 1970; 0 for what never was. */
function seconds(at: string | undefined): number {
  return at === undefined ? 0 : Math.floor(Date.parse(at) / 1000);
}
