import { deepStrictEqual } from "node:assert/strict";

import { lostMembers, planSteps } from "../../drift/plan";
import type { DeployedResource, LiveState, LostMember, Step } from "../../drift/types";
import type { Registration } from "../../engine/program/desiredState";
import type { RestorePointFile } from "../../planning/site";
import {
  takenAt,
  deployedOf,
  desiredOf,
  liveOf,
  vm,
  member,
  point,
  pointMember,
  recorded,
  snapshotOf,
  uuidOf,
} from "./fixtures";

const declared = member("a-1");
const taken = point({ state: "ready", takenAt, members: [pointMember("a-1", "snapshot-7")] });
const object = "VM snapshot atom.lab.pre-24.1 of a-1";
const ours = snapshotOf(declared, "snapshot-7");
const foreign = snapshotOf(declared, "snapshot-3", { name: "nightly", description: "backup tool" });

const lostVm: LostMember = {
  kind: "virtualMachine",
  point: "pre-24.1",
  key: "vm a-1",
  node: "a-1",
  uuid: uuidOf("a-1"),
  handle: "snapshot-7",
};

interface Case {
  readonly title: string;
  readonly point?: RestorePointFile;
  readonly record?: readonly DeployedResource[];
  readonly live: LiveState;
  readonly expected: Partial<Step> & Pick<Step, "kind" | "reason">;
}

