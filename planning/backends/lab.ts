import { copyingModel } from "../survival/replicas";
import { noEncryption, spreadKey } from "./common";
import { BY_HAND, defineBackend } from "./define";
import { labObservation } from "./labReplicas";

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
  provisioner: "lab.csi.atom.example",
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
  clusterChecks: () => [],
  observation: labObservation,
});
