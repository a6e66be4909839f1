import * as fc from "fast-check";
import type { NodeVirtualMachine, Site } from "../../../planning/site";
import { MACHINES } from "../../support/sites";

/** How the VMs of a site's nodes are put on hosts and datastores. */
interface Spread {
  /** Whether the nodes are VMs at all. */
  readonly known: boolean;
  /** Hosts of each site; 0 puts the VMs of all sites on the same hosts, as labels that are wrong would. */
  readonly hosts: number;
  /** Numbers that choose host and datastore of one VM after another. */
  readonly choices: readonly number[];
  /** Datastores of each site; 0 means one for all. */
  readonly datastores: number;
  /** Whether each data site has a VM that only runs pods. */
  readonly workers: boolean;
  /** Whether VMs of the control plane are listed where no site states how many it has. */
  readonly control: boolean;
}

const spreads: fc.Arbitrary<Spread> = fc.record({
  known: fc.boolean(),
  hosts: fc.integer({ min: 0, max: 3 }),
  choices: fc.array(fc.nat(11), { minLength: 8, maxLength: 8 }),
  datastores: fc.integer({ min: 0, max: 2 }),
  workers: fc.boolean(),
  control: fc.boolean(),
});

/** The sites, half of them with node VMs on hosts and datastores at random. */
export function withVms(sites: fc.Arbitrary<Site>): fc.Arbitrary<Site> {
  return fc
    .tuple(sites, spreads)
    .map(([site, spread]) =>
      spread.known
        ? { ...site, virtualMachines: { ...MACHINES, nodes: vmsOf(site, spread) } }
        : site,
    );
}

function vmsOf(site: Site, spread: Spread): readonly NodeVirtualMachine[] {
  const { sites } = site.topology;
  const stated = sites.some(({ controlPlaneNodes }) => controlPlaneNodes > 0);
  const found = sites.flatMap((place) => {
    const of = (name: string, role: NodeVirtualMachine["role"]): Bare => ({
      name,
      role,
      site: place.name,
    });
    const stands = place.converged ? 0 : place.controlPlaneNodes;
    const control = stated ? stands : Number(spread.control);
    const storage = place.converged ? "converged" : place.role === "data" ? "storage" : "worker";
    return [
      ...place.storageNodes.map((name) => of(name, storage)),
      ...(spread.workers && place.role === "data" ? [of(`${place.name}-worker`, "worker")] : []),
      ...Array.from({ length: control }, (_, index) =>
        of(`${place.name}-cp-${index}`, "controlPlane"),
      ),
    ];
  });
  return found.map((vm, index) => {
    const choice = spread.choices[index % spread.choices.length] ?? 0;
    const where = (count: number, kind: string): string =>
      count === 0 ? `${kind}-${choice % 3}` : `${kind}-${vm.site}-${choice % count}`;
    return {
      ...vm,
      uuid: `42100000-0000-4000-8000-${String(index).padStart(12, "0")}`,
      host: where(spread.hosts, "esx"),
      datastores: [spread.datastores === 0 ? "vsan" : where(spread.datastores, "disk")],
    };
  });
}

type Bare = Pick<NodeVirtualMachine, "name" | "role" | "site">;
