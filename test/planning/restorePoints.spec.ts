import assert from "node:assert/strict";
import { planRestorePoints } from "../../planning";
import type { RestorePointPlan } from "../../planning/plan";
import type { PointFile, TakenVmSnapshot } from "../../planning/site";
import { pointFile, vmMember } from "../support/points";
import { MACHINES, siteOf } from "../support/sites";

const WORKLOAD_NODES = ["a-1", "a-2", "b-1", "b-2", "c-1", "c-2"];

function plan(...points: readonly PointFile[]): readonly RestorePointPlan[] {
  return planRestorePoints(siteOf({ virtualMachines: MACHINES, restorePoints: points }));
}

function only(point: PointFile): RestorePointPlan {
  const [first] = plan(point);
  assert.ok(first !== undefined);
  return first;
}

function member(node: string, changes: Partial<TakenVmSnapshot> = {}): TakenVmSnapshot {
  return vmMember(node, `snapshot-${node}`, `uuid-of-${node}`, changes);
}

function taken(name: string, takenAt: string, ...vms: readonly TakenVmSnapshot[]): PointFile {
  return pointFile({ name, state: "ready", vms: vms.map((vm) => ({ ...vm, takenAt })) });
}

const names = (point: RestorePointPlan | undefined): readonly string[] | undefined =>
  point?.virtualMachines.map((vm) => vm.resourceName);

describe("a restore point", () => {
  it("registers nothing while it is planned", () => {
    const point = only(pointFile());
    assert.deepEqual(point.virtualMachines, []);
    assert.deepEqual(point.intended, WORKLOAD_NODES);
  });

  it("registers all storage and worker VMs while it is being taken, and no control-plane VM", () => {
    const point = only(pointFile({ state: "taking" }));
    assert.deepEqual(
      names(point),
      WORKLOAD_NODES.map((node) => `pre-24.1-vm-${node}`),
    );
    assert.deepEqual(point.virtualMachines[0], {
      node: "a-1",
      resourceName: "pre-24.1-vm-a-1",
      uuid: "4221a701-0000-4000-8000-000000000000",
      snapshotName: "atom.north.pre-24.1",
      description:
        "Restore point pre-24.1 of ATOM site north, release 24.1, node a-1. " +
        "Not to be removed by hand. " +
        "[atom-backup/1 stack=north point=pre-24.1 release=24.1 node=a-1]",
      memory: false,
      quiesce: false,
      taken: undefined,
      after: undefined,
    });
  });

  it("takes a control-plane VM where it is named", () => {
    const point = only(
      pointFile({ state: "taking", consistency: "stopped", virtualMachines: ["a-cp", "a-1"] }),
    );
    assert.deepEqual(names(point), ["pre-24.1-vm-a-cp", "pre-24.1-vm-a-1"]);
  });

  it("takes none where it says so", () => {
    const point = only(pointFile({ state: "taking", virtualMachines: "none" }));
    assert.deepEqual(point.virtualMachines, []);
    assert.deepEqual(point.intended, []);
  });

  it("registers exactly its members once it was taken, whatever the node list says", () => {
    const point = only(taken("old", "2026-01-01T00:00:00Z", member("gone-1"), member("a-1")));
    assert.deepEqual(names(point), ["old-vm-gone-1", "old-vm-a-1"]);
    assert.deepEqual(point.intended, ["gone-1", "a-1"]);
    assert.equal(point.virtualMachines[0]?.uuid, "uuid-of-gone-1");
    assert.equal(point.virtualMachines[0]?.taken?.handle, "snapshot-gone-1");
  });

  it("registers no member that was found missing or removed on purpose", () => {
    const at = "2026-01-02T00:00:00Z";
    const point = only(
      taken(
        "old",
        "2026-01-01T00:00:00Z",
        member("a-1", { lost: at }),
        member("a-2", { expiredAt: at }),
        member("b-1"),
      ),
    );
    assert.deepEqual(names(point), ["old-vm-b-1"]);
    assert.deepEqual(point.intended, ["a-1", "a-2", "b-1"]);
  });

  it("keeps its members while it expires", () => {
    const point = taken("old", "2026-01-01T00:00:00Z", member("a-1"));
    assert.deepEqual(names(only({ ...point, state: "expiring" })), ["old-vm-a-1"]);
  });

  it("does not take again what an interrupted run has recorded", () => {
    const recorded = member("a-1");
    const gone = member("a-2", { lost: "2026-01-02T00:00:00Z" });
    const point = only(pointFile({ state: "taking", vms: [recorded, gone] }));
    assert.deepEqual(names(point), [
      "pre-24.1-vm-a-1",
      "pre-24.1-vm-b-1",
      "pre-24.1-vm-b-2",
      "pre-24.1-vm-c-1",
      "pre-24.1-vm-c-2",
    ]);
    assert.deepEqual(point.virtualMachines[0]?.taken, recorded);
  });
});

describe("several restore points of one VM", () => {
  const first = taken("first", "2026-01-01T00:00:00Z", member("a-1"), member("b-1"));
  const second = taken("second", "2026-01-01T12:00:00+14:00", member("a-1"));

  function after(...points: readonly PointFile[]): Record<string, string | undefined> {
    return Object.fromEntries(
      plan(...points).flatMap((point) =>
        point.virtualMachines.map((vm) => [vm.resourceName, vm.after]),
      ),
    );
  }

  it("are chained in the order in which they were taken, not of the list or of the text of the time", () => {
    // 12:00 at +14:00 is before midnight UTC.
    assert.deepEqual(after(first, second), {
      "first-vm-a-1": "second-vm-a-1",
      "first-vm-b-1": undefined,
      "second-vm-a-1": undefined,
    });
    assert.deepEqual(after(second, first), after(first, second));
  });

  it("put those that are being taken last, in the order of the list", () => {
    const uuid = MACHINES.nodes[0]?.uuid ?? "";
    const old = taken("old", "2026-01-01T00:00:00Z", member("a-1", { uuid }));
    const one = pointFile({ name: "one", state: "taking", virtualMachines: ["a-1"] });
    const two = pointFile({ name: "two", state: "taking", virtualMachines: ["a-1"] });
    assert.deepEqual(after(two, old, one), {
      "two-vm-a-1": "old-vm-a-1",
      "old-vm-a-1": undefined,
      "one-vm-a-1": "two-vm-a-1",
    });
  });

  it("leave out what is gone from the chain", () => {
    const lost = { ...second, vms: [member("a-1", { lost: "2026-01-02T00:00:00Z" })] };
    assert.deepEqual(after(first, lost), {
      "first-vm-a-1": undefined,
      "first-vm-b-1": undefined,
    });
  });

  it("stand in the plan in the order in which they were taken", () => {
    assert.deepEqual(
      plan(first, second).map((point) => point.name),
      ["second", "first"],
    );
  });
});
