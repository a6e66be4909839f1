import type { FailureDomainSite, Site } from "../planning/site";

/** A set-up that people run, and what the program does with it. */
export interface SetUp {
  readonly setUp: string;
  /** How it is written down. */
  readonly how: string;
  /**
   * - `proven`: its losses are judged by the backend's model
   * - `stated`: it passes, and what it survives rests in part on what the operator states
   * - `refused`: it does not pass, or by a waiver only
   */
  readonly verdict: "proven" | "stated" | "refused";
  readonly why: string;
  /** Committed stack that the example changes; absent where the form of the stack file has no place for it. */
  readonly model?: string;
  /** Options of the backend, beside the model's. */
  readonly options?: Site["backendOptions"];
  readonly change?: Partial<Site>;
  /** Key path at which it is refused. */
  readonly refusedAt?: string;
  /** Rule by which it is refused, where a waiver lets it pass. */
  readonly rule?: string;
}

function dataSite(name: string): FailureDomainSite {
  const storageNodes = [1, 2, 3].map((node) => `${name}-${node}`);
  return { name, role: "data", storageNodes, controlPlaneNodes: 3, converged: false };
}

function over(...names: readonly string[]): Partial<Site> {
  const siteLabel = "topology.kubernetes.io/zone";
  return { survive: "node", topology: { siteLabel, sites: names.map(dataSite) } };
}

const CEPH_SECRETS = ["provisioner", "controller-expand", "node-stage"].flatMap((stage) => [
  `csi.storage.k8s.io/${stage}-secret-name=ceph`,
  `csi.storage.k8s.io/${stage}-secret-namespace=ceph-csi`,
]);

