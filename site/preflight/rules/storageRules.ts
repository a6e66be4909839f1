import { backendOf } from "../../../planning";
import type { SitePlan } from "../../../planning/plan";
import { finding, type Finding } from "../finding";
import {
  judgeBindingMode,
  judgeFileSystemKey,
  judgeKeepsData,
  judgeOneDefault,
  judgeParameterTexts,
  judgeReplicaKey,
  judgeSnapshotClass,
} from "./declared";
import type { Rule } from "./rule";

const CLASSES = "Kubernetes documentation, Storage Classes";
const SNAPSHOTS = "Kubernetes documentation, Volume Snapshot Classes; external-snapshotter";

/** By default Longhorn lets all copies of a volume share a zone. */
function judgeZoneSpread({ site, topology, classes }: SitePlan): Finding[] {
  const hard =
    site.backend === "longhorn" &&
    topology.spread === "sites" &&
    !backendOf(site.backend).soft(site.backendOptions);
  return classes
    .filter(({ parameters }) => hard && parameters["replicaZoneSoftAntiAffinity"] !== "disabled")
    .map(({ spec }) =>
      finding("zone-spread", `StorageClass ${spec.name}`, [
        "error",
        "replicaZoneSoftAntiAffinity is not disabled: all copies of a volume may stand in one site.",
      ]),
    );
}

/** What `retention` keeps of each volume at once has to leave room for the next snapshot. */
function judgeSnapshotLimit({ site, snapshotClass }: SitePlan): Finding[] {
  const most = backendOf(site.backend).limits.snapshotsPerVolume;
  if (most === undefined || snapshotClass === undefined) {
    return [];
  }
  const { keepLast = 0, daily = 0, weekly = 0, monthly = 0 } = site.retention;
  const counts = [keepLast, daily, weekly, monthly];
  // One point may be kept by several rules.
  const [least, greatest] = [Math.max(...counts), counts.reduce((sum, count) => sum + count, 0)];
  const told = (kept: string): string =>
    `It keeps ${kept} of each volume, and the driver takes no more than ${most}: the next restore point would fail.`;
  return greatest < most
    ? []
    : [
        finding("snapshot-limit", "retention", [
          least < most ? "warning" : "error",
          told(least < most ? `up to ${greatest} snapshots` : `${least} snapshots or more`),
        ]),
      ];
}

