import { copyingModel } from "../survival/replicas";
import { votingModel } from "../survival/votes";
import { driverCheck, objectCheck } from "./clusterChecks";
import { BY_HAND, defineBackend } from "./define";
import { linstorRules } from "./linstorChecks";
import { linstorParameters, resourceGroup } from "./linstorClass";
import { linstorObservation } from "./linstorReplicas";
import { CLASS_OPTIONS, HARMLESS, OPTIONS, quorumOption, supportsGroups } from "./linstorOptions";
import { textOption } from "./options";

const PROVISIONER = "linstor.csi.linbit.com";

/** Said rather than assumed: an unknown snapshot parameter is only logged by the driver. */
const IN_CLUSTER = { "snap.linstor.csi.linbit.com/type": "InCluster" };

/** LINSTOR with DRBD, as Piraeus installs it. Placement is hard, quorum is DRBD's own. */
export const linstor = defineBackend({
  id: "linstor",
  title: "LINSTOR / Piraeus",
  options: OPTIONS,
  classOptions: CLASS_OPTIONS,
  limits: {
    // DRBD keeps 7 peer slots for a new resource: 8 nodes, of which an even number of copies needs one more vote.
    replicas: 7,
    snapshotsPerVolume: undefined,
    restoreSize: "atLeast",
    expandWithSnapshots: true,
  },
  unverified: [
    "Losses are judged by the vendor's rules of quorum and placement; no DRBD cluster was run.",
    "The keys for releases before 1.31 follow LINSTOR's change log.",
    "Group snapshots are assumed from LINSTOR 1.32 on; they come with linstor-csi 1.10.0, which csiVersion states exactly.",
    "The name of the fail-over controller's DaemonSet is that of the Piraeus operator 2; other installations may name it otherwise.",
  ],
  harmless: HARMLESS,
  rules: linstorRules,
  provisioner: PROVISIONER,
  parameters: linstorParameters,
  lastParameters: resourceGroup,
  snapshotParameters: () => IN_CLUSTER,
  groupParameters: ({ site }) =>
    supportsGroups(site.backendOptions, site.backendVersion) ? IN_CLUSTER : undefined,
  automatic: ({ site }) =>
    quorumOption(site.backendOptions) === "off"
      ? {
          missing:
            "the fail-over controller acts on the loss of quorum, and quorum is off: both copies of a cut volume could be written",
        }
      : {
          mechanism:
            "the Piraeus HA controller ends the pods of a volume that lost its quorum on their node and frees the attachment, in about 10 seconds",
          rebuilds:
            "no: Piraeus keeps auto-eviction off, so copies lost with a node are made again when it returns, or with linstor node evacuate NODE",
        },
  manualSteps: () => [
    BY_HAND.taint,
    BY_HAND.wait,
    "linstor resource list --faulty, until every volume is UpToDate or its lost copy is placed again",
    BY_HAND.untaint,
  ],
  model: ({ site }) => {
    const quorum = quorumOption(site.backendOptions);
    return quorum === "off"
      ? copyingModel(site.replicationFactor, false)
      : votingModel(site.replicationFactor, quorum);
  },
  raiseFactor: ({ site }) => ({
    existingVolumes: "unchanged",
    command: `linstor resource-definition auto-place VOLUME --place-count ${site.replicationFactor}`,
  }),
  clusterChecks: (request) => {
    const { failover, classes, backendOptions } = request.site;
    const namespace = textOption(backendOptions, "namespace") ?? "piraeus-datastore";
    const secret = textOption(backendOptions, "passphraseSecret");
    const encrypted = classes.some(({ encryption }) => encryption);
    const controller = objectCheck(
      "failover",
      "the Piraeus HA controller runs",
      { apiVersion: "apps/v1", object: "DaemonSet", namespace, name: "ha-controller" },
      "enable spec.highAvailabilityController in the LinstorCluster, or set failover: manual",
    );
    const passphrase = (name: string) =>
      objectCheck(
        "passphrase",
        "the secret with LINSTOR's passphrase is there",
        { apiVersion: "v1", object: "Secret", namespace, name },
        `create the secret ${namespace}/${name} with the key MASTER_PASSPHRASE and name it in spec.linstorPassphraseSecret of the LinstorCluster`,
      );
    return [
      driverCheck(
        "LINSTOR CSI driver",
        PROVISIONER,
        "install the Piraeus operator and a LinstorCluster",
      ),
      ...(failover === "automatic" ? [controller] : []),
      ...(encrypted && secret !== undefined ? [passphrase(secret)] : []),
    ];
  },
  observation: linstorObservation,
});
