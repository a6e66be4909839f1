import { deepStrictEqual, match } from "node:assert/strict";

import { scheduleProblems } from "../../../planning/checks/schedules";
import type { Site } from "../../../planning/site";
import { MACHINES, siteOf, vsanSite, THREE_SITES } from "../../support/sites";
import { veleroBackup } from "../../support/veleroSites";
import { scheduleOf, windowOf } from "../support/schedules";

describe("what is wrong with schedules", () => {
  const windows = [windowOf(), windowOf({ name: "weekly", cron: "0 3 * * 6" })];
  const problems = (site: Site): readonly (readonly [string, string | undefined])[] =>
    scheduleProblems(site).map(({ path, value }) => [path, value]);

  for (const [what, changes, expected] of [
    ["nothing", {}, []],
    ["no such window", { window: "weakly" }, [["schedules[0].window", '"weakly"']]],
    ["VMs without a vCenter", { takes: "both" }, [["schedules[0].takes", '"both"']]],
    [
      "the product held still for VMs alone",
      { takes: "virtualMachines", consistency: "frozen" },
      [
        ["schedules[0].takes", '"virtualMachines"'],
        ["schedules[0].consistency", '"frozen"'],
      ],
    ],
  ] as const) {
    it(`tells ${what}`, () => {
      const site = siteOf({ windows, schedules: [scheduleOf(changes)] });
      deepStrictEqual(problems(site), [...expected]);
    });
  }

  it("takes VMs where a vCenter is described", () => {
    const schedules = [scheduleOf({ takes: "both" }), scheduleOf({ takes: "virtualMachines" })];
    deepStrictEqual(problems(siteOf({ windows, schedules, virtualMachines: MACHINES })), []);
  });

  it("counts what all cycles keep of a volume against what the storage keeps", () => {
    const weekly = scheduleOf({ window: "weekly" });
    const of = (...schedules: Site["schedules"]): unknown =>
      problems(vsanSite(THREE_SITES, { windows, schedules, virtualMachines: MACHINES }));
    deepStrictEqual(of(scheduleOf({ keepDays: 2 }), weekly), []);
    deepStrictEqual(of(scheduleOf({ keepDays: 2 }), scheduleOf({ keepDays: 1 }), weekly), [
      ["schedules[0].keepDays", "2"],
    ]);
    deepStrictEqual(of(weekly, scheduleOf()), [["schedules[1].keepDays", "7"]]);
    deepStrictEqual(of(scheduleOf({ takes: "virtualMachines" })), []);
    const nodeBackups = { velero: veleroBackup() };
    const schedules = [scheduleOf({ keepDays: 3 })];
    const kept = vsanSite(THREE_SITES, { windows, schedules, nodeBackups });
    const [budget] = scheduleProblems(kept);
    match(budget?.message ?? "", /4 snapshots of each volume.*vsphere-csi keeps 3 snapshots/);
  });
});
