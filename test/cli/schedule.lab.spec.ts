import { deepStrictEqual, equal, match } from "node:assert/strict";

import type { AtomRun } from "./support/checkout";
import { closeCycle, cyclePoints, killRunDue, openCycle } from "./support/killSchedule";
import { onPointLab, type PointLab } from "./support/pointLab";

// One moment of the sample; every moment is in scheduleKill.faults.spec.ts.
describe("schedule on the lab", () => {
  let lab: PointLab;

  onPointLab({}, (shared) => (lab = shared));

  after(() => closeCycle(lab));

  it("says that there is nothing to do, with 0", async () => {
    const run = await lab.checkout.atom(["schedule", "run", "--due"]);
    equal(run.status, 0, run.stderr);
    equal(run.stdout, "expiry: nothing\n");
  });

  it("goes on after a kill, and takes one point, once", async () => {
    equal(await killRunDue(lab, 20), true);
  });

  it("started twice at once, takes one point, which carries its cycle", async () => {
    const point = openCycle(lab, { keepDays: 2 });
    const start = () => lab.checkout.atom(["schedule", "run", "--due"]);
    // The slower one is refused, or comes when all is done: before it looks what is due, or after.
    const runs = await Promise.all([start(), start()]);
    const has = ({ status, stdout }: AtomRun): boolean => status === 0 && stdout.includes(point);
    const others = runs.filter((one) => !has(one));
    equal(others.length < 2, true, runs.map(({ stderr }) => stderr).join("\n---\n"));
    for (const { status, stdout, stderr } of others) {
      match(
        `${status} ${stdout}${stderr}`,
        /^(1 [^]*Another command works on the stack lab|0 expiry: nothing)/,
      );
    }
    const taken = runs.filter(({ stderr }) => stderr.includes(`Restore point ${point} is taken`));
    equal(taken.length, 1);
    deepStrictEqual(await cyclePoints(lab), [point]);
    const record = await lab.point(point);
    equal(record?.state, "ready");
    deepStrictEqual(
      [record.cycle?.name, record.cycle?.owner, record.cycle?.change],
      [...["daily", "Ada", "CHG-7"]],
    );
    equal(record.hold, false);
  });

  it("shows the next times, and where the cycle stands", async () => {
    const [point] = await cyclePoints(lab);
    const run = await lab.checkout.atom(["schedule", "show", "--json"]);
    equal(run.status, 0, run.stderr);
    const { windows, schedules } = JSON.parse(run.stdout) as {
      readonly windows: readonly { readonly next: readonly { readonly start: string }[] }[];
      readonly schedules: readonly {
        readonly due: readonly unknown[];
        readonly last: { readonly point: string; readonly state: string };
      }[];
    };
    equal(windows[0]?.next.length, 3);
    deepStrictEqual(schedules[0]?.due, []);
    deepStrictEqual([schedules[0].last.point, schedules[0].last.state], [point, "taken"]);
    const table = await lab.done(["schedule", "show"]);
    match(
      table.stdout,
      /^day +\d{4}-\d\d-\d\d \d\d:\d\d \+00:00 +\S+Z +1440 minutes +Ada +CHG-7$/m,
    );
    match(table.stdout, /^daily +day +volumes +\S+Z taken$/m);
    await lab.remove(point as string);
  });
});
