import { parseHardware, type Hardware } from "./hardware";
import type { Caller } from "./session";
import type { XmlInput, XmlNode } from "./xml";
import { child, children, referenceAt, referenceInput, textOf } from "./xml";

/** A virtual machine with its snapshots. */
export interface Vm {
  /** Managed object reference, e.g. `vm-42`. */
  readonly reference: string;
  readonly name: string;
  /** BIOS UUID, lower case; empty for a machine whose configuration vCenter cannot read. */
  readonly uuid: string;
  /** poweredOn, poweredOff or suspended. */
  readonly powerState: string;
  /** Name of the ESXi host that it runs on; undefined where the user may not see it. */
  readonly host: string | undefined;
  /** Names of the datastores that hold its disks, in vCenter's order; those that the user may not see are missing. */
  readonly datastores: readonly string[];
  /** What those datastores have left, as far as the user may see it. */
  readonly freeSpace: readonly { readonly datastore: string; readonly freeBytes: number }[];
  /** Undefined where the user may not see it. */
  readonly hardware: Hardware | undefined;
  /** Whether VMware Tools run in the guest; undefined where vCenter does not say. */
  readonly toolsRunning: boolean | undefined;
  /** Whether files of removed snapshots still wait to be merged; undefined where vCenter does not say. */
  readonly consolidationNeeded: boolean | undefined;
  /** Custom attributes that have a value, by name. */
  readonly attributes: ReadonlyMap<string, string>;
  /** The whole tree, parents before children. */
  readonly snapshots: readonly VmSnapshot[];
}

export interface VmSnapshot {
  /** Managed object reference, e.g. `snapshot-123`. */
  readonly reference: string;
  readonly name: string;
  readonly description: string;
  /** RFC 3339. */
  readonly createdAt: string;
  /** Reference of the snapshot before it in the chain. */
  readonly parent: string | undefined;
}

/** Machines of one answer, some 20 KB each with their devices; vCenter's own limit may be lower. */
const PAGE = 100;

const PATHS = [
  "name",
  "config.uuid",
  "config.template",
  "config.files.vmPathName",
  "config.hardware.device",
  "config.hardware.memoryMB",
  "guest.toolsRunningStatus",
  "runtime.consolidationNeeded",
  "runtime.powerState",
  "runtime.host",
  "datastore",
  "snapshot",
  "availableField",
  "customValue",
];

/**
 * All virtual machines that the user may see, templates apart, which are no machines, by one run of the property collector
 * over a view, which goes on from each machine to its host and datastores for their names and free space.
 */
export async function readVms(session: Caller): Promise<Vm[]> {
  const beside = [
    traversal("VirtualMachine", "runtime.host", []),
    traversal("VirtualMachine", "datastore", []),
  ];
  const properties = [
    { type: "VirtualMachine", pathSet: PATHS },
    { type: "HostSystem", pathSet: ["name"] },
    { type: "Datastore", pathSet: ["name", "summary.freeSpace"] },
  ];
  return parseVms(await collect(session, "VirtualMachine", properties, beside));
}

/** What bears a name in the inventory. */
export interface Named {
  /** Managed object reference. */
  readonly reference: string;
  readonly name: string;
  /** Notes of a virtual machine; empty for anything else. */
  readonly annotation: string;
  readonly isTemplate: boolean;
}

/** All of a kind that the user may see; of virtual machines templates as well. */
export async function readNamed(
  session: Caller,
  type: "VirtualMachine" | "Datastore" | "HostSystem",
): Promise<Named[]> {
  const more = type === "VirtualMachine" ? ["config.annotation", "config.template"] : [];
  const objects = await collect(session, type, [{ type, pathSet: ["name", ...more] }], []);
  const found = objects.map((object): Named => {
    const values = propertiesOf(object);
    return {
      reference: referenceAt(object, "obj").value,
      name: textOf(values.get("name")),
      annotation: textOf(values.get("config.annotation")),
      isTemplate: textOf(values.get("config.template")) === "true",
    };
  });
  return [...new Map(found.map((one) => [one.reference, one])).values()];
}