/** What is judged by the stack file and by what is declared. */
export const STORAGE_RULES: readonly Rule[] = [
  {
    number: 1,
    id: "replica-key",
    title: "The driver is known, and the number of copies is said to it as a whole number in range",
    reason: "LINSTOR and Mayastor keep one copy where the class says nothing, without a word",
    source: "parameter parsers of linstor-csi, Mayastor, Longhorn and Portworx",
    fix: "set backend and replicationFactor; the program derives the parameter",
    keys: /^backend(Version)?$/,
    declared: judgeReplicaKey,
  },
  {
    number: 2,
    id: "copies-placed",
    title:
      "The copies find their places: at most ceil(factor / data sites) in each site, one on each node, two or more in all",
    reason:
      "a copy without a place is never made, a second one on the same node or host is lost with the first",
    source: "placement rules of each backend, as its page in docs/reference/backends has them",
    fix: "lower replicationFactor, add storage nodes or sites, or move VMs to hosts of their own",
    keys: /^replicationFactor$|^virtualMachines\.nodes(\[\d+\]\.(host|datastores))?$/,
  },
  {
    number: 3,
    id: "site-majority",
    title: "Who promises to survive a site has three sites or more that fall independently",
    reason: "with two sites nobody can tell a lost site from a cut link",
    source: "majority arithmetic; the survival proof enumerates every loss",
    fix: "survive: node, or a witness in a building of its own",
    keys: /^survive$/,
  },
  {
    number: 4,
    id: "parameters",
    title: "Every parameter is a text and known to the driver",
    reason: "Longhorn and Mayastor ignore a misspelt key, LINSTOR one with a wrong prefix",
    source: "Kubernetes API (map of texts); parameter parsers of the drivers",
    fix: "write the option as the backend's page has it, or answer for a parameter that is not listed there",
    keys: /^(backendOptions|classes\[\d+\]\.(options|name|mountOptions))\b/,
    declared: judgeParameterTexts,
  },
  {
    number: 5,
    id: "fs-type",
    title: "One key says the file system, and it is one that can be restored beside its original",
    reason:
      "the provisioner refuses a class with two; XFS may lock up where Ceph and its users share nodes",
    source: "external-provisioner; Rook's example of an RBD class",
    fix: "fsType: ext4, or what the problem says",
    keys: /^classes\[\d+\]\.fsType$/,
    declared: judgeFileSystemKey,
  },
  {
    number: 6,
    id: "zone-spread",
    title: "Longhorn keeps copies in different zones by force",
    reason: "its default lets all copies of a volume share a zone",
    source: "Longhorn, Storage Class Parameters (replicaZoneSoftAntiAffinity)",
    fix: "zoneSpread: hard, or zoneSpread: soft with survive: node",
    keys: /^backendOptions\.zoneSpread$/,
    planned: judgeZoneSpread,
    rests: ({ site }) => (site.backend === "longhorn" ? undefined : "the backend is not Longhorn"),
    double: "of Longhorn nothing but its class is made here",
  },
  {
    number: 7,
    id: "binding-mode",
    title: "A volume is made once its pod has a node, where the driver publishes topology",
    reason: "a volume that is made before may be where its pod cannot go",
    source: `${CLASSES}, Volume Binding Mode`,
    fix: "volumeBindingMode: WaitForFirstConsumer",
    declared: judgeBindingMode,
  },
  {
    number: 8,
    id: "topology-keys",
    title: "Sites and topologies are told by labels that the driver itself knows",
    reason: "a driver that does not read a label takes all nodes for one site, or each for its own",
    source: `${CLASSES}, Allowed Topologies; CSINode of each driver`,
    fix: "topology.siteLabel or allowedTopologies with a key that the driver publishes",
    keys: /^topology\.siteLabel$|^backendOptions\.(topologyCategories|allowedTopologies)/,
    checks: ["topology-keys"],
    systems: ["cluster"],
  },
  {
    number: 9,
    id: "reclaim-policy",
    title:
      "Data classes keep their volumes (Retain), let them grow, and are replaced, never changed in place",
    reason:
      "Delete removes the data with its claim; the API server refuses a change of what is immutable",
    source:
      "Kubernetes, ValidateStorageClassUpdate; pulumi-kubernetes, replacement of StorageClass",
    fix: "reclaimPolicy: Retain and expansion: true, or a waiver for a class whose data may go",
    keys: /^classes\[\d+\]\.(reclaimPolicy|expansion)$/,
    declared: judgeKeepsData,
  },
  {
    number: 10,
    id: "one-default",
    title: "At most one default StorageClass, and one default snapshot class for each driver",
    reason:
      "a claim without a class gets the class that was created last; a snapshot without one is refused",
    source: "Kubernetes, DefaultStorageClass admission; external-snapshotter, common controller",
    fix: "take the mark off the other class",
    keys: /^classes\[\d+\]\.default$/,
    declared: judgeOneDefault,
    drift: ({ kind, changes }) =>
      kind === "differs" && changes.some(({ path }) => path.includes("is-default-class"))
        ? "error"
        : undefined,
    systems: ["cluster"],
  },
  {
    number: 11,
    id: "snapshot-class",
    title: "The snapshot class is of the data class's driver and keeps its snapshots (Retain)",
    reason: "with Delete a removed namespace takes the way back with it",
    source: SNAPSHOTS,
    fix: "snapshots.deletionPolicy: Retain",
    keys: /^snapshots\.(className|deletionPolicy|group)$/,
    declared: judgeSnapshotClass,
    rests: ({ snapshotClass }) =>
      snapshotClass === undefined ? "the driver has no snapshots" : undefined,
  },
  {
    number: 12,
    id: "snapshot-limit",
    title: "Retention keeps fewer snapshots of a volume than the driver takes",
    reason: "the snapshot beyond the limit fails, and with it its restore point",
    source: "vSphere CSI (3 by default), Longhorn (250), ceph-csi (flattening from 100 on)",
    fix: "keep fewer points in retention, or raise the driver's limit",
    keys: /^retention\b/,
    planned: judgeSnapshotLimit,
  },
  {
    number: 13,
    id: "encryption",
    title: "Encrypted classes have their keys: every secret is named, and is there",
    reason: "a volume without its key stays pending, or is not encrypted at all",
    source: "encryption pages of the drivers",
    fix: "name the secret or key service in backendOptions and make it, or encryption: false",
    keys: /^classes\[\d+\]\.encryption$|^backendOptions\.\w*([eE]ncrypt|passphrase|clusterKey)\w*$/,
    checks: ["passphrase", "keys"],
    systems: ["cluster"],
    rests: ({ classes }) =>
      classes.some(({ spec }) => spec.encryption) ? undefined : "no class is encrypted",
    double: "the secrets of LINSTOR and the key service of Ceph",
  },
];
