import type { Caller } from "./session";
import type { XmlInput, XmlNode } from "./xml";
import { child, children, referenceAt, referenceInput, textOf } from "./xml";

/** A virtual machine with its snapshots. */
export interface Machine {
  /** Managed object reference, e.g. `vm-42`. */
  readonly reference: string;
  readonly name: string;
  /** BIOS UUID, lower case; empty for a machine whose configuration vCenter cannot read. */
  readonly uuid: string;
  /** vCenter's own UUID, lower case. */
  readonly instanceUuid: string | undefined;
  /** poweredOn, poweredOff or suspended. */
  readonly powerState: string;
  readonly template: boolean;
  /** Name of the ESXi host that it runs on; undefined where the user may not see it. */
  readonly host: string | undefined;
  /** Names of the datastores that hold its disks, in vCenter's order; those that the user may not see are missing. */
  readonly datastores: readonly string[];
  /** The whole tree, parents before children. */
  readonly snapshots: readonly MachineSnapshot[];
}

export interface MachineSnapshot {
  /** Managed object reference, e.g. `snapshot-123`. */
  readonly reference: string;
  readonly name: string;
  readonly description: string;
  /** RFC 3339. */
  readonly createdAt: string;
  /** Reference of the snapshot before it in the chain. */
  readonly parent: string | undefined;
}

/** Machines of one answer; vCenter's own limit may be lower. */
const PAGE = 500;

const PATHS = [
  "name",
  "config.uuid",
  "config.instanceUuid",
  "config.template",
  "runtime.powerState",
  "runtime.host",
  "datastore",
  "snapshot",
];

/**
 * All virtual machines that the user may see, by one run of the property collector over a view, which goes on from
 * each machine to its host and datastores for their names.
 */
export async function readMachines(session: Caller): Promise<Machine[]> {
  const action = "Reading the virtual machines";
  const { viewManager, rootFolder, propertyCollector } = session.content;
  const input = {
    container: referenceInput(rootFolder),
    type: "VirtualMachine",
    recursive: true,
  };
  const view = referenceAt(
    (await session.call("CreateContainerView", viewManager, input, action))[0],
  );
  try {
    const objects: XmlNode[] = [];
    let method = "RetrievePropertiesEx";
    let request: XmlInput = {
      specSet: filter(referenceInput(view)),
      options: { maxObjects: PAGE },
    };
    for (;;) {
      const [page] = await session.call(method, propertyCollector, request, action);
      objects.push(...children(page, "objects"));
      const token = textOf(page, "token");
      if (token === "") {
        return parseMachines(objects);
      }
      method = "ContinueRetrievePropertiesEx";
      request = { token };
    }
  } finally {
    await session.call("DestroyView", view, {}, action);
  }
}

function filter(view: XmlInput): XmlInput {
  const traversal = (type: string, path: string, selectSet: readonly XmlInput[]): XmlInput => ({
    "@xsi:type": "TraversalSpec",
    type,
    path,
    skip: false,
    ...(selectSet.length === 0 ? {} : { selectSet }),
  });
  const beside = [
    traversal("VirtualMachine", "runtime.host", []),
    traversal("VirtualMachine", "datastore", []),
  ];
  return {
    propSet: [
      { type: "VirtualMachine", pathSet: PATHS },
      { type: "HostSystem", pathSet: ["name"] },
      { type: "Datastore", pathSet: ["name"] },
    ],
    objectSet: { obj: view, skip: true, selectSet: traversal("ContainerView", "view", beside) },
  };
}

type Properties = ReadonlyMap<string, XmlNode>;

function parseMachines(objects: readonly XmlNode[]): Machine[] {
  const machines: [string, Properties][] = [];
  const names = new Map<string, string>();
  for (const object of objects) {
    const { type, value } = referenceAt(object, "obj");
    const properties = propertiesOf(object);
    if (type === "VirtualMachine") {
      machines.push([value, properties]);
    } else {
      names.set(value, textOf(properties.get("name")));
    }
  }
  return machines.map(([reference, properties]) => parseMachine(reference, properties, names));
}

function propertiesOf(object: XmlNode): Properties {
  return new Map(
    children(object, "propSet").map((property) => [
      textOf(property, "name"),
      child(property, "val"),
    ]),
  );
}

function parseMachine(
  reference: string,
  values: Properties,
  names: ReadonlyMap<string, string>,
): Machine {
  const text = (path: string): string => textOf(values.get(path));
  const instanceUuid = text("config.instanceUuid").toLowerCase();
  return {
    reference,
    name: text("name"),
    uuid: text("config.uuid").toLowerCase(),
    instanceUuid: instanceUuid === "" ? undefined : instanceUuid,
    powerState: text("runtime.powerState"),
    template: text("config.template") === "true",
    host: names.get(text("runtime.host")),
    datastores: children(values.get("datastore"), "ManagedObjectReference").flatMap(
      (datastore) => names.get(textOf(datastore)) ?? [],
    ),
    snapshots: parseSnapshots(children(values.get("snapshot"), "rootSnapshotList"), undefined),
  };
}

function parseSnapshots(trees: readonly XmlNode[], parent: string | undefined): MachineSnapshot[] {
  return trees.flatMap((tree) => {
    const reference = textOf(tree, "snapshot");
    const snapshot: MachineSnapshot = {
      reference,
      name: textOf(tree, "name"),
      description: textOf(tree, "description"),
      createdAt: textOf(tree, "createTime"),
      parent,
    };
    return [snapshot, ...parseSnapshots(children(tree, "childSnapshotList"), reference)];
  });
}
