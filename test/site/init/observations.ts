import type { Observation, ObservedNode, ObservedVcenter } from "../../../site/init/observe";
import type { Decisions } from "../../../site/init/proposeSite";
import type { Vm } from "../../../clients/vcenter/vms";

export const zone = "topology.kubernetes.io/zone";
export const linstor = "linstor.csi.linbit.com";

/** UUID of a node's VM; its first groups read differently in the other byte order. */
export function uuidOf(name: string): string {
  const mark = name.replace(/[^a-c0-9]/g, "").padStart(4, "0");
  return `4210${mark}-0102-4304-8000-00000000${mark}`;
}

export function node(name: string, site: string, change: Partial<ObservedNode> = {}): ObservedNode {
  return {
    name,
    labels: { [zone]: site, "kubernetes.io/os": "linux", "kubernetes.io/hostname": name },
    systemUuid: uuidOf(name),
    controlPlane: false,
    drivers: [linstor],
    ...change,
  };
}

export function controlPlane(name: string, site: string): ObservedNode {
  return node(name, site, { controlPlane: true, drivers: [] });
}

/** Two data sites and a third that only votes. */
export const nodes: readonly ObservedNode[] = [
  node("a1", "a"),
  node("a2", "a"),
  controlPlane("a3", "a"),
  node("b1", "b"),
  node("b2", "b"),
  controlPlane("b3", "b"),
  controlPlane("c3", "c"),
];

export function observation(change: Partial<Observation> = {}): Observation {
  return {
    clusterUid: "0c0ffee0-0000-4000-8000-000000000001",
    nodes,
    classes: [],
    namespaces: ["default", "kube-system", "atom"],
    snapshotKinds: true,
    groupSnapshotKinds: true,
    vcenter: undefined,
    ...change,
  };
}

export const decisions: Decisions = {
  context: undefined,
  siteLabel: undefined,
  driver: undefined,
  namespaces: ["atom"],
};

export function vm(name: string, change: Partial<Vm> = {}): Vm {
  return {
    reference: `vm-${name}`,
    name: `k8s-${name}`,
    uuid: uuidOf(name),
    powerState: "poweredOn",

    host: undefined,
    datastores: [],
    freeSpace: [],
    hardware: undefined,
    toolsRunning: undefined,
    consolidationNeeded: undefined,
    attributes: new Map(),
    snapshots: [],
    ...change,
  };
}

export function vcenter(vms: readonly Vm[]): ObservedVcenter {
  return {
    server: "vcenter.example.internal",
    user: "atom-backup@vsphere.local",
    allowUnverifiedSsl: false,
    vms,
  };
}
