import { isReadyNode, textAt } from "./answers";
import { unknown, type ObservationPlan } from "./observation";
import { copyingModel } from "../survival/models";
import { driverCheck, noEncryption, spreadKey } from "./common";
import { BY_HAND, defineBackend } from "./define";

const PROVISIONER = "lab.csi.atom.example";

/** Key of the volume's context, and so of the PV's attributes, under which the fixture names the nodes with a copy. */
const REPLICA_NODES = "replicaNodes";

/**
 * The fixture writes every copy before it answers, so a copy holds every write for as long as its node is there; that
 * the node is, the API server says.
 */
function labObservation(): ObservationPlan {
  return {
    state: "observed",
    sources: { nodes: { kind: "list", apiVersion: "v1", object: "Node", namespace: undefined } },
    observer: ({ nodes = [] }) => {
      const ready = new Set(
        nodes.filter(isReadyNode).map((node) => textAt(node, "metadata", "name")),
      );
      return ({ volume, attributes }) => {
        const names = (attributes[REPLICA_NODES] ?? "").split(",").map((name) => name.trim());
        const replicas = names
          .filter((name) => name !== "")
          .map((node) =>
            ready.has(node)
              ? { node, state: "upToDate" as const, detail: "the node is ready" }
              : { node, state: "unknown" as const, detail: "the node is gone or not ready" },
          );
        return replicas.length === 0
          ? unknown(`PersistentVolume ${volume} has no volumeAttributes.${REPLICA_NODES}.`)
          : { state: "seen", replicas, rule: undefined, tieBreakers: [], troubles: [] };
      };
    },
  };
}

/**
 * The lab's CSI fixture: every volume is kept as one directory per copy, on the nodes that its parameters ask for.
 * It has no quorum, and nothing that moves a workload: it shows placement and restore, not fail-over.
 */
export const lab = defineBackend({
  id: "lab",
  title: "Lab fixture",
  limits: {
    replicas: 16,
    snapshotsPerVolume: undefined,
    restoreSize: "atLeast",
    expandWithSnapshots: true,
  },
  unverified: [],
  harmless: {},
  rules: ({ site }) => noEncryption(site, "the lab fixture keeps plain directories"),
  provisioner: PROVISIONER,
  parameters: ({ site, topology }) => ({
    replicas: String(site.replicationFactor),
    spreadKey: spreadKey(topology),
    maxPerDomain: String(topology.spread === "sites" ? topology.maxPerSite : 1),
  }),
  groupParameters: () => ({}),
  automatic: () => ({
    missing: "the backend lab has nothing that moves a workload from a lost node",
  }),
  manualWhy: "the lab's nodes are simulated: nothing watches them and nothing moves a workload",
  manualSteps: () => [BY_HAND.taint, BY_HAND.wait, BY_HAND.untaint],
  model: ({ site }) => copyingModel(site.replicationFactor, false),
  clusterChecks: () => [
    driverCheck(
      "lab CSI driver",
      PROVISIONER,
      "stop the lab and start it again: ./atom lab stop, ./atom lab up",
    ),
  ],
  observation: labObservation,
});
