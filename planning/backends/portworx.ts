import type { Options } from "../plan";
import type { Rule } from "../problem";
import { electedModel } from "../survival/quorumGroups";
import type { StorageRequest } from "./backend";
import {
  crdCheck,
  driverCheck,
  objectCheck,
  encryptionRules,
  fsTypeRules,
  onePerSite,
  spreadKey,
  tooOld,
  memberRules,
  membersBySite,
} from "./common";
import { BY_HAND, defineBackend } from "./define";
import { notObserved } from "./observation";
import { flag, text, textOption, texts } from "./options";

const PROVISIONER = "pxd.portworx.com";

/** First release that reads strategies of portworx.io/v1beta2. */
const STRATEGIES = "2.1.2";

/** Name of a Kubernetes object, as RFC 1123 has it. */
const OBJECT_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

const IO_PROFILE = text(
  "none: a flush is acknowledged once it is on the disks of all copies; db_remote and auto gather flushes for up to 100 ms, which are lost when all nodes of a volume lose power at once",
  { allowed: ["none", "auto", "db_remote"], default: "none" },
);

const namespaceOf = (options: Options): string => textOption(options, "namespace") ?? "portworx";

const strategyOf = (options: Options): string => textOption(options, "strategy") ?? "atom-spread";

/** Portworx: best effort over zones by itself, hard by a strategy of ours; majorities decide, not copies alone. */
export const portworx = defineBackend({
  id: "portworx",
  title: "Portworx",
  options: {
    namespace: text("namespace of the StorageCluster and of Stork", { default: "portworx" }),
    strategy: text("name of the VolumePlacementStrategy that is declared for the volumes", {
      default: "atom-spread",
    }),
    kvdbMembers: texts(
      "site of each member of Portworx's key-value database, one entry per member; an odd number of three or more, each on a node of its own",
      { default: "three in the only data site" },
    ),
    ioProfile: IO_PROFILE,
    storkHealthMonitor: flag(
      "whether Stork runs with its health monitor on, which removes the pods of a node whose Portworx is offline; needed for failover: automatic",
      { default: "false" },
    ),
    clusterKey: flag(
      "whether a cluster-wide secret is set (pxctl secrets set-cluster-key); needed for encrypted classes",
      { default: "false" },
    ),
  },
  classOptions: { ioProfile: IO_PROFILE },
  limits: {
    replicas: 3,
    snapshotsPerVolume: undefined,
    restoreSize: "equal",
    expandWithSnapshots: false,
  },
  unverified: [
    "Portworx is closed: parameters and strategy follow its documentation and were fed to no parser.",
    "Losses are judged by general knowledge where the documentation is silent; no Portworx cluster was run.",
    "That Portworx stops without more than half of its storage nodes, and a volume of three copies without two, is taken as true since it promises less.",
    "What Portworx does when a link is cut between two of three places is not known, so nothing is promised then.",
    "That Stork's health monitor is on is the operator's statement: only its Deployment is looked for.",
    "Restored claims are taken to need exactly the snapshot's size, and volumes with snapshots not to grow.",
    "ha-update is taken to add one copy at a time, so a factor raised by two needs it twice.",
    "That a copy built again or added by ha-update follows the strategy was not seen.",
    "Classes of a Portworx with PX-Security need secrets that are not declared here.",
  ],
  harmless: {
    sharedv4:
      "true: a volume that several pods use at once, by NFS; Portworx moves its server with the volume.",
    sharedv4_svc_type: "How pods reach the server of a shared volume.",
    sharedv4_mount_options: "Mount options of a shared volume.",
    export_options: "Options of its NFS export.",
    priority_io: "Class of the disks.",
    nodiscard: "Whether the file system trims.",
  },
  rules,
  provisioner: PROVISIONER,
  parameters: ({ site }, spec) => ({
    repl: String(site.replicationFactor),
    placement_strategy: strategyOf(site.backendOptions),
    // Said rather than left out: Portworx may choose a profile that acknowledges a flush before it is on a disk.
    io_profile: textOption({ ...site.backendOptions, ...spec.options }, "ioProfile") ?? "none",
    ...(spec.encryption ? { secure: "true" } : {}),
  }),
  // Declared before the classes: a claim of a class whose strategy is missing gets no volume.
  companions: ({ site, topology }) => [
    {
      key: "placement-strategy",
      object: {
        apiVersion: "portworx.io/v1beta2",
        kind: "VolumePlacementStrategy",
        metadata: { name: strategyOf(site.backendOptions) },
        spec: {
          replicaAntiAffinity: [{ enforcement: "required", topologyKey: spreadKey(topology) }],
        },
      },
      hold: "own",
      // It holds no data; volumes that were placed by it stay where they are.
      protect: false,
      why: "by itself Portworx spreads copies over zones only as well as it can, and a class without its strategy makes no volume",
    },
  ],
  // Said rather than assumed: cloud would need credentials, and be no member of a restore point.
  snapshotParameters: () => ({ "csi.openstorage.org/snapshot-type": "local" }),
  automatic: ({ site }) =>
    site.backendOptions["storkHealthMonitor"] === true
      ? {
          mechanism:
            "as stated: the health monitor of Stork removes the pods of a node whose Portworx is offline and frees their volumes, which other nodes then attach",
          rebuilds:
            "not by itself: a copy on a node that returns is brought up to date; one on a node that is gone for good is made anew once the node is decommissioned",
        }
      : {
          missing:
            "it is Stork that removes the pods of a node whose Portworx is offline, and nothing states that its health monitor is on",
          instead: ", or backendOptions.storkHealthMonitor: true",
        },
  manualSteps: (options) => [
    BY_HAND.switchOff,
    BY_HAND.taint,
    BY_HAND.wait,
    `kubectl -n ${namespaceOf(options)} exec PORTWORX-POD -- /opt/pwx/bin/pxctl status, until Portworx is operational and every volume has all its copies again`,
    BY_HAND.untaint,
  ],
  model: ({ site, topology }) =>
    electedModel({
      topology,
      factor: site.replicationFactor,
      quorumGroups: [
        {
          one: "KVDB member",
          bySite: membersBySite(site.backendOptions, "kvdbMembers", topology),
          everywhere: false,
        },
        {
          one: "storage node",
          // A witness's nodes store nothing, and do not count.
          bySite: new Map(
            topology.dataSites.map((place) => [place.name, place.storageNodes.length]),
          ),
          everywhere: false,
        },
      ],
      minimum: site.replicationFactor < 3 ? 1 : 2,
      settlesPartitions: false,
      snapshots: "copies",
    }),
  raiseFactor: ({ site }) => ({
    existingVolumes: "unchanged",
    command: `pxctl volume ha-update --repl ${site.replicationFactor} VOLUME`,
  }),
  clusterChecks: (request) => {
    const namespace = namespaceOf(request.site.backendOptions);
    const stork = objectCheck(
      "failover",
      "Stork runs",
      { apiVersion: "apps/v1", object: "Deployment", namespace, name: "stork" },
      "enable spec.stork in the StorageCluster, or set failover: manual",
    );
    return [
      driverCheck(
        "Portworx CSI driver",
        PROVISIONER,
        "install the Portworx operator and a StorageCluster with CSI enabled",
      ),
      crdCheck(
        "strategies",
        "placement strategies can be declared",
        { name: "volumeplacementstrategies.portworx.io", version: "v1beta2" },
        `install Portworx ${STRATEGIES} or newer`,
      ),
      ...(request.site.failover === "automatic" ? [stork] : []),
    ];
  },
  observation: () =>
    notObserved(
      "Portworx tells where its copies are through its own tools and a closed API only",
      "look with pxctl volume inspect VOLUME on a storage node",
    ),
});

/** What Portworx cannot hold hard, or at all, for a site. */
function rules(request: StorageRequest): readonly Rule[] {
  const { site, topology } = request;
  const name = textOption(site.backendOptions, "strategy") ?? "";
  return [
    tooOld(
      site,
      STRATEGIES,
      `before ${STRATEGIES} Portworx does not read the VolumePlacementStrategy that keeps copies apart`,
    ),
    [
      name !== "" && !OBJECT_NAME.test(name),
      "backendOptions.strategy",
      "not a name of a Kubernetes object",
      "lower-case letters, digits, - and ., such as atom-spread",
    ],
    onePerSite(
      topology,
      `a hard anti-affinity of Portworx puts one copy into each site; ${topology.maxPerSite} per site it does not hold`,
    ),
    ...memberRules(request, "kvdbMembers", "the members of Portworx's key-value database"),
    ...encryptionRules(
      site,
      () => site.backendOptions["clusterKey"] === true,
      () => "Portworx encrypts with its cluster-wide secret, and nothing states that one is set",
      "backendOptions.clusterKey: true",
    ),
    ...fsTypeRules(site, ["ext4", "xfs"]),
  ];
}
