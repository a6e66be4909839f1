import { listed } from "../../planning/words";
import { backendOfDriver, type ChosenDriver } from "./drivers";
import type { ObservedNode } from "./observe";
import type { Refusal } from "./refusal";

/**
 * The CSI driver whose volumes are the product's: the one asked for, else the only one of a known backend, else the
 * only one there is. Several are never guessed between: that decides where data lies.
 */
export function chooseDriver(
  nodes: readonly ObservedNode[],
  asked: string | undefined,
): ChosenDriver | Refusal {
  const drivers = [...new Set(nodes.flatMap((node) => node.drivers))].sort();
  if (drivers.length === 0) {
    return refuse(
      "no node has a CSI driver registered (no CSINode lists one).",
      "Install the storage backend first.",
    );
  }
  if (asked !== undefined && !drivers.includes(asked)) {
    return refuse(
      `no node has the CSI driver ${asked}; there are ${listed(drivers)}.`,
      "Name one of them.",
    );
  }
  const known = drivers.filter((driver) => backendOfDriver(driver) !== undefined);
  const candidates = asked === undefined ? (known.length > 0 ? known : drivers) : [asked];
  const [driver, ...others] = candidates;
  if (driver === undefined || others.length > 0) {
    return refuse(
      `several CSI drivers are registered: ${listed(candidates.map(described))}.`,
      "Say which one holds the product's volumes with --driver NAME.",
    );
  }
  const backend = backendOfDriver(driver) ?? "generic";
  return { driver, backend };
}

function described(driver: string): string {
  return `${driver} (${backendOfDriver(driver) ?? "generic"})`;
}

function refuse(found: string, remedy: string): Refusal {
  return { key: "backend", found, remedy };
}
