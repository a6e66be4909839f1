import { deepStrictEqual } from "node:assert/strict";

import type { Finding } from "../../../site/preflight/finding";
import { checkVmTake, type DueTake } from "../../../site/preflight/vmTake";
import { checkSpace } from "../../../site/preflight/vms";
import type { NodeVirtualMachine, Site } from "../../../planning/site";
import type { Hardware } from "../../../clients/vcenter/hardware";
import type { DiskRecord } from "../../../planning/pointRecord";
import type { Vm } from "../../../clients/vcenter/vms";
import { assertTold } from "../../support/told";
import { MACHINES, siteOf } from "../../support/sites";
import { disk, due, GIB, hardware, now, ours, snapshot, sound, waiver } from "./vmFixtures";

/** One line for a finding, as people read it. */
function line({ severity, check, message, remedy, waiver: passes }: Finding): string {
  const told = `${check}: ${message}${remedy === undefined ? "" : ` ${remedy}`}`;
  return passes === undefined ? `${severity} ${told}` : `waived ${told} ${passes.who}`;
}

interface Case {
  readonly vm?: Partial<Vm>;
  readonly hardware?: Partial<Hardware>;
  readonly disks?: readonly Partial<DiskRecord>[];
  readonly due?: readonly Partial<DueTake>[];
  readonly role?: NodeVirtualMachine["role"];
  readonly site?: Partial<Site>;
}

function found(one: Case): string[] {
  const site = siteOf({ virtualMachines: MACHINES, ...one.site });
  const devices = hardware({
    ...one.hardware,
    ...(one.disks === undefined ? {} : { disks: one.disks.map(disk) }),
  });
  const node: NodeVirtualMachine = {
    name: "a1",
    uuid: "u",
    role: one.role ?? "worker",
    site: "a",
    host: undefined,
    datastores: undefined,
  };
  return checkVmTake({
    site,
    node,
    vm: sound({ hardware: devices, ...one.vm }),
    due: (one.due ?? [{}]).map(due),
    now,
  }).map(line);
}

const fcd: Partial<DiskRecord> = { label: "Hard disk 2", file: "fcd/x.vmdk", volume: "fcd-7" };
const independent: Partial<DiskRecord> = { label: "Hard disk 2", mode: "independent_persistent" };