/** Properties of all objects of a type, and of what is beside them, by one run of the collector over a view. */
async function collect(
  session: Caller,
  type: string,
  propSet: readonly XmlInput[],
  beside: readonly XmlInput[],
): Promise<readonly XmlNode[]> {
  const action = `Reading the inventory (${type})`;
  const collector = await session.manager("propertyCollector");
  const container = referenceInput(await session.manager("rootFolder"));
  const views = await session.manager("viewManager");
  const [made] = await session.call(
    "CreateContainerView",
    views,
    { container, type, recursive: true },
    action,
  );
  const view = referenceAt(made);
  const selectSet = traversal("ContainerView", "view", beside);
  const objectSet = { obj: referenceInput(view), skip: true, selectSet };
  try {
    const objects: XmlNode[] = [];
    let method = "RetrievePropertiesEx";
    let request: XmlInput = { specSet: { propSet, objectSet }, options: { maxObjects: PAGE } };
    for (;;) {
      const [page] = await session.call(method, collector, request, action);
      objects.push(...children(page, "objects"));
      const token = textOf(page, "token");
      if (token === "") {
        return objects;
      }
      method = "ContinueRetrievePropertiesEx";
      request = { token };
    }
  } finally {
    await session.call("DestroyView", view, {}, action);
  }
}

function traversal(type: string, path: string, selectSet: readonly XmlInput[]): XmlInput {
  return {
    "@xsi:type": "TraversalSpec",
    type,
    path,
    skip: false,
    ...(selectSet.length === 0 ? {} : { selectSet }),
  };
}

type Properties = ReadonlyMap<string, XmlNode>;

/** Properties of the hosts and datastores by reference. */
type Neighbours = ReadonlyMap<string, Properties>;

function parseVms(objects: readonly XmlNode[]): Vm[] {
  const vms: [string, Properties][] = [];
  const neighbours = new Map<string, Properties>();
  for (const object of objects) {
    const { type, value } = referenceAt(object, "obj");
    const properties = propertiesOf(object);
    if (type === "VirtualMachine") {
      if (textOf(properties.get("config.template")) !== "true") {
        vms.push([value, properties]);
      }
    } else {
      neighbours.set(value, properties);
    }
  }
  return vms.map(([reference, properties]) => parseVm(reference, properties, neighbours));
}

/** Values of an object that the collector gave, by path. */
export function propertiesOf(object: XmlNode): Properties {
  return new Map(
    children(object, "propSet").map((property) => [
      textOf(property, "name"),
      child(property, "val"),
    ]),
  );
}

function parseVm(reference: string, values: Properties, neighbours: Neighbours): Vm {
  const text = (path: string): string => textOf(values.get(path));
  const devices = values.get("config.hardware.device");
  const host = neighbours.get(text("runtime.host"));
  const datastores = children(values.get("datastore"), "ManagedObjectReference").flatMap(
    (datastore) => neighbours.get(textOf(datastore)) ?? [],
  );
  return {
    reference,
    name: text("name"),
    uuid: text("config.uuid").toLowerCase(),
    powerState: text("runtime.powerState"),
    host: host && textOf(host.get("name")),
    datastores: datastores.map((one) => textOf(one.get("name"))),
    freeSpace: datastores.flatMap((one) => {
      const free = textOf(one.get("summary.freeSpace"));
      return free === "" ? [] : [{ datastore: textOf(one.get("name")), freeBytes: Number(free) }];
    }),
    hardware:
      devices === undefined
        ? undefined
        : parseHardware(devices, text("config.hardware.memoryMB"), text("config.files.vmPathName")),
    toolsRunning: flag(text("guest.toolsRunningStatus"), "guestToolsRunning"),
    consolidationNeeded: flag(text("runtime.consolidationNeeded"), "true"),
    attributes: parseAttributes(values.get("availableField"), values.get("customValue")),
    snapshots: parseSnapshots(children(values.get("snapshot"), "rootSnapshotList"), undefined),
  };
}

/** Definitions and values of the same keys. */
function parseAttributes(defined: XmlNode, given: XmlNode): ReadonlyMap<string, string> {
  const names = new Map(
    children(defined, "CustomFieldDef").map((one) => [textOf(one, "key"), textOf(one, "name")]),
  );
  return new Map(
    children(given, "CustomFieldValue").flatMap((one) => {
      const name = names.get(textOf(one, "key"));
      return name === undefined ? [] : [[name, textOf(one, "value")]];
    }),
  );
}

/** Whether a property has a value; what is left out is unknown, not false. */
function flag(text: string, yes: string): boolean | undefined {
  return text === "" ? undefined : text === yes;
}

function parseSnapshots(trees: readonly XmlNode[], parent: string | undefined): VmSnapshot[] {
  return trees.flatMap((tree) => {
    const reference = textOf(tree, "snapshot");
    const snapshot: VmSnapshot = {
      reference,
      name: textOf(tree, "name"),
      description: textOf(tree, "description"),
      createdAt: textOf(tree, "createTime"),
      parent,
    };
    return [snapshot, ...parseSnapshots(children(tree, "childSnapshotList"), reference)];
  });
}
