import { deepStrictEqual, equal, match } from "node:assert/strict";

import { LAB_STORAGE_NODES } from "../../lab/inventory";
import { callsOf, pageOf } from "../docs/support/page";
import { killedAt } from "./support/killRollback";
import { sharedPointLab, type PointLab } from "./support/pointLab";
import { damage, resetProduct, rolledState } from "./support/rolledState";
import { requireReleased } from "./support/wholePoint";

const CONTROL_PLANE = ["atom-a-cp", "atom-b-cp", "atom-c-cp"];
const NODES = [...LAB_STORAGE_NODES.map(({ name }) => name), ...CONTROL_PLANE];

/** Preview, VMs alone, and all, as the runbook says. */
const callOf = (point: string): readonly [string[], string[], string[]] => {
  const page = pageOf("how-to/roll-back.md");
  const [preview = [], alone = [], all = []] = callsOf(
    page,
    "When node VMs have to go back, too",
    point,
  );
  return [preview, alone, all];
};

interface Shown {
  readonly virtualMachines: {
    readonly vms: readonly { readonly node: string }[];
    readonly steps: readonly { readonly kind: string }[];
    readonly refusals: readonly string[];
    readonly warnings: readonly string[];
  };
}

describe("reverting the VMs of a restore point", function () {
  let lab: PointLab;
  let then: unknown;

  before(async () => {
    lab = await sharedPointLab();
    lab.group("never");
    lab.narrow("inventory");
    const alone = await lab.create("alone", {
      consistency: "crash",
      virtualMachines: "atom-a-1",
    });
    equal(alone.status, 0, alone.stderr);
    // Members of etcd are snapshotted while all of them are off.
    await lab.fixtures(CONTROL_PLANE.map((vm) => ({ vm, power: "poweredOff" })));
    const set = await lab.create("set", {
      consistency: "stopped",
      virtualMachines: NODES.join(","),
    });
    equal(set.status, 0, set.stderr);
    await lab.fixtures([]);
    then = await rolledState(lab);
    await damage(lab, "since", "inventory");
  });

  after(async () => {
    await lab.vmFaults([]);
    await lab.fixtures([]);
    await resetProduct(lab);
    // The newest proven point would not end.
    equal((await lab.create("newer", { consistency: "crash" })).status, 0);
    await lab.done(["restore-point", "verify", "newer"]);
    for (const name of ["set", "alone"]) {
      await lab.done(["restore-point", "expire", name]);
      await lab.catalog().remove(name);
    }
    await lab.remove("newer");
    lab.narrow("all");
  });

  const roll = (...args: readonly string[]) => lab.checkout.atom(["rollback", ...args]);

  const preview = async (name: string, status: number): Promise<Shown["virtualMachines"]> => {
    const run = await lab.checkout.atom([...callOf(name)[0], "--json"]);
    equal(run.status, status, run.stderr);
    return (JSON.parse(run.stdout) as Shown).virtualMachines;
  };

  /** Names of the VMs that are on. */
  const running = async (): Promise<readonly string[]> =>
    (await lab.vms())
      .flatMap(({ name, powerState }) => (powerState === "poweredOn" ? [name] : []))
      .sort();

  const workers = NODES.filter((node) => !CONTROL_PLANE.includes(node)).sort();

  /** Nodes whose VM a run of the journal reverted, by run. */
  const reverts = async (): Promise<readonly (readonly string[])[]> => {
    const entries = (await lab.point("set"))?.journal.entries ?? [];
    const runs = new Map<number, string[]>();
    for (const { event, step, run, detail } of entries) {
      if (event === "ended" && step.startsWith("revert VM ") && detail.node !== undefined) {
        runs.set(run, [...(runs.get(run) ?? []), detail.node]);
      }
    }
    return [...runs.values()].map((nodes) => nodes.sort());
  };

  it("is previewed, and changes nothing then", async () => {
    const { vms, steps, warnings } = await preview("set", 0);
    deepStrictEqual(vms.map(({ node }) => node).sort(), [...NODES].sort());
    deepStrictEqual(
      steps.map(({ kind }) => kind),
      ["off", "revert", "on", "compare"],
    );
    match(warnings.join("\n"), /Replicas elsewhere are newer/);
    deepStrictEqual(await running(), [...NODES].sort());
  });

  it("is refused for one storage node of six", async () => {
    const { refusals } = await preview("alone", 1);
    match(refusals[0] ?? "", /does not hold the VMs of atom-a-2, .* and atom-c-2: the replicas/);
    const run = await roll("alone", "--vms-only");
    equal(run.status, 1, run.stderr);
    deepStrictEqual(await running(), [...NODES].sort());
  });

  it("is refused while a storage VM has a disk that its snapshot leaves out", async () => {
    const mode = "independent_persistent";
    await lab.fixtures([{ vm: "atom-b-2", disks: [{ file: "x/y.vmdk", bytes: 1024, mode }] }]);
    const { refusals } = await preview("set", 1);
    await lab.fixtures([]);
    equal(refusals.length, 1);
    match(refusals[0] ?? "", /of atom-b-2 is independent of snapshots/);
  });

  it("names the one of nine that fails, leaves all off, goes on, and then brings the volumes back", async () => {
    await lab.vmFaults([
      { method: "RevertToSnapshot_Task", vm: "atom-b-1", fault: "GenericVmConfigFault" },
    ]);
    const [, , all] = callOf("set");
    const failed = await lab.checkout.atom(all);
    await lab.vmFaults([]);
    equal(failed.status, 1, failed.stderr);
    match(failed.stderr, /Reverting failed for atom-b-1 of node atom-b-1/);
    deepStrictEqual(await running(), []);
    match(
      (await lab.done(["restore-point", "list"])).stdout,
      /\.\/atom rollback --vms-only set again/,
    );
    const run = await lab.checkout.atom(all);
    equal(run.status, 0, run.stderr);
    deepStrictEqual(await running(), workers);
    deepStrictEqual(await reverts(), [
      NODES.filter((node) => node !== "atom-b-1").sort(),
      ["atom-b-1"],
    ]);
    deepStrictEqual(await rolledState(lab), then);
    await requireReleased(lab);
    await lab.done(["rollback", "--undo"]);
    await lab.done(["rollback", "set", "--purge"]);
  });

  it("says what differs from what was recorded, after a run that was killed", async () => {
    // A sample; every moment is in rollbackPartsKill.faults.spec.ts.
    equal(await killedAt(lab, callOf("set")[1], 16, "command"), true);
    await lab.fixtures([{ vm: "atom-c-1", mac: "00:50:56:00:00:99" }]);
    const run = await lab.checkout.atom(callOf("set")[1]);
    const on = await running();
    await lab.fixtures([]);
    equal(run.status, 1, run.stderr);
    match(run.stderr, /atom-c-1: nics .*00:50:56:00:00:99.* instead of/);
    deepStrictEqual(on, workers);
  });
});
