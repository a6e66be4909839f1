import { readFileSync } from "node:fs";

import type { NodeVirtualMachine } from "../../planning/site";

/** Where Linux shows the UUID of the machine; as a rule to root alone. */
export const MACHINE_UUID_FILE = "/sys/class/dmi/id/product_uuid";

/** UUID of the machine that this process runs on, lower case; undefined where it cannot be read. */
export function machineUuid(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim().toLowerCase();
  } catch {
    return undefined;
  }
}

/**
 * The node whose VM a machine is. The first three groups of a BIOS UUID may stand in the other order of bytes: firmware
 * and vCenter do not agree on it.
 */
export function nodeOf(
  uuid: string,
  nodes: readonly NodeVirtualMachine[],
): NodeVirtualMachine | undefined {
  const own = [uuid, swapped(uuid)];
  return nodes.find((node) => own.includes(node.uuid.toLowerCase()));
}

function swapped(uuid: string): string {
  const [one = "", two = "", three = "", ...rest] = uuid.split("-");
  const turn = (group: string): string => (group.match(/../g) ?? []).reverse().join("");
  return [turn(one), turn(two), turn(three), ...rest].join("-");
}
