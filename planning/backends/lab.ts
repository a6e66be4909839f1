import type { ClassPlan } from "../plan";
import type { Problem } from "../problem";
import type { StorageClassSpec } from "../site";
import { copyingModel } from "../survival/replicas";
import { verdict } from "../survival/verdict";
import type { StorageBackend, StorageRequest } from "./backend";
import { fsTypeParameter, noEncryption, spreadKey } from "./common";
import { labObservation } from "./labReplicas";
import { siteLabelChecks } from "./siteLabels";
import { shown } from "../words";

const PROVISIONER = "lab.csi.atom.example";

/**
 * The lab's CSI fixture: every volume is kept as one directory per copy, on the nodes that its parameters ask for.
 * It has no quorum, and nothing that moves a workload: it shows placement and restore, not fail-over.
 */
export const lab: StorageBackend = {
  id: "lab",
  title: "Lab fixture",
  options: {},
  classOptions: {},
  limits: {
    replicas: 16,
    snapshotsPerVolume: undefined,
    restoreSize: "atLeast",
    expandWithSnapshots: true,
  },
  unverified: [],
  check: ({ site }) => noEncryption(site, "the lab fixture keeps plain directories"),
  provisioner: () => PROVISIONER,
  storageClass,
  companions: () => [],
  snapshotClass: ({ site }) => ({
    name: site.snapshots.className,
    driver: PROVISIONER,
    deletionPolicy: site.snapshots.deletionPolicy,
    parameters: {},
  }),
  groupSnapshotClass: ({ site }) => ({
    name: site.snapshots.className,
    driver: PROVISIONER,
    deletionPolicy: site.snapshots.deletionPolicy,
    parameters: {},
  }),
  failover: ({ site }) =>
    site.failover === "automatic"
      ? { refused: noMechanism() }
      : {
          mode: "manual",
          why: "the lab's nodes are simulated: nothing watches them and nothing moves a workload",
          steps: [
            "kubectl taint node NODE node.kubernetes.io/out-of-service=nodeshutdown:NoExecute",
            "wait until the pods run on another node",
            "kubectl taint node NODE node.kubernetes.io/out-of-service- once the node is back",
          ],
        },
  survival: ({ site, topology }, loss) =>
    verdict(
      { topology, factor: site.replicationFactor, automatic: false },
      copyingModel(site.replicationFactor, false),
      loss,
    ),
  raiseFactor: () => ({ existingVolumes: "unchanged", command: undefined }),
  clusterChecks: (request) => siteLabelChecks(request, false),
  observation: labObservation,
};

function storageClass({ site, topology }: StorageRequest, spec: StorageClassSpec): ClassPlan {
  return {
    spec,
    provisioner: PROVISIONER,
    parameters: {
      replicas: String(site.replicationFactor),
      spreadKey: spreadKey(topology),
      maxPerDomain: String(topology.spread === "sites" ? topology.maxPerSite : 1),
      ...fsTypeParameter(spec),
    },
    allowedTopologies: undefined,
    volumeBindingMode: "WaitForFirstConsumer",
    mountOptions: spec.mountOptions,
  };
}

function noMechanism(): Problem {
  return {
    path: "failover",
    value: shown("automatic"),
    message: "the backend lab has nothing that moves a workload from a lost node",
    allowed: "Allowed: manual",
  };
}