const cases: readonly Case[] = [
  {
    title: "cuts a member of a point that is being cut",
    live: liveOf({ vms: [vm("a-1", [foreign])] }),
    expected: {
      kind: "create",
      reason:
        "Restore point pre-24.1 is being cut: the disks of a-1 are snapshotted without memory.",
    },
  },
  {
    title: "adopts what a killed run cut, by name and mark",
    live: liveOf({ vms: [vm("a-1", [foreign, ours])] }),
    expected: {
      kind: "adopt",
      id: "snapshot-7",
      reason:
        "It was cut already (snapshot-7, 2026-11-20T10:00:00Z), by a run that did not get to record it.",
    },
  },
  {
    title: "does not take a snapshot of the same name without our mark",
    live: liveOf({ vms: [vm("a-1", [{ ...ours, description: "by hand" }])] }),
    expected: {
      kind: "refuse",
      reason:
        "A snapshot named atom.lab.pre-24.1 is there (snapshot-7) without our mark: rename it or remove it.",
    },
  },
  {
    title: "does not choose between two with our mark",
    live: liveOf({ vms: [vm("a-1", [ours, { ...ours, reference: "snapshot-8" }])] }),
    expected: {
      kind: "refuse",
      reason:
        "Several snapshots carry our name and mark (snapshot-7 and snapshot-8): remove all but the one to keep.",
    },
  },
  {
    title: "cuts nothing of a machine that is not there",
    live: liveOf({}),
    expected: {
      kind: "refuse",
      object: `VM snapshot atom.lab.pre-24.1 of VM ${uuidOf("a-1")}`,
      reason:
        `No virtual machine with the UUID ${uuidOf("a-1")} is in vCenter: correct virtualMachines.nodes in the ` +
        "stack file.",
    },
  },
  {
    title: "cuts nothing of a cloned machine",
    live: liveOf({
      vms: [vm("a-1"), vm("a-1", [], { name: "copy", reference: "vm-9" })],
    }),
    expected: {
      kind: "refuse",
      reason:
        `The UUID ${uuidOf("a-1")} belongs to a-1 (vm-a-1) and copy (vm-9), so it cannot be told which of them is ` +
        "the node: give the clone another BIOS UUID.",
    },
  },
  {
    title: "leaves alone what was cut, is there and recorded",
    point: taken,
    record: [recorded(declared, "snapshot-7")],
    live: liveOf({ vms: [vm("a-1", [ours])] }),
    expected: { kind: "same", id: "snapshot-7", reason: "As declared." },
  },
  {
    title: "adopts what was cut into an empty record, by its reference",
    point: taken,
    live: liveOf({ vms: [vm("a-1", [ours])] }),
    expected: {
      kind: "adopt",
      id: "snapshot-7",
      reason:
        "It is there with the reference it was cut with (snapshot-7), but missing in the record.",
    },
  },
  {
    title: "never cuts again what was cut and is gone",
    point: taken,
    record: [recorded(declared, "snapshot-7")],
    live: liveOf({ vms: [vm("a-1", [foreign])] }),
    expected: {
      kind: "refuse",
      id: "snapshot-7",
      reason:
        "It was cut at 2026-11-20T10:00:00Z and the snapshot snapshot-7 is gone. It is not cut again: restore point " +
        "pre-24.1 no longer leads back on this machine. The command asks, marks it lost and goes on.",
      command: "./atom up",
      lost: [lostVm],
    },
  },
  {
    title: "does not take a later snapshot of the same name for it",
    point: taken,
    live: liveOf({ vms: [vm("a-1", [{ ...ours, reference: "snapshot-9" }])] }),
    expected: {
      kind: "refuse",
      id: "snapshot-7",
      reason:
        "It was cut at 2026-11-20T10:00:00Z and the snapshot snapshot-7 is gone. A snapshot of the same name " +
        "(snapshot-9) is there; it is not the one that was cut. It is not cut again: restore point pre-24.1 no " +
        "longer leads back on this machine. The command asks, marks it lost and goes on.",
      command: "./atom up",
      lost: [lostVm],
    },
  },
  {
    title: "counts a snapshot as lost with its machine",
    point: taken,
    live: liveOf({}),
    expected: {
      kind: "refuse",
      id: "snapshot-7",
      object: `VM snapshot atom.lab.pre-24.1 of VM ${uuidOf("a-1")}`,
      reason:
        "It was cut at 2026-11-20T10:00:00Z and the virtual machine is not in vCenter any more, and the snapshot " +
        "went with it. It is not cut again: restore point pre-24.1 no longer leads back on this machine. The " +
        "command asks, marks it lost and goes on.",
      command: "./atom up",
      lost: [lostVm],
    },
  },
  {
    title: "does not cut a second time what is gone while the point is still being cut",
    record: [recorded(declared, "snapshot-7")],
    live: liveOf({ vms: [vm("a-1")] }),
    expected: {
      kind: "refuse",
      id: "snapshot-7",
      reason:
        "It was cut at an earlier time and the snapshot snapshot-7 is gone. The restore point cannot be completed: " +
        "remove its other snapshots in vCenter, set its state to failed in its file, and cut one under another name.",
      command: undefined,
    },
  },
  {
    title: "cuts nothing into a point afterwards",
    point: point({ state: "ready", takenAt }),
    live: liveOf({ vms: [vm("a-1")] }),
    expected: {
      kind: "refuse",
      reason:
        "Restore point pre-24.1 was cut at 2026-11-20T10:00:00Z without a-1; nothing is cut into a point afterwards.",
    },
  },
  {
    title: "reports a snapshot that was renamed by hand and goes on",
    point: taken,
    record: [recorded(declared, "snapshot-7")],
    live: liveOf({ vms: [vm("a-1", [{ ...ours, name: "old stuff" }])] }),
    expected: {
      kind: "differs",
      id: "snapshot-7",
      changes: [{ path: "snapshotName", from: "old stuff", to: "atom.lab.pre-24.1" }],
      reason:
        "It was renamed in vCenter. It is found by its reference snapshot-7, so nothing is lost; name it " +
        "atom.lab.pre-24.1 again, so that nobody takes it for a foreign one and removes it.",
    },
  },
  {
    title: "drops from the record what an expiring point had removed",
    point: { ...taken, state: "expiring" },
    record: [recorded(declared, "snapshot-7")],
    live: liveOf({ vms: [vm("a-1")] }),
    expected: {
      kind: "forget",
      id: "snapshot-7",
      reason: "It was removed on purpose: its restore point is expiring.",
    },
  },
  {
    title: "says nothing when vCenter is silent",
    point: taken,
    live: {
      ...liveOf({}),
      vcenter: {
        state: "unknown",
        why: "vCenter v refuses connections: nothing listens there.",
      },
    },
    expected: {
      kind: "unknown",
      id: "snapshot-7",
      object: `VM snapshot atom.lab.pre-24.1 of VM ${uuidOf("a-1")}`,
      reason: "vCenter v refuses connections: nothing listens there.",
    },
  },
];

