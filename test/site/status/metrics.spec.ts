import { deepStrictEqual, match, ok } from "node:assert/strict";

import { found } from "../../../drift/types";
import { planSite } from "../../../planning";
import { METRICS } from "../../../planning/metrics";
import type { Site } from "../../../planning/site";
import { metricsText } from "../../../site/status/metrics";
import { statusOf, type StatusFacts } from "../../../site/status/status";
import { liveOf } from "../../drift/fixtures";
import { scheduleOf, windowOf } from "../../planning/support/schedules";
import { cluster, liveSnapshots, point, vmMember } from "../../restorepoint/expire/fixtures";
import { siteOf } from "../../support/sites";
import { veleroBackup } from "../../support/veleroSites";

const now = new Date("2026-11-25T10:00:00Z");
const records = [
  point("older", { takenAt: "2026-11-19T10:00:00Z" }),
  point("vms", { takenAt: "2026-11-20T10:00:00Z", members: [vmMember("vms", "a1")] }),
];
const site = siteOf({
  windows: [windowOf()],
  schedules: [scheduleOf()],
  nodeBackups: { velero: veleroBackup() },
  virtualMachines: { maxAgeHours: 72, flagAgeHours: 48, nodes: [] } as unknown as NonNullable<
    Site["virtualMachines"]
  >,
});

function values(change: Partial<StatusFacts> = {}): Readonly<Record<string, number>> {
  const facts: StatusFacts = {
    plan: planSite(site),
    known: { points: records, images: [], unknown: [] },
    snapshots: liveSnapshots(cluster(records), []),
    findings: [
      found("differs", "Velero's backups", "It failed."),
      found("lost", "VM snapshot x", "It is gone."),
      found("same", "StorageClass y", "As declared."),
    ],
    live: liveOf({}),
    now,
    ...change,
  };
  const lines = metricsText(facts, statusOf(facts)).trimEnd().split("\n");
  const samples = lines.filter((line) => !line.startsWith("#"));
  samples.forEach((line) => match(line, /^atom_backup_[a-z_]+\{stack="north"[^}]*\} \S+$/));
  return Object.fromEntries(
    samples.map((line) => {
      const [name = "", value = ""] = line.split(" ");
      return [
        name.replace('stack="north"', "").replace(/\{,?/, "{").replace("{}", ""),
        Number(value),
      ];
    }),
  );
}

describe("the metrics", () => {
  it("say what was found", () => {
    const all = values();
    deepStrictEqual(
      [
        all["atom_backup_collected_timestamp_seconds"],
        all["atom_backup_recoverable_timestamp_seconds"],
        all["atom_backup_proven_timestamp_seconds"],
        all['atom_backup_findings{kind="lost"}'],
        all['atom_backup_findings{kind="missing"}'],
        all["atom_backup_vm_snapshots_overdue_points"],
        all['atom_backup_copy_problems{copy="velero"}'],
        all['atom_backup_copy_timestamp_seconds{copy="velero"}'],
      ],
      [now.getTime() / 1000, Date.parse("2026-11-19T10:00:00Z") / 1000, 0, 1, 0, 1, 1, 0],
    );
  });

  it("are NaN where nobody could tell", () => {
    const known = { points: records, images: [], unknown: ["The catalog is silent."] };
    const why = "It is silent.";
    const blind = values({
      known,
      live: { cluster: { state: "unknown", why }, vcenter: { state: "notNeeded" } },
    });
    const untold = Object.entries(blind).filter(([, value]) => Number.isNaN(value));
    deepStrictEqual(
      untold.map(([name]) => name.replace(/\{.*/, "")).sort(),
      [
        ...["recoverable", "proven", "survivalChanged", "interrupted", "vmsOverdue"],
        ...["cycleLast", "cycleMissed", "copyTaken", "copyProblems"],
      ]
        .map((metric) => METRICS[metric as keyof typeof METRICS][0])
        .sort(),
    );
    ok((blind["atom_backup_unknown"] ?? 0) > 0);
  });

  it("are all that rules ask for, by the same labels", () => {
    const alerts = { namespace: "monitoring", labels: {}, verifyDays: 31, runbook: "page" };
    const asked = siteOf({ ...site, alerts, targets: { rpo: "24h" } });
    const { alerts: rules } = planSite(asked);
    const text = JSON.stringify(rules?.object);
    const wanted = [...text.matchAll(/absent\((\w+)\{([^}]*)\}\)/g)];
    const written = Object.keys(values());
    ok(wanted.length >= 8);
    for (const [, name = "", labels = ""] of wanted) {
      const copy = /copy=\\"(\w+)\\"/.exec(labels)?.[1];
      ok(
        written.some((one) => one.startsWith(name) && (copy === undefined || one.includes(copy))),
        name,
      );
    }
    const named = new Set([...text.matchAll(/atom_backup_\w+/g)].map(([name]) => name));
    deepStrictEqual([...new Set(wanted.map(([, name]) => name))].sort(), [...named].sort());
  });
});
