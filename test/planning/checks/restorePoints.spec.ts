import type { PointFile, Site, TakenVmSnapshot } from "../../../planning/site";
import { tells } from "../support/refusals";
import { pointFile, vmMember } from "../../support/points";
import { MACHINES, siteOf } from "../../support/sites";

const FILE = "stacks/restore-points/north/pre-24.1.yaml";

function site(
  points: readonly PointFile[],
  virtualMachines: Site["virtualMachines"] = MACHINES,
): Site {
  return siteOf({ virtualMachines, restorePoints: points });
}

function member(node: string, changes: Partial<TakenVmSnapshot> = {}): TakenVmSnapshot {
  const uuid = MACHINES.nodes.find((vm) => vm.name === node)?.uuid ?? "";
  return vmMember(node, `snapshot-${node}`, uuid, changes);
}

function taken(name: string, day: number, ...members: readonly TakenVmSnapshot[]): PointFile {
  const takenAt = `2026-01-0${day}T00:00:00Z`;
  return pointFile({ name, state: "ready", vms: members.map((vm) => ({ ...vm, takenAt })) });
}

describe("a restore point is refused", () => {
  tells([
    [
      "with VMs that the stack does not describe",
      siteOf({ restorePoints: [pointFile(), pointFile({ name: "b", virtualMachines: ["a-1"] })] }),
      [
        `${FILE}: virtualMachines = "all": … Allowed: none`,
        'stacks/restore-points/north/b.yaml: virtualMachines = ["a-1"]: … Allowed: none',
      ],
    ],
    [
      "with VM snapshots whose vCenter is no longer described",
      siteOf({ restorePoints: [taken("old", 1, member("a-1"), member("a-2"))] }),
      ["virtualMachines: … old … 2 VM snapshots … Allowed: the vCenter"],
    ],
    [
      "with a node that is not in the list",
      site([pointFile({ virtualMachines: ["a-1", "a-9"] })]),
      [`${FILE}: virtualMachines[1] = "a-9": … a-1, a-2, a-cp, b-1, b-2, b-cp, c-1, c-2, c-cp`],
    ],
    [
      "with a control-plane VM that is not stopped",
      site([pointFile({ virtualMachines: ["a-cp", "a-2"], consistency: "crash" })]),
      [`${FILE}: virtualMachines = ["a-cp","a-2"]: … a-cp … Allowed: consistency: stopped`],
    ],
    [
      "with some of the control-plane VMs",
      site([pointFile({ virtualMachines: ["a-cp", "a-2"], consistency: "stopped" })]),
      [
        `${FILE}: virtualMachines = ["a-cp","a-2"]: … a-cp … b-cp and c-cp … Allowed: all control-plane nodes by name`,
      ],
    ],
    [
      "with memory and quiescing",
      site([pointFile({ virtualMachines: ["a-2"], memory: true, quiesce: true })]),
      [`${FILE}: quiesce = true: … Allowed: memory or quiesce, not both`],
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
        `${FILE}: memory = true: … a-1 (storage), a-cp (controlPlane), b-cp (controlPlane) and c-cp (controlPlane) … Allowed: false`,
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
        `${FILE}: virtualMachines = ["a-1","a-2"]: … a-1 (4) … maxDepth (3) … Allowed: fewer VMs, or a greater virtualMachines.maxDepth`,
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
        'stacks/restore-points/north/x-vm-a.yaml: name = "x-vm-a": … x-vm-a-vm-b … restore point x, node a-vm-b',
      ],
    ],
    [
      "whose snapshots have the names of another's",
      site([pointFile(), pointFile()]),
      [`${FILE}: name = "pre-24.1": … atom.north.pre-24.1 … restore point pre-24.1`],
    ],
  ]);
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
        pointFile({ virtualMachines: ["a-1"] }),
      ]),
    ],
  ];
  tells(accepted.map(([title, site]) => [title, site, []]));
});
