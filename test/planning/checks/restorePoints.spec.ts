import assert from "node:assert/strict";
import type { VmMember } from "../../../planning/pointRecord";
import type { RestorePointFile, Site } from "../../../planning/site";
import { refusals } from "../support/refusals";
import { pointFile, vmMember } from "../../support/points";
import { MACHINES, siteOf } from "../../support/sites";

const FILE = "stacks/restore-points/north/pre-24.1.yaml";

function site(
  points: readonly RestorePointFile[],
  virtualMachines: Site["virtualMachines"] = MACHINES,
): Site {
  return siteOf({ virtualMachines, restorePoints: points });
}

function member(node: string, changes: Partial<VmMember> = {}): VmMember {
  const uuid = MACHINES.nodes.find((vm) => vm.name === node)?.uuid ?? "";
  return vmMember(node, `snapshot-${node}`, uuid, changes);
}

function taken(name: string, day: number, ...members: readonly VmMember[]): RestorePointFile {
  return pointFile({ name, state: "ready", takenAt: `2026-01-0${day}T00:00:00Z`, members });
}

describe("a restore point is refused", () => {
  const cases: readonly (readonly [string, Site, readonly string[]])[] = [
    [
      "with VMs that the stack does not describe",
      siteOf({ restorePoints: [pointFile(), pointFile({ name: "b", virtualMachines: ["a-1"] })] }),
      [
        `${FILE}: virtualMachines = "all": the stack describes no virtualMachines that could be taken. ` +
          "Allowed: none, or virtualMachines in the stack file.",
        'stacks/restore-points/north/b.yaml: virtualMachines = ["a-1"]: the stack describes no virtualMachines that could be taken. ' +
          "Allowed: none, or virtualMachines in the stack file.",
      ],
    ],
    [
      "with VM snapshots whose vCenter is no longer described",
      siteOf({ restorePoints: [taken("old", 1, member("a-1"), member("a-2"))] }),
      [
        "virtualMachines: restore point old holds 2 VM snapshots, and no vCenter is described. " +
          "Allowed: the vCenter that holds them.",
      ],
    ],
    [
      "with a node that is not in the list",
      site([pointFile({ virtualMachines: ["a-1", "a-9"] })]),
      [
        `${FILE}: virtualMachines[1] = "a-9": no such node in virtualMachines.nodes of the stack file. ` +
          "Known nodes: a-1, a-2, a-cp, b-1, b-2, b-cp, c-1, c-2, c-cp.",
      ],
    ],
    [
      "with a control-plane VM that is not stopped",
      site([pointFile({ virtualMachines: ["a-cp", "a-2"], consistency: "crash" })]),
      [
        `${FILE}: virtualMachines = ["a-cp","a-2"]: a-cp is a control-plane node: ` +
          "an etcd member that goes back to the disk of a running moment breaks its cluster. " +
          "Allowed: consistency: stopped, or the point without them (etcd is backed up by etcd snapshots).",
      ],
    ],
    [
      "with some of the control-plane VMs",
      site([pointFile({ virtualMachines: ["a-cp", "a-2"], consistency: "stopped" })]),
      [
        `${FILE}: virtualMachines = ["a-cp","a-2"]: it takes a-cp of the control plane without b-cp and c-cp: ` +
          "etcd members go back all together or not at all. " +
          "Allowed: all control-plane nodes by name, or the point without them (etcd is backed up by etcd snapshots).",
      ],
    ],
    [
      "with memory and quiescing",
      site([pointFile({ virtualMachines: ["a-2"], memory: true, quiesce: true })]),
      [
        `${FILE}: quiesce = true: a snapshot with memory needs no quiescing, and vSphere takes one or the other. ` +
          "Allowed: memory or quiesce, not both.",
      ],
    ],
    [
      "with memory of storage and control-plane nodes",
      site([
        pointFile({
          virtualMachines: ["a-1", "a-2", "a-cp", "b-cp", "c-cp"],
          memory: true,
          consistency: "stopped",
        }),
      ]),
      [
        `${FILE}: memory = true: a-1 (storage), a-cp (controlPlane), b-cp (controlPlane) and c-cp (controlPlane) would come back running, ` +
          "with replicas or etcd in a state that the others have left behind. " +
          "Allowed: false, or virtualMachines with worker nodes only.",
      ],
    ],
    [
      "that makes a chain too deep",
      site([
        taken("one", 1, member("a-1"), member("a-2")),
        taken("two", 2, member("a-1")),
        taken("three", 3, member("a-1")),
        pointFile({ virtualMachines: ["a-1", "a-2"] }),
      ]),
      [
        `${FILE}: virtualMachines = ["a-1","a-2"]: with this point a-1 (4) would have more VM snapshots in a chain than virtualMachines.maxDepth (3). ` +
          "Allowed: fewer VMs, or a greater virtualMachines.maxDepth (at most 31; 2 to 3 is the vendor's advice).",
      ],
    ],
    [
      "whose resource has the name of another's",
      site(
        [
          pointFile({ name: "x", virtualMachines: ["a-vm-b"] }),
          pointFile({ name: "x-vm-a", virtualMachines: ["b"] }),
        ],
        {
          ...MACHINES,
          nodes: ["a-vm-b", "b"].map((name, index) => ({
            name,
            uuid: `4221a701-0000-4000-8000-00000000000${index}`,
            role: "worker",
            site: "a",
            host: undefined,
            datastores: undefined,
          })),
        },
      ),
      [
        'stacks/restore-points/north/x-vm-a.yaml: name = "x-vm-a": its name x-vm-a-vm-b is also that of restore point x, node a-vm-b. ' +
          "Allowed: another name for the point.",
      ],
    ],
    [
      "whose snapshots have the names of another's",
      site([pointFile(), pointFile()]),
      [
        `${FILE}: name = "pre-24.1": its name atom.north.pre-24.1 is also that of restore point pre-24.1. ` +
          "Allowed: another name for the point.",
      ],
    ],
  ];
  for (const [title, planned, expected] of cases) {
    it(title, () => {
      assert.deepEqual(refusals(planned), expected);
    });
  }
});

describe("a restore point is accepted", () => {
  const accepted: readonly (readonly [string, Site])[] = [
    ["with all VMs", site([pointFile()])],
    [
      "without VMs and without a vCenter",
      siteOf({ restorePoints: [pointFile({ virtualMachines: "none" })] }),
    ],
    [
      "with control-plane VMs that are stopped",
      site([pointFile({ virtualMachines: ["a-cp", "b-cp", "c-cp"], consistency: "stopped" })]),
    ],
    ["with memory of workers", site([pointFile({ virtualMachines: ["a-2"], memory: true })])],
    [
      "as a record, whatever today's rules say of it",
      site([
        {
          ...taken("old", 1, member("gone")),
          virtualMachines: ["gone"],
          memory: true,
          quiesce: true,
        },
      ]),
    ],
    [
      "after older snapshots of its VMs are gone",
      site([
        taken("one", 1, member("a-1", { expiredAt: "2026-02-01T00:00:00Z" })),
        taken("two", 2, member("a-1", { lost: "2026-02-01T00:00:00Z" })),
        { ...taken("three", 3, member("a-1")), state: "expired" },
        pointFile({ virtualMachines: ["a-1"] }),
      ]),
    ],
  ];
  for (const [title, planned] of accepted) {
    it(title, () => {
      assert.deepEqual(refusals(planned), []);
    });
  }
});
