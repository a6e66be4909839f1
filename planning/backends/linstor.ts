import type { Rule } from "../problem";
import type { Site } from "../site";
import { listed } from "../words";
import { apiRules } from "./apiOptions";
import type { StorageRequest } from "./backend";
import { encryptionRules, fsTypeRules, oneEach, driverCheck, objectCheck } from "./common";
import {
  clientsVote,
  remoteAccess,
  VOTELESS_CLIENTS,
  linstorParameters,
  resourceGroup,
  CLASS_OPTIONS,
  HARMLESS,
  OPTIONS,
  quorumOption,
  supportsGroups,
} from "./linstorClass";
import { textOption, splitParameter } from "./options";
import { isAtLeast } from "./version";
import { copyingModel, votingModel } from "../survival/models";
import { BY_HAND, defineBackend } from "./define";
import { linstorObservation } from "./linstorReplicas";

/** Labels that Piraeus copies from a node to its satellite, so that LINSTOR can place by them. */
const COPIED_LABELS = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];

/** First release that holds `xReplicasOnDifferent` in every case; 1.28 brought it, 1.29.2 mended a way around it. */
const HARD_X_REPLICAS = "1.29.2";

/** What LINSTOR cannot hold hard, or at all, for a site. */
function linstorRules({ site, topology }: StorageRequest): readonly Rule[] {
  const overSites = topology.spread === "sites";
  const property = textOption(site.backendOptions, "siteProperty");
  const same = textOption(site.backendOptions, "replicasOnSame");
  const hasPassphrase = textOption(site.backendOptions, "passphraseSecret") !== undefined;
  return [
    [
      overSites && property === undefined && !COPIED_LABELS.includes(topology.siteLabel),
      "topology.siteLabel",
      "Piraeus does not copy this label to its satellites, so LINSTOR would take every node for a site of its own",
      `${listed(COPIED_LABELS, "or")}, or backendOptions.siteProperty with the property that carries the site`,
    ],
    [
      overSites && property !== undefined && !property.startsWith("Aux/"),
      "backendOptions.siteProperty",
      "LINSTOR places by auxiliary properties only",
      "a property that starts with Aux/",
    ],
    [
      overSites && topology.maxPerSite > 1 && !isAtLeast(site.backendVersion, HARD_X_REPLICAS),
      "replicationFactor",
      `${topology.maxPerSite} copies per site are held hard only with xReplicasOnDifferent, which LINSTOR ` +
        `${String(site.backendVersion)} lacks or can break`,
      `${oneEach(topology)}, or LINSTOR ${HARD_X_REPLICAS} or newer`,
    ],
    [
      same !== undefined && splitParameter(same).includes(""),
      "backendOptions.replicasOnSame",
      "without a value LINSTOR puts all copies where the property is alike, so in one site where it is the site's",
      "property=value, e.g. Aux/disks=nvme",
    ],
    ...site.topology.sites.map((place, index): Rule => [
      place.role === "witness" && place.storageNodes.length === 0,
      `topology.sites[${index}].storageNodes`,
      `the tie-breaker of witness ${place.name} needs a node that runs a LINSTOR satellite`,
      "one node name or more (no storage pool is needed there)",
    ]),
    ...remoteRules(site),
    ...encryptionRules(
      site,
      () => hasPassphrase,
      () => "LINSTOR encrypts only when it has its passphrase",
      "backendOptions.passphraseSecret with the name of its secret",
    ),
    ...fsTypeRules(site, ["ext4", "xfs"]),
    ...apiRules(site),
  ];
}

/** A pod without a copy on its node took the tie-breaker's vote to its own site before 1.34. */
function remoteRules(site: Site): readonly Rule[] {
  const voting = clientsVote(site) && site.replicationFactor % 2 === 0;
  const paths = site.classes.flatMap((spec, index) => {
    if (!voting || !remoteAccess(site, spec)) {
      return [];
    }
    return spec.options["allowRemoteVolumeAccess"] === undefined
      ? ["backendOptions.allowRemoteVolumeAccess"]
      : [`classes[${index}].options.allowRemoteVolumeAccess`];
  });
  return [...new Set(paths)].map((path) => [
    true,
    path,
    `before LINSTOR ${VOTELESS_CLIENTS} a pod on a node without a copy takes the tie-breaker's place and ` +
      "gives its own site a second vote, so the loss of that site would stop the volume",
    `false, or LINSTOR ${VOTELESS_CLIENTS} or newer`,
  ]);
}

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
