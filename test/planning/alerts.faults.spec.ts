// Shows that the rules fire when they should and not otherwise, by Prometheus' own promtool. It takes minutes to build.
import { deepStrictEqual, equal } from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { ensureBinaries } from "../../lab/build";
import { binaryPlace, programFile } from "../../lab/binaries";
import { projectDir } from "../../lab/paths";
import { planSite } from "../../planning";
import { METRICS, type Metric } from "../../planning/metrics";
import type { Site } from "../../planning/site";
import { temporary } from "../lab/support/temporary";
import { MACHINES, siteOf } from "../support/sites";
import { silentReporter } from "../support/silentReporter";
import { veleroBackup } from "../support/veleroSites";
import { scheduleOf, windowOf } from "./support/schedules";

const DAY = 86_400;

/** Values of each fifth minute of three days, as promtool writes them; time begins with 0 there. */
type Values = Readonly<Partial<Record<Metric, string>>>;

/** The last three hours of three days are unknown. */
const UNTOLD = `0+300x828 ${"NaN ".repeat(72).trim()}`;

/** Nothing is wrong: every five minutes all is collected anew, and a point is taken. */
const GOOD: Readonly<Record<Metric, string>> = {
  collected: "0+300x900",
  unknown: "0+0x900",
  findings: "0+0x900",
  recoverable: "0+300x900",
  proven: "0+300x900",
  survivalChanged: "0+0x900",
  interrupted: "0+0x900",
  vmsOverdue: "0+0x900",
  cycleLast: "1+300x900",
  cycleMissed: "0+0x900",
  copyTaken: "0+300x900",
  copyProblems: "0+0x900",
};

describe("the alert rules", () => {
  const site: Site = siteOf({
    windows: [windowOf()],
    schedules: [scheduleOf()],
    targets: { rpo: "24h" },
    virtualMachines: MACHINES,
    nodeBackups: {
      velero: veleroBackup(),
      images: { attribute: "LAST_BACKUP", keep: 2, maxAgeDays: 7 },
      controlPlane: {} as NonNullable<Site["nodeBackups"]["controlPlane"]>,
    },
    alerts: { namespace: "monitoring", labels: {}, verifyDays: 2, runbook: "page" },
  });
  const { spec } = planSite(site).alerts?.object as unknown as {
    readonly spec: { readonly groups: readonly { readonly rules: readonly { alert: string }[] }[] };
  };
  const folder = temporary();
  const rules = join(folder, "rules.json");
  let promtool = "";

  before(async () => {
    const options = { project: projectDir(), env: process.env, reporter: silentReporter };
    await ensureBinaries({ ...options, need: ["promtool"] });
    promtool = programFile(binaryPlace(projectDir(), process.env), "promtool");
    writeFileSync(rules, JSON.stringify(spec));
  });

  it("are what Prometheus takes", () => {
    execFileSync(promtool, ["check", "rules", "--lint=all", "--lint-fatal", rules], {
      stdio: "pipe",
    });
  });

  const labels: Readonly<Partial<Record<Metric, readonly string[]>>> = {
    findings: ['kind="lost"'],
    cycleLast: ['cycle="nightly"'],
    cycleMissed: ['cycle="nightly"'],
    copyTaken: ['copy="velero"', 'copy="controlPlane"', 'copy="images"'],
    copyProblems: ['copy="velero"', 'copy="controlPlane"', 'copy="images"'],
  };

  /** Names of the alerts that fire at the end of three days. */
  function firing(values: Values): readonly string[] {
    const all = Object.entries({ ...GOOD, ...values }).filter(([, text]) => text !== "");
    const input = all.flatMap(([metric, text]) =>
      (labels[metric as Metric] ?? [""]).map((label) => ({
        series: `${METRICS[metric as Metric][0]}{stack="north"${label === "" ? "" : `,${label}`}}`,
        values: text,
      })),
    );
    const names = spec.groups.flatMap((group) => group.rules.map(({ alert }) => alert));
    // Each is said to be silent: promtool tells those that are not.
    const silent = names.map((alertname) => ({ eval_time: "72h", alertname, exp_alerts: [] }));
    const tests = [{ interval: "5m", input_series: input, alert_rule_test: silent }];
    const test = join(folder, "test.json");
    writeFileSync(test, JSON.stringify({ rule_files: [rules], evaluation_interval: "5m", tests }));
    const run = spawnSync(promtool, ["test", "rules", test], { encoding: "utf8" });
    const told = run.stdout + run.stderr;
    const fired = [...told.matchAll(/alertname: (\w+), time: /g)].map(([, name = ""]) => name);
    equal(run.status, fired.length === 0 ? 0 : 1, told);
    return fired;
  }

  for (const [what, values, expected] of [
    ["nothing is wrong", {}, []],
    [
      "the timer of the exporter stands still",
      { collected: "0+300x600 180000x300" },
      ["AtomMetricsStale"],
    ],
    ["something cannot be told", { unknown: "1x900" }, ["AtomUnknown"]],
    [
      "what cannot be told is NaN",
      { recoverable: UNTOLD, proven: UNTOLD, copyProblems: UNTOLD },
      [],
    ],
    ["something drifts", { findings: "2x900" }, ["AtomDrift"]],
    ["something drifted for a moment", { findings: "2x858 0+0x40" }, []],
    ["a node is lost", { survivalChanged: "1x900" }, ["AtomSurvivalChanged"]],
    ["a command was killed", { interrupted: "1x900" }, ["AtomInterrupted"]],
    ["no proof is young enough", { proven: "1x900" }, ["AtomVerifyOverdue"]],
    ["no point is young enough", { recoverable: `${DAY}x900` }, ["AtomPointOverdue"]],
    ["VM snapshots stay", { vmsOverdue: "1x900" }, ["AtomVmSnapshotOverdue"]],
    ["a window was missed", { cycleMissed: "1x900" }, ["AtomCycleMissed"]],
    ["a cycle never ran", { cycleLast: "0+0x900" }, ["AtomCycleNeverRan"]],
    ["a cycle is new", { cycleLast: "_x840 0+0x60" }, []],
    [
      "copies are not made",
      { copyProblems: "1x900" },
      ["AtomControlPlaneBackup", "AtomNodeImages", "AtomVeleroBackup"],
    ],
    ["one metric is gone", { cycleMissed: "" }, ["AtomMetricsAbsent"]],
    [
      "all are gone",
      Object.fromEntries(Object.keys(GOOD).map((metric) => [metric, ""])),
      ["AtomMetricsAbsent"],
    ],
  ] as const) {
    it(`${expected.length === 0 ? "are silent" : `fire ${expected.join(", ")}`} when ${what}`, () => {
      deepStrictEqual([...firing(values)].sort(), [...expected].sort());
    });
  }
});
