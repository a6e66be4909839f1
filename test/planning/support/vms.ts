import type { NodeVirtualMachine, Site, VirtualMachines } from "../../../planning/site";
import { MACHINES } from "../../support/sites";

/** Node, site, role and host of one VM; its datastore is `local-<host>` unless another is said. */
type Row = readonly [string, string, NodeVirtualMachine["role"], string, string?];

export function vms(rows: readonly Row[]): VirtualMachines {
  return {
    ...MACHINES,
    nodes: rows.map(([name, site, role, host, datastore], index) => ({
      name,
      site,
      role,
      host,
      datastores: [datastore ?? `local-${host}`],
      uuid: `42100000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    })),
  };
}

/** Every storage node of a site on a host of its own but for those that are said. */
export function onHosts(site: Site, shared: Readonly<Record<string, string>>): Site {
  const rows = site.topology.sites.flatMap((place) => [
    ...place.storageNodes.map((name): Row => [
      name,
      place.name,
      place.role === "data" ? "storage" : "worker",
      shared[name] ?? `esx-${name}`,
    ]),
    ...Array.from({ length: place.controlPlaneNodes }, (_, index): Row => {
      const name = `${place.name}-cp${place.controlPlaneNodes > 1 ? `-${index + 1}` : ""}`;
      return [name, place.name, "controlPlane", shared[name] ?? `esx-${name}`];
    }),
  ]);
  return { ...site, virtualMachines: vms(rows) };
}
