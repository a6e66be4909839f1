import { referenceInput } from "../../../clients/vcenter/xml";
import { LAB_NODES } from "../../../lab/inventory";
import { takeByHand, type VmFixture } from "../../support/labSystems";
import { managed, task, type Tampering } from "./tamper";

const fixture =
  (vm: VmFixture): Tampering["make"] =>
  async (lab) => {
    await lab.fixtures([vm]);
    return () => lab.fixtures([]);
  };

const uuidOf = (name: string): string => LAB_NODES.find((node) => node.name === name)?.uuid ?? "";

/** Gives a VM another BIOS UUID, as a restore of the VM from a copy does. */
const reUuid =
  (vm: string, uuid: string): Tampering["make"] =>
  async ({ vcenter }) => {
    const set = (to: string): Promise<void> =>
      task(vcenter, vm, "ReconfigVM_Task", { spec: { uuid: to } });
    await set(uuid);
    return () => set(uuidOf(vm));
  };

/** Moves a VM, as DRS does. */
const moved =
  (vm: string, type: "HostSystem" | "Datastore", from: string, to: string): Tampering["make"] =>
  async ({ vcenter }) => {
    const move = async (name: string): Promise<void> => {
      const place = referenceInput(await managed(vcenter, type, name));
      const key = type === "HostSystem" ? "host" : "datastore";
      await task(vcenter, vm, "RelocateVM_Task", { spec: { [key]: place } });
    };
    await move(to);
    return () => move(from);
  };

/** Snapshots on top of each other, as a backup tool leaves them. */
const taken =
  (vm: string, ...names: readonly string[]): Tampering["make"] =>
  async ({ vcenter }) => {
    const target = (await managed(vcenter, "VirtualMachine", vm)).value;
    for (const name of names) {
      await takeByHand(vcenter, target, { name });
    }
    return async () => {
      const live = (await vcenter.vms()).find((one) => one.name === vm);
      const theirs = (live?.snapshots ?? []).filter(({ name }) => names.includes(name));
      for (const { reference } of [...theirs].reverse()) {
        await vcenter.removeSnapshot(reference, { timeoutMs: 60_000 });
      }
    };
  };

const volume = { file: "fcd/one.vmdk", bytes: 1_048_576, volume: "fcd-1" };

/** What is done to vCenter's machines. */
export const VM_TAMPERINGS: readonly Tampering[] = [
  {
    title: "a snapshot of others on top of ours",
    gate: true,
    make: taken("atom-a-1", "nightly"),
    finds: ["foreign VM snapshot nightly of atom-a-1"],
  },
  {
    title: "two snapshots of others on top of ours",
    make: taken("atom-c-2", "nightly", "weekly"),
    finds: ["foreign VM snapshot nightly of atom-c-2", "foreign VM snapshot weekly of atom-c-2"],
  },
  {
    title: "a snapshot of others where none of ours is",
    make: taken("atom-a-cp", "nightly"),
    finds: [],
  },
  {
    title: "a tree of snapshots that is too deep",
    gate: true,
    make: taken("atom-b-cp", "one", "two", "three", "four"),
    finds: ["differs VM of node atom-b-cp | snapshots in a chain"],
  },
  {
    title: "a VM that needs consolidation",
    make: fixture({ vm: "atom-b-1", consolidationNeeded: true }),
    finds: ["differs VM of node atom-b-1 | runtime.consolidationNeeded"],
  },
  {
    title: "a volume that is attached to a VM with a snapshot",
    gate: true,
    make: fixture({ vm: "atom-a-2", disks: [volume] }),
    finds: ["differs VM of node atom-a-2 | attached volumes"],
  },
  {
    title: "a volume that is attached to a VM without one",
    make: fixture({ vm: "atom-a-cp", disks: [volume] }),
    finds: [],
  },
  {
    title: "an independent disk of a VM with a snapshot",
    make: fixture({ vm: "atom-a-2", disks: [{ ...volume, mode: "independent_persistent" }] }),
    finds: [],
  },
  {
    title: "a node without its VM",
    make: reUuid("atom-c-cp", "42100000-0000-4000-8000-00000000ffff"),
    finds: ["missing VM of node atom-c-cp"],
  },
  {
    title: "a node without its VM, and with it the snapshot",
    make: reUuid("atom-c-1", "42100000-0000-4000-8000-00000000ffff"),
    finds: ({ snapshot }) => [
      `lost VM snapshot ${snapshot} of VM ${uuidOf("atom-c-1")}`,
      "missing VM of node atom-c-1",
    ],
  },
  {
    title: "two VMs with one UUID",
    make: reUuid("atom-c-cp", uuidOf("atom-a-cp")),
    finds: ["foreign VM of node atom-a-cp", "missing VM of node atom-c-cp"],
  },
  {
    title: "a VM on another host of its site",
    gate: true,
    make: moved("atom-b-2", "HostSystem", "esx-b-2", "esx-b-1"),
    finds: ["differs VM atom-b-2 of node atom-b-2 | host"],
  },
  {
    title: "a VM on a host of another site",
    make: moved("atom-a-1", "HostSystem", "esx-a-1", "esx-b-1"),
    finds: ["differs VM atom-a-1 of node atom-a-1 | host"],
  },
  {
    title: "a VM on a datastore of another site",
    make: moved("atom-a-1", "Datastore", "datastore-a", "datastore-c"),
    finds: ["differs VM atom-a-1 of node atom-a-1 | datastores"],
  },
];
