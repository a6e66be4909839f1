import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { existsSync } from "node:fs";

import { openEngine } from "../../engine/openEngine";
import { labEnv } from "../../lab/environment";
import { isLiving, vmMembers } from "../../planning/pointMembers";
import { lookAtPoints } from "../../restorepoint/inventory";
import { runDue, type DuePart } from "../../restorepoint/schedule/runDue";
import type { CreatePorts } from "../../restorepoint/take/createPoint";
import { silentReporter } from "../support/silentReporter";
import { onPointLab, type PointLab } from "./support/pointLab";

const HOUR_MS = 3_600_000;
const SIX = ["a-1", "a-2", "b-1", "b-2", "c-1", "c-2"].map((node) => `atom-${node}`);
const THREE = ["atom-a-1", "atom-b-1", "atom-c-1"];

// Nine VM snapshots of three points; the clock is an argument, and everything else is real.
describe("VM snapshots that grow old", () => {
  let lab: PointLab;
  let takenAt = 0;

  onPointLab({ part: "inventory" }, (shared) => (lab = shared));

  before(async () => {
    lab.edit(["retention"], { keepLast: 9 });
    await lab.take("six", { consistency: "crash", virtualMachines: SIX.join(",") });
    await lab.take("two", { consistency: "crash", virtualMachines: THREE.slice(0, 2).join(",") });
    await lab.take("held", { consistency: "crash", virtualMachines: "atom-c-1" });
    await lab.done(["restore-point", "hold", "held"]);
    takenAt = Date.parse((await lab.point("held"))?.takenAt ?? "");
  });

  after(async () => {
    lab.edit(["retention"], {});
    await lab.vmFaults([]);
    for (const name of ["held", "two", "six"]) {
      await lab.remove(name);
    }
  });

  function ports(): CreatePorts {
    const env = { ...process.env, ...labEnv(lab.root, lab.record) };
    const engine = () =>
      openEngine({ root: lab.root, stack: "lab", env, reporter: silentReporter });
    return { ...lab.ports(() => Promise.resolve(true)), engine };
  }

  const at = (hours: number): Date => new Date(takenAt + hours * HOUR_MS);
  const run = async (hours: number, changed: Partial<CreatePorts> = {}): Promise<DuePart> => {
    const parts = await runDue({ ...ports(), ...changed }, at(hours));
    equal(parts.length, 1);
    return parts[0] as DuePart;
  };
  const count = async (): Promise<number> => (await lab.vmSnapshots()).length;
  const states = async (hours: number): Promise<unknown> =>
    (await lookAtPoints(ports(), at(hours))).points.map(({ name, vmsState, vmsHeldBy }) => [
      name,
      vmsState,
      vmsHeldBy,
    ]);

  it("are flagged after 48 hours, and nothing is done", async () => {
    equal(await count(), 9);
    deepStrictEqual(await states(47), [
      ["held", "young", "the point is on hold"],
      ["two", "young", undefined],
      ["six", "young", undefined],
    ]);
    deepStrictEqual(await states(50), [
      ["held", "flagged", "the point is on hold"],
      ["two", "flagged", undefined],
      ["six", "flagged", undefined],
    ]);
    equal((await run(50)).result, "nothing");
    equal(await count(), 9);
  });

  it("stay and are said to be overdue while vCenter is away", async () => {
    const away = { state: "unknown", why: "vCenter does not answer" } as const;
    for (const hours of [73, 76, 79]) {
      equal((await run(hours, { vcenter: away })).result, "left");
    }
    equal(await count(), 9);
    deepStrictEqual(await states(79), [
      ["held", "overdue", "the point is on hold"],
      ["two", "overdue", undefined],
      ["six", "overdue", undefined],
    ]);
  });

  it("go one by one, but for one that fails, one with a child of others, and one that is on hold", async () => {
    const vms = await lab.vms();
    const vmOf = (name: string) => vms.find((vm) => vm.name === name);
    const deleted = vmOf("atom-b-2")?.snapshots[0]?.reference ?? "";
    await lab.removeVmSnapshot(deleted);
    await lab.takeVmSnapshot(vmOf("atom-c-2")?.reference ?? "", "of another tool");
    await lab.vmFaults([
      { method: "RemoveSnapshot_Task", vm: "atom-a-2", fault: "FileLocked", message: "locked" },
    ]);
    const part = await run(80);
    equal(part.result, "left");
    match((part.error as Error).message, /locked/);
    const left = (await lab.vms()).flatMap(({ name, snapshots }) =>
      snapshots.map((snapshot) => `${name} ${snapshot.name}`),
    );
    // Of atom-c-1, the one on hold hangs below the one that is due.
    deepStrictEqual(left.sort(), [
      "atom-a-2 atom.lab.six",
      "atom-c-1 atom.lab.held",
      "atom-c-1 atom.lab.six",
      "atom-c-2 atom.lab.six",
      "atom-c-2 of another tool",
    ]);
    const six = await lab.point("six");
    deepStrictEqual(
      vmMembers(six ?? { members: [] })
        .filter(isLiving)
        .map(({ node }) => node),
      ["atom-c-1", "atom-c-2"],
    );
    equal(six?.state, "ready");
    ok(existsSync(lab.fileOf("six")) && !existsSync(lab.fileOf("two")));
    const drift = await lab.checkout.atom(["preview", "--expect-no-changes"]);
    equal(drift.status, 0, drift.stderr);
  });

  it("that failed or waited go once nothing stands against it, and the points stay with their volumes", async () => {
    await lab.vmFaults([]);
    const other = (await lab.vmSnapshots()).find(({ name }) => name === "of another tool");
    await lab.removeVmSnapshot(other?.reference ?? "");
    await lab.done(["restore-point", "hold", "held", "--off"]);
    const part = await run(81);
    equal(part.result, "done", String(part.error));
    equal(await count(), 0);
    for (const name of ["six", "two", "held"]) {
      const point = await lab.point(name);
      equal(point?.state, "ready");
      equal(point.members.filter(isLiving).length, 2);
      equal(existsSync(lab.fileOf(name)), false);
    }
    const drift = await lab.checkout.atom(["preview", "--expect-no-changes"]);
    equal(drift.status, 0, drift.stderr);
    equal((await run(82)).result, "nothing");
  });
});
