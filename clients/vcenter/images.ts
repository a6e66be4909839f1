import { waitFor } from "../wait";
import { VcenterError } from "./error";
import { localName, type Caller } from "./session";
import { PAUSES, readProperties, runTask, taskInfo, type TaskWatch } from "./task";
import { child, children, machineAt, referenceInput, textOf, type XmlInput } from "./xml";

/** Where a machine stands in the inventory, by references, and what its identity hangs on. */
export interface Machine {
  readonly folder: string;
  /** Empty for a template, which has none. */
  readonly pool: string;
  readonly cpus: number;
  /** Network cards in the order of its devices. */
  readonly cards: readonly { readonly key: string; readonly type: string }[];
}

/** How a clone is made. All references. */
export interface CloneSpec {
  readonly name: string;
  readonly folder: string;
  readonly datastore: string;
  /** Absent for a template. */
  readonly pool?: string;
  readonly host?: string | undefined;
  readonly annotation: string;
  readonly isTemplate: boolean;
  /** Disks that are left out. */
  readonly without: readonly { readonly key: number; readonly bytes: number }[];
}

/** @throws VcenterError */
export async function readMachine(session: Caller, vm: string): Promise<Machine> {
  const paths = ["parent", "resourcePool", "config.hardware.numCPU", "config.hardware.device"];
  const values = await readProperties(session, machineAt(vm), paths, `Reading ${vm}`);
  const devices = children(values.get("config.hardware.device"), "VirtualDevice");
  return {
    folder: textOf(values.get("parent")),
    pool: textOf(values.get("resourcePool")),
    cpus: Number(textOf(values.get("config.hardware.numCPU"))),
    cards: devices
      .filter((device) => child(device, "macAddress") !== undefined)
      .map((device) => ({
        key: textOf(device, "key"),
        type: localName(textOf(child(device, "@type"))),
      })),
  };
}

/** Makes a full clone that is off; its BIOS UUID and its MAC addresses are new. @throws VcenterError */
export function cloneVm(
  session: Caller,
  vm: string,
  spec: CloneSpec,
  watch: TaskWatch,
): Promise<void> {
  const { name, folder, datastore, pool, host, annotation, isTemplate, without } = spec;
  // vSphere insists on the order of elements.
  const location: XmlInput = {
    datastore: referenceInput({ type: "Datastore", value: datastore }),
    ...(pool === undefined ? {} : { pool: referenceInput({ type: "ResourcePool", value: pool }) }),
    ...(host === undefined ? {} : { host: referenceInput({ type: "HostSystem", value: host }) }),
    deviceChange: without.map(({ key, bytes }) => ({
      operation: "remove",
      device: { "@xsi:type": "VirtualDisk", key, capacityInKB: Math.floor(bytes / 1024) },
    })),
  };
  const input = {
    folder: referenceInput({ type: "Folder", value: folder }),
    name,
    spec: { location, template: isTemplate, config: { annotation }, powerOn: false },
  };
  const call = ["CloneVM_Task", machineAt(vm), input] as const;
  return runTask(session, call, `Cloning ${vm} to ${name}`, watch);
}

/** Waits until no task of a machine runs any more that clones it: another run may have begun it. @throws VcenterError */
export async function awaitClones(
  session: Caller,
  vm: string,
  { timeoutMs }: TaskWatch,
): Promise<void> {
  const action = `Waiting for the clone of ${vm}`;
  const ended = async (): Promise<true | undefined> => {
    const values = await readProperties(session, machineAt(vm), ["recentTask"], action);
    const tasks = children(values.get("recentTask"), "ManagedObjectReference");
    const infos = await Promise.all(
      tasks.map((task) => taskInfo(session, { type: "Task", value: textOf(task) }, action)),
    );
    const isRunning = infos.some(
      (info) =>
        /clone/i.test(textOf(info, "descriptionId")) &&
        ["queued", "running"].includes(textOf(info, "state")),
    );
    return isRunning ? undefined : true;
  };
  if ((await waitFor(ended, { timeoutMs, ...PAUSES })) === undefined) {
    throw new VcenterError("timeout", `${action}: it goes on in vCenter; run the command again.`);
  }
}

/** Addresses that vCenter and hosts give themselves; vSphere takes none of them as set by hand. */
const OWN_ADDRESSES = /^00:50:56:[4-9a-f]|^00:0c:29/i;

/** Gives a machine that is off a BIOS UUID, and its cards these addresses in their order. @throws VcenterError */
export async function identifyVm(
  session: Caller,
  vm: string,
  { uuid, macs }: { readonly uuid: string; readonly macs: readonly string[] },
  watch: TaskWatch,
): Promise<void> {
  const { cards } = await readMachine(session, vm);
  const deviceChange = cards.slice(0, macs.length).map(({ key, type }, index): XmlInput => {
    const mac = macs[index] ?? "";
    const addressType = OWN_ADDRESSES.test(mac) ? "assigned" : "manual";
    const device = { "@xsi:type": type, key, addressType, macAddress: mac };
    return { operation: "edit", device };
  });
  const call = ["ReconfigVM_Task", machineAt(vm), { spec: { uuid, deviceChange } }] as const;
  await runTask(session, call, `Giving ${vm} its identity`, watch);
}

/** Removes a machine that is off, or a template, with its disks. @throws VcenterError */
export function destroyVm(session: Caller, vm: string, watch: TaskWatch): Promise<void> {
  return runTask(session, ["Destroy_Task", machineAt(vm), {}], `Removing ${vm}`, watch);
}
