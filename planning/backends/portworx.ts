import type { ClassPlan, Companion, FailoverPlan, TopologyPlan } from "../plan";
import type { Problem } from "../problem";
import type { Site, StorageClassSpec } from "../site";
import { type QuorumGroup, electedModel } from "../survival/quorumGroups";
import { verdict } from "../survival/verdict";
import { shown } from "../words";
import type { ClusterCheck, StorageBackend, StorageRequest } from "./backend";
import { fsTypeParameter, spreadKey } from "./common";
import { membersBySite } from "./members";
import { textOption } from "./options";
import { checkPortworx } from "./portworxChecks";
import {
  CLASS_OPTIONS,
  namespaceOf,
  OPTIONS,
  PROVISIONER,
  STRATEGIES,
  strategyOf,
} from "./portworxOptions";
import { notObserved } from "./observation";
import { siteLabelChecks } from "./siteLabels";

/** Portworx: best effort over zones by itself, hard by a strategy of ours; majorities decide, not copies alone. */
export const portworx: StorageBackend = {
  id: "portworx",
  title: "Portworx",
  options: OPTIONS,
  classOptions: CLASS_OPTIONS,
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
  check: checkPortworx,
  provisioner: () => PROVISIONER,
  storageClass,
  companions: (request) => [strategy(request)],
  snapshotClass: ({ site }) => ({
    name: site.snapshots.className,
    driver: PROVISIONER,
    deletionPolicy: site.snapshots.deletionPolicy,
    // Said rather than assumed: cloud would need credentials, and be no member of a restore point.
    parameters: { "csi.openstorage.org/snapshot-type": "local" },
  }),
  groupSnapshotClass: () => undefined,
  failover,
  survival: ({ site, topology }, loss) =>
    verdict(
      { topology, factor: site.replicationFactor, automatic: site.failover === "automatic" },
      electedModel({
        topology,
        factor: site.replicationFactor,
        quorumGroups: quorumGroups(site, topology),
        minimum: site.replicationFactor < 3 ? 1 : 2,
        settlesTakes: false,
        snapshots: "copies",
      }),
      loss,
    ),
  raiseFactor: ({ site }) => ({
    existingVolumes: "unchanged",
    command: `pxctl volume ha-update --repl ${site.replicationFactor} VOLUME`,
  }),
  clusterChecks,
  observation: () =>
    notObserved(
      "Portworx tells where its copies are through its own tools and a closed API only",
      "look with pxctl volume inspect VOLUME on a storage node",
    ),
};

function storageClass({ site }: StorageRequest, spec: StorageClassSpec): ClassPlan {
  return {
    spec,
    provisioner: PROVISIONER,
    parameters: {
      repl: String(site.replicationFactor),
      placement_strategy: strategyOf(site.backendOptions),
      // Said rather than left out: Portworx may choose a profile that acknowledges a flush before it is on a disk.
      io_profile:
        textOption(spec.options, "ioProfile") ??
        textOption(site.backendOptions, "ioProfile") ??
        "none",
      ...(spec.encryption ? { secure: "true" } : {}),
      ...fsTypeParameter(spec),
    },
    // Every node reaches a volume over the network, so topologies would restrict pods only.
    allowedTopologies: undefined,
    volumeBindingMode: "WaitForFirstConsumer",
    mountOptions: spec.mountOptions,
  };
}

/** Declared before the classes: a claim of a class whose strategy is missing gets no volume. */
function strategy({ site, topology }: StorageRequest): Companion {
  return {
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
  };
}

function quorumGroups(site: Site, topology: TopologyPlan): readonly QuorumGroup[] {
  return [
    {
      one: "KVDB member",
      bySite: membersBySite(site.backendOptions, "kvdbMembers", topology),
      everywhere: false,
    },
    {
      one: "storage node",
      // A witness's nodes store nothing, and do not count.
      bySite: new Map(topology.dataSites.map((place) => [place.name, place.storageNodes.length])),
      everywhere: false,
    },
  ];
}

function failover({ site }: StorageRequest): FailoverPlan | { readonly refused: Problem } {
  const namespace = namespaceOf(site.backendOptions);
  if (site.failover === "manual") {
    return {
      mode: "manual",
      why: "failover: manual is configured",
      steps: [
        "switch NODE off, or see that it is: while it runs it may go on writing",
        "kubectl taint node NODE node.kubernetes.io/out-of-service=nodeshutdown:NoExecute",
        "wait until the pods run on another node",
        `kubectl -n ${namespace} exec PORTWORX-POD -- /opt/pwx/bin/pxctl status, until Portworx is operational and every volume has all its copies again`,
        "kubectl taint node NODE node.kubernetes.io/out-of-service- once the node is back",
      ],
    };
  }
  return site.backendOptions["storkHealthMonitor"] === true
    ? {
        mode: "automatic",
        mechanism:
          "as stated: the health monitor of Stork removes the pods of a node whose Portworx is offline and frees their volumes, which other nodes then attach",
        rebuilds:
          "not by itself: a copy on a node that returns is brought up to date; one on a node that is gone for good is made anew once the node is decommissioned",
      }
    : {
        refused: {
          path: "failover",
          value: shown("automatic"),
          message:
            "it is Stork that removes the pods of a node whose Portworx is offline, and nothing states that its health monitor is on",
          allowed: "Allowed: manual, or backendOptions.storkHealthMonitor: true",
        },
      };
}

function clusterChecks(request: StorageRequest): readonly ClusterCheck[] {
  const { site } = request;
  return [
    {
      id: "driver",
      title: "the Portworx CSI driver is installed",
      requires: { kind: "csiDriver", name: PROVISIONER },
      severity: "error",
      remedy: "install the Portworx operator and a StorageCluster with CSI enabled",
    },
    {
      id: "strategies",
      title: "placement strategies can be declared",
      requires: {
        kind: "crd",
        name: "volumeplacementstrategies.portworx.io",
        version: "v1beta2",
      },
      severity: "error",
      remedy: `install Portworx ${STRATEGIES} or newer`,
    },
    // Witness nodes too: with a node of Portworx that lacks the label, the strategy does what it likes.
    ...siteLabelChecks(request, true),
    ...(site.failover === "automatic"
      ? [
          {
            id: "failover",
            title: "Stork runs",
            requires: {
              kind: "object" as const,
              apiVersion: "apps/v1",
              object: "Deployment",
              namespace: namespaceOf(site.backendOptions),
              name: "stork",
            },
            severity: "error" as const,
            remedy: "enable spec.stork in the StorageCluster, or set failover: manual",
          },
        ]
      : []),
  ];
}
