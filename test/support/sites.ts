import type {
  FailureDomainSite,
  Site,
  StorageClassSpec,
  VirtualMachines,
  Waiver,
} from "../../planning/site";

/** A data site `name` with nodes `name-1`, `name-2`, ... */
export function dataSite(
  name: string,
  nodes: number,
  changes: Partial<FailureDomainSite> = {},
): FailureDomainSite {
  return {
    name,
    role: "data",
    locatedIn: undefined,
    storageNodes: Array.from({ length: nodes }, (_, index) => `${name}-${index + 1}`),
    controlPlaneNodes: 0,
    converged: false,
    ...changes,
  };
}

export function witnessSite(
  name: string,
  nodes: number,
  changes: Partial<FailureDomainSite> = {},
): FailureDomainSite {
  return dataSite(name, nodes, { role: "witness", ...changes });
}

/** Three data sites with two storage nodes and one control-plane node each. */
export const THREE_SITES: readonly FailureDomainSite[] = ["a", "b", "c"].map((name) =>
  dataSite(name, 2, { controlPlaneNodes: 1 }),
);

export function classSpec(changes: Partial<StorageClassSpec> = {}): StorageClassSpec {
  return {
    name: "atom-replicated",
    default: true,
    reclaimPolicy: "Retain",
    fsType: undefined,
    encryption: false,
    expansion: true,
    mountOptions: [],
    options: {},
    ...changes,
  };
}

/** An accepted site of the lab's shape; a change replaces the whole key. */
export function siteOf(changes: Partial<Site> = {}): Site {
  return {
    stack: "north",
    replicationFactor: 2,
    survive: "site",
    failover: "manual",
    backend: "lab",
    backendVersion: undefined,
    backendOptions: {},
    product: {
      namespaces: ["atom"],
      selector: undefined,
      workloads: undefined,
      helmReleases: undefined,
      hooks: [],
      probe: undefined,
    },
    topology: { siteLabel: "topology.kubernetes.io/zone", sites: THREE_SITES },
    classes: [classSpec()],
    snapshots: {
      className: "atom-snapshots",
      deletionPolicy: "Retain",
      group: "auto",
      installController: false,
      controllerImage: undefined,
      controllerNamespace: "kube-system",
      maxSpreadSeconds: 5,
    },
    restorePoints: [],
    restorePointsDir: "stacks/restore-points",
    catalogDir: ".pulumi-state/catalog",
    virtualMachines: undefined,
    retention: {},
    windows: [],
    schedules: [],
    nodeBackups: { etcd: undefined },
    cluster: { context: undefined, clusterUid: undefined, namespace: "atom-backup" },
    waivers: [],
    ...changes,
  };
}

export const ZONE = "topology.kubernetes.io/zone";

export const LINSTOR_OPTIONS = { storagePool: "thin", poolKind: "LVM_THIN" } as const;

export function linstorSite(
  sites: readonly FailureDomainSite[],
  changes: Partial<Site> = {},
): Site {
  return siteOf({
    backend: "linstor",
    backendOptions: LINSTOR_OPTIONS,
    failover: "automatic",
    topology: { siteLabel: ZONE, sites },
    ...changes,
  });
}

export function longhornSite(
  sites: readonly FailureDomainSite[],
  changes: Partial<Site> = {},
): Site {
  return linstorSite(sites, { backend: "longhorn", backendOptions: {}, ...changes });
}

/** The nine VMs of the lab's shape: two storage nodes, of which the second is a worker, and one control plane a site. */
export const MACHINES: VirtualMachines = {
  server: "vcenter.example",
  user: "atom",
  allowUnverifiedSsl: false,
  nodes: ["a", "b", "c"].flatMap((site, index) =>
    (["storage", "worker", "controlPlane"] as const).map((role, position) => ({
      name: `${site}-${position === 2 ? "cp" : position + 1}`,
      uuid: `4221a701-0000-4000-8000-0000000000${index}${position}`,
      role,
      site,
      host: undefined,
      datastores: undefined,
    })),
  ),
  maxDepth: 3,
  maxAgeHours: 72,
  flagAgeHours: 48,
  apiTimeoutMinutes: 60,
};

/** Ceph with one monitor in each data site, where there are three or more. */
export function cephSite(sites: readonly FailureDomainSite[], changes: Partial<Site> = {}): Site {
  return linstorSite(sites, {
    backend: "rook-ceph",
    replicationFactor: 3,
    backendOptions: { nodeHealthCheck: "atom-nodes", ...cephMonitors(sites) },
    ...changes,
  });
}

/** Two data sites and an arbiter of its own, as a stretch cluster wants them. */
export const STRETCH_SITES: readonly FailureDomainSite[] = [
  dataSite("a", 2, { controlPlaneNodes: 1 }),
  dataSite("b", 2, { controlPlaneNodes: 1 }),
  witnessSite("w", 1, { controlPlaneNodes: 1 }),
];

export const VSAN_OPTIONS = {
  storagePolicy: "ATOM mirrored",
  failuresToTolerate: 0,
  siteDisasterTolerance: "mirror",
  highAvailability: true,
  drs: true,
} as const;

/** vSAN stretched over two data sites, one copy in each. */
export function vsanSite(sites: readonly FailureDomainSite[], changes: Partial<Site> = {}): Site {
  return linstorSite(sites, { backend: "vsphere-csi", backendOptions: VSAN_OPTIONS, ...changes });
}

function cephMonitors(sites: readonly FailureDomainSite[]): Record<string, readonly string[]> {
  const names = sites.filter((site) => site.role === "data").map((site) => site.name);
  return names.length > 2 ? { monitors: names.slice(0, 3) } : {};
}

export const MAYASTOR_OPTIONS = { nvmeMultipath: true, nodeHealthCheck: "atom-nodes" } as const;

/** Mayastor with a label and a member of etcd in each of the first three sites, where copies spread over sites. */
export function mayastorSite(
  sites: readonly FailureDomainSite[],
  changes: Partial<Site> = {},
): Site {
  const spread = sites.filter((site) => site.role === "data").length > 1;
  const etcdMembers = sites.slice(0, 3).map((site) => site.name);
  return linstorSite(sites, {
    backend: "mayastor",
    backendOptions: {
      ...MAYASTOR_OPTIONS,
      ...(spread ? { nodeSpreadKey: "site", etcdMembers } : {}),
    },
    ...changes,
  });
}

/** A driver of which everything is stated that a site needs, and no mechanism of fail-over. */
export function genericSite(
  options: Site["backendOptions"] = {},
  changes: Partial<Site> = {},
): Site {
  return siteOf({
    backend: "generic",
    backendOptions: {
      provisioner: "csi.example.com",
      replicaKey: "copies",
      spread: "sites",
      survives: ["node", "site"],
      snapshots: true,
      ...options,
    },
    ...changes,
  });
}

/** A waiver that somebody answers for. */
export function waiver(rule: string, subject: string): Waiver {
  return { rule, subject, who: "Ada", why: "a trial site", until: "2031-01-01T00:00:00Z" };
}

/** Portworx with a member of its KVDB in each of the first three sites, where copies spread over sites. */
export function portworxSite(
  sites: readonly FailureDomainSite[],
  changes: Partial<Site> = {},
): Site {
  const spread = sites.filter((site) => site.role === "data").length > 1;
  const kvdbMembers = sites.slice(0, 3).map((site) => site.name);
  return linstorSite(sites, {
    backend: "portworx",
    backendOptions: { storkHealthMonitor: true, ...(spread ? { kvdbMembers } : {}) },
    ...changes,
  });
}
