/**
 * The nodes of the lab: one list that the cluster (as Kubernetes nodes) and the vCenter simulator
 * (as virtual machines) are both made from, so that they cannot disagree. The lab stack names the
 * same machines by `uuid`.
 */

/** One node of the lab and the virtual machine that it runs on. */
export interface LabNode {
  /** Name of the Kubernetes node and of the virtual machine. */
  readonly name: string;
  /** Site, the value of `topology.kubernetes.io/zone`: `a`, `b` or `c`. */
  readonly site: string;
  /** `storage` nodes hold volumes and run workloads; `controlPlane` nodes do neither. */
  readonly role: "storage" | "controlPlane";
  /** BIOS UUID of the machine (`config.uuid`), the node's `systemUUID`. */
  readonly uuid: string;
  /** vCenter's own UUID of the machine (`config.instanceUuid`). */
  readonly instanceUuid: string;
  /** ESXi host that the machine runs on. */
  readonly host: string;
}

/** Sites of the lab. */
export const LAB_SITES = ["a", "b", "c"] as const;

/** Name of the lab's CSI driver. */
export const LAB_CSI_DRIVER = "lab.csi.atom.example";

/** Label whose value is the site of a node. */
export const SITE_LABEL = "topology.kubernetes.io/zone";

function siteNodes(site: string): LabNode[] {
  const node = (suffix: string, role: LabNode["role"], mark: string, host: number): LabNode => ({
    name: `atom-${site}-${suffix}`,
    site,
    role,
    uuid: `42100000-0000-4000-8000-0000000000${site}${mark}`,
    instanceUuid: `50100000-0000-4000-8000-0000000000${site}${mark}`,
    host: `esx-${site}-${host}`,
  });
  return [
    node("1", "storage", "1", 1),
    node("2", "storage", "2", 2),
    node("cp", "controlPlane", "f", 1),
  ];
}

/** The nine nodes, in a fixed order: the simulator's object references follow from it. */
export const LAB_NODES: readonly LabNode[] = LAB_SITES.flatMap((site) => siteNodes(site));

/** The six nodes that hold volumes. */
export const LAB_STORAGE_NODES: readonly LabNode[] = LAB_NODES.filter(
  (node) => node.role === "storage",
);
