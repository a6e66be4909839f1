import {
  LAB_CSI_DRIVER,
  LAB_NODES,
  LAB_STORAGE_NODES,
  SITE_LABEL,
  type LabNode,
} from "./inventory";

/** An object to apply, with the address of the API that takes it. */
export interface Applied {
  readonly path: string;
  readonly object: Readonly<Record<string, unknown>>;
}

/**
 * Label of the nodes whose pods kwok plays. Without it a node keeps what it has, and nothing happens on it any more:
 * a lost node, for tests.
 */
export const PLAYED_LABEL = "lab.atom.example/played-by";
export const PLAYED_BY_KWOK = "kwok";

/** Changes when the objects below change, so that an older lab gets the new ones. */
export const SEED_VERSION = "2";

/** Nodes, CSI driver and its node entries: what the kubelets and the driver of a real cluster register. */
export function clusterObjects(): readonly Applied[] {
  return [
    ...LAB_NODES.map(node),
    { path: `/apis/storage.k8s.io/v1/csidrivers/${LAB_CSI_DRIVER}`, object: csiDriver() },
    ...LAB_STORAGE_NODES.map(csiNode),
  ];
}

/** What a kubelet reports of each node; a separate call, as the API takes it apart from the node. */
export function nodeStatuses(): readonly Applied[] {
  return LAB_NODES.map((vm, index) => ({
    path: `/api/v1/nodes/${vm.name}/status`,
    object: {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: vm.name },
      status: {
        capacity: { cpu: "8", memory: "32Gi", pods: "110" },
        allocatable: { cpu: "8", memory: "32Gi", pods: "110" },
        addresses: [
          { type: "InternalIP", address: `10.0.0.${index + 1}` },
          { type: "Hostname", address: vm.name },
        ],
        conditions: [condition("Ready", "True", "KubeletReady")].concat(
          ["MemoryPressure", "DiskPressure", "PIDPressure"].map((type) =>
            condition(type, "False", "KubeletHasNoPressure"),
          ),
        ),
        nodeInfo: {
          architecture: "amd64",
          bootID: vm.uuid,
          containerRuntimeVersion: "lab://1",
          kernelVersion: "lab",
          kubeProxyVersion: "",
          kubeletVersion: "v1.37.2",
          machineID: vm.uuid.replaceAll("-", ""),
          operatingSystem: "linux",
          osImage: "lab",
          systemUUID: vm.uuid,
        },
      },
    },
  }));
}

// Fixed times: the same objects at every start, so that applying them again changes nothing.
const SINCE = "2026-01-01T00:00:00Z";

function condition(type: string, status: string, reason: string) {
  return {
    type,
    status,
    reason,
    message: "reported by the lab",
    lastHeartbeatTime: SINCE,
    lastTransitionTime: SINCE,
  };
}

function node(vm: LabNode): Applied {
  const controlPlane = vm.role === "controlPlane";
  const role = `node-role.kubernetes.io/${controlPlane ? "control-plane" : "worker"}`;
  return {
    path: `/api/v1/nodes/${vm.name}`,
    object: {
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name: vm.name,
        labels: {
          "kubernetes.io/arch": "amd64",
          "kubernetes.io/hostname": vm.name,
          "kubernetes.io/os": "linux",
          [SITE_LABEL]: vm.site,
          [role]: "",
          [PLAYED_LABEL]: PLAYED_BY_KWOK,
        },
        // Attachments are made and undone by the cluster's controller, as with the kubelets of today.
        annotations: { "volumes.kubernetes.io/controller-managed-attach-detach": "true" },
      },
      spec: {
        providerID: `vsphere://${vm.uuid}`,
        // Stated for every node, as an older lab's bear a taint that nobody lifts.
        taints: controlPlane
          ? [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }]
          : [],
      },
    },
  };
}

function csiDriver() {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSIDriver",
    metadata: { name: LAB_CSI_DRIVER },
    spec: { attachRequired: true, fsGroupPolicy: "File", volumeLifecycleModes: ["Persistent"] },
  };
}

function csiNode(vm: LabNode): Applied {
  return {
    path: `/apis/storage.k8s.io/v1/csinodes/${vm.name}`,
    object: {
      apiVersion: "storage.k8s.io/v1",
      kind: "CSINode",
      metadata: { name: vm.name },
      spec: {
        drivers: [{ name: LAB_CSI_DRIVER, nodeID: vm.name, topologyKeys: [SITE_LABEL] }],
      },
    },
  };
}