/** All of them, checked against the program by `test/docs/setUps.spec.ts`. */
export const SET_UPS: readonly SetUp[] = [
  {
    setUp: "Any backend: further class parameters that are known to be harmless",
    how: "`parameters: [key=value]` of the backend or of a class",
    verdict: "proven",
    why: "They are on the backend's list: they touch neither placement nor quorum nor consistency.",
    model: "model-one-site-linstor",
    options: {
      parameters: [
        "linstor.csi.linbit.com/fsOpts=-E nodiscard",
        "property.linstor.csi.linbit.com/DrbdOptions/Net/max-buffers=8000",
      ],
    },
  },
  {
    setUp: "Any backend: a class parameter that is not on its list",
    how: "the same, with a waiver of `unknown-parameter` for the key",
    verdict: "refused",
    why: "It might undo the spread or the quorum, and several drivers ignore a misspelt key silently.",
    model: "model-one-site-linstor",
    options: { parameters: ["linstor.csi.linbit.com/nodeList=atom-1 atom-2"] },
    refusedAt: "backendOptions.parameters[0]",
    rule: "unknown-parameter",
  },
  {
    setUp: "LINSTOR: copies on nodes with one property only",
    how: "`replicasOnSame: Aux/disks=nvme`",
    verdict: "stated",
    why: "The proof counts the storage nodes of the stack file; that each of them has the property is not read.",
    model: "model-one-site-linstor",
    options: { replicasOnSame: "Aux/disks=nvme" },
  },
  {
    setUp: "LINSTOR: remote access within a zone",
    how: "`remoteAccessFrom: [topology.kubernetes.io/zone]`",
    verdict: "proven",
    why: "It says where pods may run; where the copies stand it leaves as it is.",
    model: "model-three-sites-linstor",
    options: { allowRemoteVolumeAccess: true, remoteAccessFrom: ["topology.kubernetes.io/zone"] },
    change: { backendVersion: "1.34.0" },
  },
  {
    setUp: "LINSTOR: quorum off, with fail-over by hand",
    how: "`quorum: off`, `failover: manual`",
    verdict: "proven",
    why: "One copy is enough, and a person sees to it that the other side writes no more.",
    model: "model-one-site-linstor",
    options: { quorum: "off" },
    change: { failover: "manual" },
  },
  {
    setUp: "LINSTOR: quorum off, with automatic fail-over",
    how: "`quorum: off`, `failover: automatic`",
    verdict: "refused",
    why: "The fail-over controller acts on the loss of quorum; without it both copies of a cut volume could be written.",
    model: "model-one-site-linstor",
    options: { quorum: "off" },
    refusedAt: "failover",
  },
  {
    setUp: "Longhorn: strict-local",
    how: "`dataLocality: strict-local`, `replicationFactor: 1`, with a waiver of `single-copy`",
    verdict: "refused",
    why: "Longhorn keeps such a volume as one copy; the loss of its node or disk loses the data.",
    model: "model-three-sites-longhorn",
    options: { dataLocality: "strict-local" },
    change: { replicationFactor: 1 },
    refusedAt: "replicationFactor",
    rule: "single-copy",
  },
  {
    setUp: "Longhorn: data engine v2",
    how: "`parameters: [dataEngine=v2]`",
    verdict: "stated",
    why: "Losses are judged as for the first engine, by the vendor's description.",
    model: "model-three-sites-longhorn",
    options: { parameters: ["dataEngine=v2"] },
  },
  {
    setUp: "Longhorn: its own recurring jobs",
    how: "`parameters: ['recurringJobSelector=[...]']`",
    verdict: "proven",
    why: "Jobs take snapshots and backups of their own; restore points know nothing of them.",
    model: "model-three-sites-longhorn",
    options: { parameters: ['recurringJobSelector=[{"name":"daily","isGroup":true}]'] },
  },
  {
    setUp: "Longhorn: three copies over two buildings, spread as well as can be",
    how: "`zoneSpread: soft`, `survive: node`",
    verdict: "proven",
    why: "All copies may stand in one building: the loss of a node is promised, that of a building is not.",
    model: "model-three-sites-longhorn",
    options: { zoneSpread: "soft" },
    change: { ...over("a", "b"), replicationFactor: 3 },
  },
  {
    setUp: "Ceph: plain ceph-csi or an external cluster",
    how: "`backend: generic` with `parameters`, `snapshotParameters` and `allowedTopologies`",
    verdict: "stated",
    why: "No pool of it is declared or seen; what it survives is what `survives` says.",
    model: "model-generic",
    options: {
      provisioner: "rbd.csi.ceph.com",
      parameters: ["clusterID=main", "pool=kubernetes", ...CEPH_SECRETS],
      snapshotParameters: [
        "clusterID=main",
        "csi.storage.k8s.io/snapshotter-secret-name=ceph",
        "csi.storage.k8s.io/snapshotter-secret-namespace=ceph-csi",
      ],
      allowedTopologies: ["topology.rbd.csi.ceph.com/zone=a", "topology.rbd.csi.ceph.com/zone=b"],
    },
  },
  {
    setUp: "Ceph: a pool or file system that others made, such as a Helm chart",
    how: "`declarePool: false`",
    verdict: "stated",
    why: "It is looked for, and its size and failure domain are read with the copies; nothing of it is declared.",
    model: "model-ceph-stretch",
    options: { declarePool: false, pool: "replicapool" },
  },
  {
    setUp: "Ceph: an erasure-coded data pool",
    how: "`backend: generic`; with `rook-ceph` by a waiver of `unknown-parameter` for `dataPool`",
    verdict: "refused",
    why: "`replicationFactor` counts full copies, and erasure coding keeps parts.",
    model: "model-ceph-stretch",
    options: { parameters: ["dataPool=coded"] },
    refusedAt: "backendOptions.parameters[0]",
    rule: "unknown-parameter",
  },
  {
    setUp: "vSphere CSI: one datastore by its URL",
    how: "`datastoreUrl`, of the backend or of a class",
    verdict: "stated",
    why: "That the datastore keeps the copies of the stated policy is not read from vCenter.",
    model: "model-vsan-stretched",
    options: { datastoreUrl: "ds:///vmfs/volumes/vsan:5a3e/" },
  },
  {
    setUp: "vSphere CSI: a class over several zones of one site",
    how: "`topologyCategories: [k8s-zone=a, k8s-zone=b]`",
    verdict: "stated",
    why: "A volume stands in one of the zones, with the copies that the policy keeps there.",
    model: "model-vsan-stretched",
    options: {
      topologyCategories: ["k8s-zone=a", "k8s-zone=b"],
      failuresToTolerate: 1,
      siteDisasterTolerance: "none",
      preferredSite: "a",
    },
    change: { ...over("a"), replicationFactor: 2 },
  },
  {
    setUp: "vSphere CSI: three zones with one copy each",
    how: "`replicationFactor: 1`, `failuresToTolerate: 0`, with a waiver of `single-copy`",
    verdict: "refused",
    why: "Nothing is replicated: a lost zone takes the volumes that stand in it.",
    model: "model-vsan-stretched",
    options: {
      topologyCategories: ["k8s-zone=a", "k8s-zone=b", "k8s-zone=c"],
      failuresToTolerate: 0,
      siteDisasterTolerance: "none",
      preferredSite: "a",
    },
    change: { ...over("a", "b", "c"), replicationFactor: 1 },
    refusedAt: "replicationFactor",
    rule: "single-copy",
  },
  {
    setUp: "Mayastor: copies on labelled nodes or pools only",
    how: "`nodeAffinityLabels` or `poolAffinityLabels`, with one data site",
    verdict: "stated",
    why: "The labels are Mayastor's own and are not read; with several sites the driver's one rule is the spread.",
    model: "model-mayastor",
    options: { poolAffinityLabels: ["tier=fast"] },
    change: over("a"),
  },
  {
    setUp: "Mayastor: the same over several data sites",
    how: "none",
    verdict: "refused",
    why: "The driver takes one rule of placement in a class, and it is the one that keeps copies in different sites.",
    model: "model-mayastor",
    options: { poolAffinityLabels: ["tier=fast"] },
    refusedAt: "backendOptions.poolAffinityLabels",
  },
  {
    setUp: "Portworx: shared volumes",
    how: '`parameters: ["sharedv4=true"]`',
    verdict: "proven",
    why: "Portworx moves the server of a shared volume with it; copies and majorities are the same.",
    model: "model-portworx",
    options: { parameters: ["sharedv4=true"] },
  },
  {
    setUp: "A driver without snapshots",
    how: "`backend: generic`, `snapshots: false`",
    verdict: "stated",
    why: "No snapshot class is declared and no restore point holds volumes, which summary, report and `restore-point create` say.",
    model: "model-generic",
    options: { snapshots: false },
  },
  {
    setUp: "Several vCenters",
    how: "none",
    verdict: "refused",
    why: "A stack has one vCenter; nodes of another one are left out of `virtualMachines`, and no point takes their VMs.",
  },
];
