import { readFileSync } from "node:fs";

import { sameUuid } from "../../drift/node";
import type { NodeVirtualMachine } from "../../planning/site";

/** Where Linux shows the UUID of the machine; as a rule to root alone. */
export const MACHINE_UUID_FILE = "/sys/class/dmi/id/product_uuid";

/** UUID of the machine that this process runs on; undefined where it cannot be read. */
export function machineUuid(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}

/** The node whose VM a machine is. */
export function nodeOf(
  uuid: string,
  nodes: readonly NodeVirtualMachine[],
): NodeVirtualMachine | undefined {
  return nodes.find((node) => sameUuid(uuid, node.uuid));
}
