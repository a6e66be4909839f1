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
  "snapshot",
];

/** All virtual machines that the user may see, by one run of the property collector over a view. */
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
    const machines: Machine[] = [];
    let method = "RetrievePropertiesEx";
    let request: XmlInput = {
      specSet: filter(referenceInput(view)),
      options: { maxObjects: PAGE },
    };
    for (;;) {
      const [page] = await session.call(method, propertyCollector, request, action);
      machines.push(...children(page, "objects").map(parseMachine));
      const token = textOf(page, "token");
      if (token === "") {
        return machines;
      }
      method = "ContinueRetrievePropertiesEx";
      request = { token };
    }
  } finally {
    await session.call("DestroyView", view, {}, action);
  }
}

function filter(view: XmlInput): XmlInput {
  const traversal = {
    "@xsi:type": "TraversalSpec",
    type: "ContainerView",
    path: "view",
    skip: false,
  };
  return {
    propSet: { type: "VirtualMachine", pathSet: PATHS },
    objectSet: { obj: view, skip: true, selectSet: traversal },
  };
}

function parseMachine(object: XmlNode): Machine {
  const values = new Map(
    children(object, "propSet").map((property) => [
      textOf(property, "name"),
      child(property, "val"),
    ]),
  );
  const text = (path: string): string => textOf(values.get(path));
  const instanceUuid = text("config.instanceUuid").toLowerCase();
  return {
    reference: textOf(object, "obj"),
    name: text("name"),
    uuid: text("config.uuid").toLowerCase(),
    instanceUuid: instanceUuid === "" ? undefined : instanceUuid,
    powerState: text("runtime.powerState"),
    template: text("config.template") === "true",
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