function plan(
  registrations: readonly Registration[],
  record: readonly DeployedResource[],
  live: LiveState,
  points: readonly RestorePointFile[],
): Step[] {
  return planSteps({
    desired: desiredOf(registrations),
    deployed: deployedOf(record),
    live,
    points,
  });
}

describe("planning a VM snapshot", () => {
  for (const { title, expected, record, live, point: file } of cases) {
    it(title, () => {
      const { urn, type } = declared;
      deepStrictEqual(plan([declared], record ?? [], live, [file ?? point()]), [
        { urn, type, object, id: undefined, command: undefined, changes: [], ...expected },
      ]);
    });
  }

  it("names the members to be written as lost, and only those", () => {
    const second = member("b-1");
    const members = [pointMember("a-1", "snapshot-7"), pointMember("b-1", "snapshot-8")];
    const live = liveOf({
      vms: [vm("a-1"), vm("b-1", [snapshotOf(second, "snapshot-8")])],
    });
    const steps = plan([declared, second], [], live, [{ ...taken, members }]);
    deepStrictEqual(lostMembers(steps), [lostVm]);
  });

  it("keeps points apart whose names begin alike", () => {
    const longer = member("a-1", { point: "pre-24.1-vm-a" });
    const points = [taken, point({ name: "pre-24.1-vm-a" })];
    const live = liveOf({ vms: [vm("a-1", [ours])] });
    deepStrictEqual(
      plan([longer], [], live, points).map(({ kind, reason }) => [kind, reason]),
      [
        [
          "create",
          "Restore point pre-24.1-vm-a is being cut: the disks of a-1 are snapshotted without memory.",
        ],
      ],
    );
  });
});

describe("planning what is not declared any more", () => {
  const there = liveOf({ vms: [vm("a-1", [ours])] });
  const record = [recorded(declared, "snapshot-7")];

  function seen(points: readonly RestorePointFile[], live: LiveState): unknown[] {
    return plan([], record, live, points).map(({ kind, reason, command }) => [
      kind,
      reason,
      command,
    ]);
  }

  it("drops a member that is marked lost", () => {
    const lost = {
      ...taken,
      members: [pointMember("a-1", "snapshot-7", { lost: "2026-11-22T00:00:00Z" })],
    };
    deepStrictEqual(seen([lost], liveOf({})), [
      [
        "forget",
        "It is marked lost since 2026-11-22T00:00:00Z: only the record changes.",
        undefined,
      ],
    ]);
  });

  it("drops a member that expired", () => {
    const expired = {
      ...taken,
      members: [pointMember("a-1", "snapshot-7", { expiredAt: "2026-11-22T00:00:00Z" })],
    };
    deepStrictEqual(seen([expired], liveOf({})), [
      ["forget", "It expired at 2026-11-22T00:00:00Z: only the record changes.", undefined],
    ]);
  });

  it("never removes a snapshot because a point's file is missing", () => {
    deepStrictEqual(seen([], there), [
      [
        "refuse",
        "It was cut for a restore point whose file is missing here; a cut snapshot is never removed because a file is. " +
          "Bring the file back from version control and list the point again; if it is to end, the command removes it then.",
        "./atom restore-point expire pre-24.1",
      ],
    ]);
  });

  it("never removes a snapshot because its point was edited", () => {
    deepStrictEqual(seen([point({ state: "planned" })], there), [
      [
        "refuse",
        "It was cut, but restore point pre-24.1 does not list it any more; a cut snapshot is never removed by a deployment. " +
          "Bring the point's file back from version control; if the point is to end, the command removes it then.",
        "./atom restore-point expire pre-24.1",
      ],
    ]);
  });

  it("drops what is gone", () => {
    deepStrictEqual(seen([], liveOf({ vms: [vm("a-1")] })), [
      ["forget", "It is not declared any more, and it is gone.", undefined],
    ]);
  });
});
