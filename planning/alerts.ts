import { METRICS, type Metric } from "./metrics";
import { labels } from "./names";
import type { Companion } from "./plan";
import type { Site } from "./site";
import { longestGap } from "./windows";
import { duration, spanSeconds } from "./words";

/** One rule, and all that it says. */
type Alert = readonly [
  name: string,
  severity: "critical" | "warning",
  metric: Metric,
  /** Condition on the metric, which stands for `$`. */
  when: string,
  /** Seconds that it has to last. */
  lasts: number,
  summary: string,
  /** Further labels of the metric. */
  only?: Readonly<Record<string, string>>,
];

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** Rules by which people learn what was missed, failed or did not happen; undefined where `alerts` is not set. */
export function planAlerts(site: Site): Companion | undefined {
  const { alerts, stack } = site;
  if (alerts === undefined) {
    return undefined;
  }
  const asked = alertsOf(site, alerts.verifyDays);
  const absent = asked.map(([, , metric, , , , only]) => `absent(${series(metric, stack, only)})`);
  const rules = [
    ...asked.map(([name, severity, metric, when, lasts, summary, only]) => ({
      ...{ name, severity, lasts, summary },
      expr: when.replace("$", series(metric, stack, only)),
    })),
    {
      name: "AtomMetricsAbsent",
      severity: "critical",
      // A rule without its metric never fires.
      expr: [...new Set(absent)].join(" or "),
      lasts: 15 * MINUTE,
      summary: "Metrics of the backups are missing: no other alert can tell anything.",
    },
  ].map(({ name, severity, expr, lasts, summary }) => ({
    alert: name,
    expr,
    for: `${lasts}s`,
    labels: { severity, stack },
    annotations: {
      summary: `${stack}: ${summary}`,
      runbook_url: `${alerts.runbook}#${name.toLowerCase()}`,
    },
  }));
  return {
    key: "rules",
    object: {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: {
        name: "atom-backup",
        namespace: alerts.namespace,
        labels: { ...labels(stack), ...alerts.labels },
      },
      spec: { groups: [{ name: "atom-backup", rules }] },
    },
    hold: "own",
    protect: false,
    why: "What was missed or did not happen has to reach people.",
  };
}

function series(metric: Metric, stack: string, only: Alert[6] = {}): string {
  const matchers = Object.entries({ stack, ...only }).map(
    ([label, value]) => `${label}=${JSON.stringify(value)}`,
  );
  return `${METRICS[metric][0]}{${matchers.join(",")}}`;
}

function alertsOf(site: Site, verifyDays: number): readonly Alert[] {
  const { targets, virtualMachines, schedules, windows, nodeBackups } = site;
  const gaps = windows
    .filter(({ name }) => schedules.some(({ window }) => window === name))
    .map(longestGap);
  const rpo = targets.rpo === undefined ? 0 : spanSeconds(targets.rpo);
  const when = (isWanted: boolean, ...alerts: readonly Alert[]): readonly Alert[] =>
    isWanted ? alerts : [];
  return [
    [
      "AtomMetricsStale",
      "warning",
      "collected",
      `time() - $ > ${HOUR}`,
      5 * MINUTE,
      "Metrics of the backups are old: see to the timer of ./atom exporter.",
    ],
    [
      "AtomUnknown",
      "warning",
      "unknown",
      "$ > 0",
      HOUR,
      "It cannot be told whether all is as promised.",
    ],
    [
      "AtomDrift",
      "warning",
      "findings",
      "$ > 0",
      HOUR,
      "Something is not as declared or promised ({{ $labels.kind }}).",
    ],
    [
      "AtomSurvivalChanged",
      "critical",
      "survivalChanged",
      "$ > 0",
      15 * MINUTE,
      "With the nodes as they are now another loss is survived than planned.",
    ],
    [
      "AtomInterrupted",
      "critical",
      "interrupted",
      "$ > 0",
      HOUR,
      "A command was interrupted; the product may be stopped.",
    ],
    [
      "AtomVerifyOverdue",
      "warning",
      "proven",
      `time() - $ > ${verifyDays * DAY}`,
      HOUR,
      `No restore has proven a point that leads back for ${verifyDays} days.`,
    ],
    ...when(rpo > 0, [
      "AtomPointOverdue",
      "critical",
      "recoverable",
      `time() - $ > ${rpo}`,
      10 * MINUTE,
      `The newest point that leads back is older than ${duration(rpo)}.`,
    ]),
    ...when(virtualMachines !== undefined, [
      "AtomVmSnapshotOverdue",
      "critical",
      "vmsOverdue",
      "$ > 0",
      2 * HOUR,
      "VM snapshots are past their limit and were not removed.",
    ]),
    ...when(
      gaps.length > 0,
      [
        "AtomCycleMissed",
        "critical",
        "cycleMissed",
        "$ > 0",
        5 * MINUTE,
        "Cycle {{ $labels.cycle }} missed a window: nothing was taken.",
      ],
      [
        "AtomCycleNeverRan",
        "critical",
        "cycleLast",
        "$ == 0",
        // A new cycle has to wait for its first window.
        Math.max(...gaps) + HOUR,
        "Cycle {{ $labels.cycle }} has never run.",
      ],
    ),
    ...when(nodeBackups.controlPlane !== undefined, [
      "AtomControlPlaneBackup",
      "critical",
      "copyProblems",
      "$ > 0",
      HOUR,
      "The backup of the control plane is overdue.",
      { copy: "controlPlane" },
    ]),
    ...when(nodeBackups.images !== undefined, [
      "AtomNodeImages",
      "warning",
      "copyProblems",
      "$ > 0",
      HOUR,
      "Images of node VMs are older than their cycle.",
      { copy: "images" },
    ]),
    ...when(nodeBackups.velero !== undefined, [
      "AtomVeleroBackup",
      "critical",
      "copyProblems",
      "$ > 0",
      HOUR,
      "Velero's backup failed, is overdue, or cannot be made.",
      { copy: "velero" },
    ]),
  ];
}