// What this cannot show: what vSphere itself refuses; the rules are from its documentation.
describe("a VM before its snapshot", () => {
  const cases: readonly (readonly [string, Case, readonly string[]])[] = [
    ["may be running", {}, []],
    ["may be off", { vm: { powerState: "poweredOff" } }, []],
    ["of a stopped product may run, where the point has volumes", { due: [{ stopped: true }] }, []],
    [
      "of a stopped product has to be off, where the point has none",
      { due: [{ stopped: true, withVolumes: false }] },
      ["error vm-power: … k8s-a1 is poweredOn"],
    ],
    [
      "of a stopped product is not suspended",
      { due: [{ stopped: true }], vm: { powerState: "suspended" } },
      ["error vm-power: … k8s-a1 is suspended"],
    ],
    [
      "of the control plane has to be off, whatever else the point has",
      { due: [{ stopped: true }], role: "controlPlane" },
      ["error vm-power: … k8s-a1 is poweredOn … etcd"],
    ],
    [
      "has to run for a snapshot of its memory",
      { due: [{ memory: true }], vm: { powerState: "poweredOff" } },
      ["error vm-power: … memory … k8s-a1 is poweredOff"],
    ],
    ["may be quiesced by its Tools", { due: [{ quiesce: true }] }, []],
    [
      "cannot be quiesced without Tools",
      { due: [{ quiesce: true }], vm: { toolsRunning: false } },
      ["error vm-tools: … k8s-a1"],
    ],
    [
      "cannot be quiesced when it is off",
      { due: [{ quiesce: true }], vm: { powerState: "poweredOff" } },
      ["error vm-tools: … k8s-a1 is poweredOff"],
    ],
    [
      "whose Tools vCenter does not know is not said to be quiesced",
      { due: [{ quiesce: true }], vm: { toolsRunning: undefined } },
      ["unknown vm-tools: … k8s-a1"],
    ],
    [
      "has no files of removed snapshots left",
      { vm: { consolidationNeeded: true } },
      ["error vm-consolidation: … k8s-a1"],
    ],
    [
      "of which vCenter does not say whether it has",
      { vm: { consolidationNeeded: undefined } },
      ["unknown vm-consolidation: … k8s-a1"],
    ],
    [
      "has room in its chain for all that is due, counted along the longest branch",
      {
        vm: {
          snapshots: [
            snapshot("s1"),
            snapshot("s2", { parent: "s1" }),
            snapshot("s3", { parent: "s1" }),
          ],
        },
        due: [{}, { snapshot: "atom.site.other" }],
      },
      [
        "error vm-depth: k8s-a1 has 2 snapshots … (name-s1, name-s2, name-s3) … 2 more … maxDepth 3",
      ],
    ],
    [
      "has no overdue snapshot of ours, whatever others left there",
      {
        vm: {
          snapshots: [
            snapshot("s1", { description: ours("north"), createdAt: "2026-11-20T11:59:59Z" }),
            snapshot("s2", { createdAt: "2026-01-01T00:00:00Z" }),
          ],
        },
      },
      ["error vm-age: … name-s1 of 2026-11-20T11:59:59Z … maxAgeHours 72"],
    ],
    [
      "may have one of ours that is not overdue",
      {
        vm: {
          snapshots: [
            snapshot("s1", { description: ours("north"), createdAt: "2026-11-20T12:00:00Z" }),
          ],
        },
      },
      [],
    ],
    [
      "has no raw disk in physical mode",
      { disks: [{}, { label: "Hard disk 2", raw: "physicalMode" }] },
      ["error vm-raw-disk: k8s-a1 … (Hard disk 2)"],
    ],
    ["may have one in virtual mode", { disks: [{ raw: "virtualMode" }] }, []],
    [
      "shares no bus",
      { hardware: { sharedBuses: ["SCSI controller 1"] } },
      ["error vm-bus-sharing: k8s-a1 … (SCSI controller 1)"],
    ],
    [
      "has no device of its host",
      { hardware: { passthrough: ["PCI device 0"] } },
      ["error vm-passthrough: k8s-a1 … (PCI device 0)"],
    ],
    [
      "of storage may have independent disks, which is said",
      { role: "storage", disks: [{}, independent] },
      ["warning vm-independent-disk: Hard disk 2 of k8s-a1 … replicas"],
    ],
    [
      "may have independent disks, which is said",
      { disks: [{ ...independent, label: "Hard disk 1" }, independent] },
      ["warning vm-independent-disk: Hard disk 1 and Hard disk 2 of k8s-a1"],
    ],
    [
      "cannot keep its memory beside independent disks",
      { due: [{ memory: true }], disks: [{}, independent] },
      ["error vm-independent-disk: … memory … Hard disk 2 of k8s-a1 … memory: false"],
    ],
    [
      "has no volume attached",
      { disks: [{}, fcd] },
      ["error vm-snapshot-locks-volumes: k8s-a1 has 1 volume … (Hard disk 2: fcd-7) … subject: a1"],
    ],
    [
      "has one that its site answers for, by the node",
      { disks: [{}, fcd], site: { waivers: [waiver("a1")] } },
      ["waived vm-snapshot-locks-volumes: k8s-a1 has 1 volume … kim"],
    ],
    [
      "has one that its site answers for, by the key",
      { disks: [{}, fcd], site: { waivers: [waiver("virtualMachines")] } },
      ["waived vm-snapshot-locks-volumes: k8s-a1 has 1 volume … kim"],
    ],
    [
      "has one that its site answered for of another node, or until yesterday",
      { disks: [{}, fcd], site: { waivers: [waiver("a2"), waiver("a1", "2026-11-22T00:00:00Z")] } },
      ["error vm-snapshot-locks-volumes: k8s-a1 has 1 volume … (Hard disk 2: fcd-7) … subject: a1"],
    ],
    [
      "has devices that can be read",
      { vm: { hardware: undefined } },
      [`unknown vm-hardware: … k8s-a1 … ${MACHINES.user} … System.Read`],
    ],
  ];
  for (const [title, one, expected] of cases) {
    it(title, () => {
      assertTold(found(one), expected);
    });
  }
});

describe("the datastores of the VMs of a restore point", () => {
  const space = (freeBytes: number): Partial<Vm> => ({
    freeSpace: [{ datastore: "store", freeBytes }],
  });
  const second = (change: Partial<Vm>): Vm => ({ ...sound(change), name: "k8s-a2" });
  const toTake = (vm: Vm, change: Partial<DueTake> = {}) => ({
    vm,
    due: [due(change)],
  });

  it("have room for a fifth of all disks of the snapshots together", () => {
    const both = (free: number): string[] =>
      checkSpace([toTake(sound(space(free))), toTake(second(space(free)))]).map(line);
    assertTold(both(40 * GIB), []);
    assertTold(both(40 * GIB - 1), [
      "error vm-datastore-space: … store … 40.0 GiB … k8s-a1 and k8s-a2 … 40.0 GiB … 20 %",
    ]);
  });

  it("have room for the memory as well, where it is kept", () => {
    deepStrictEqual(checkSpace([toTake(sound(space(36 * GIB)), { memory: true })]), []);
    deepStrictEqual(
      checkSpace([toTake(sound(space(35 * GIB)), { memory: true })]).map(({ message }) => message),
      [
        "Datastore store has 35.0 GiB left, and the snapshots of k8s-a1 are expected to take 36.0 GiB (20 % of their disks, " +
          "and memory where it is kept).",
      ],
    );
  });

  it("need none for disks that a snapshot leaves out", () => {
    const disks = [disk({ mode: "independent_persistent" }), disk({ raw: "physicalMode" })];
    deepStrictEqual(
      checkSpace([toTake(sound({ ...space(0), hardware: hardware({ disks }) }))]),
      [],
    );
  });

  it("are not said to have room when they cannot be read", () => {
    deepStrictEqual(checkSpace([toTake(sound({ freeSpace: [] }))]), [
      {
        severity: "unknown",
        check: "vm-datastore-space",
        object: "datastore store",
        message:
          "The free space of datastore store cannot be read, which the snapshots of k8s-a1 grow on.",
        remedy: "Give the vCenter user the privilege System.Read on the datastore.",
      },
    ]);
  });
});
