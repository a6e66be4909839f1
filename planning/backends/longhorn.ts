import type { Companion, Options } from "../plan";
import type { Rule } from "../problem";
import { copyingModel } from "../survival/models";
import type { StorageRequest } from "./backend";
import {
  crdCheck,
  driverCheck,
  encryptionRules,
  fsTypeRules,
  onePerSite,
  restoreBesideRules,
  secretParameters,
  tooOld,
} from "./common";
import { defineBackend } from "./define";
import { longhornObservation } from "./longhornReplicas";
import { listOption, text, textOption, texts } from "./options";
import { isAtLeast } from "./version";

const PROVISIONER = "driver.longhorn.io";

/** The one label that Longhorn reads as a zone. */
const ZONE_LABEL = "topology.kubernetes.io/zone";

/** Classes that Longhorn makes and keeps. */
const OWN_CLASSES = ["longhorn", "longhorn-static"];

const PLACEMENT_OPTIONS = {
  dataLocality: text("whether a copy follows the workload to its node", {
    allowed: ["disabled", "best-effort", "strict-local"],
    default: "disabled",
  }),
  diskSelector: texts("Longhorn disk tags that a copy's disk must have"),
  nodeSelector: texts("Longhorn node tags that a copy's node must have"),
};

const namespaceOf = (options: Options): string =>
  textOption(options, "namespace") ?? "longhorn-system";

const isSoft = (options: Options): boolean => options["zoneSpread"] === "soft";

/** Longhorn: spread by anti-affinity that is soft unless told, no quorum of its own. */
export const longhorn = defineBackend({
  id: "longhorn",
  title: "Longhorn",
  options: {
    namespace: text("namespace that Longhorn runs in", { default: "longhorn-system" }),
    zoneSpread: text(
      "soft: copies spread over the sites as well as it can, and all may stand in one; for more copies than sites, and survive: node",
      { allowed: ["hard", "soft"], default: "hard" },
    ),
    ...PLACEMENT_OPTIONS,
    encryptionSecretName: text(
      "secret with the volume key (CRYPTO_KEY_VALUE); needed for encrypted classes",
    ),
    encryptionSecretNamespace: text("namespace of that secret", {
      default: "the namespace of Longhorn",
    }),
  },
  classOptions: PLACEMENT_OPTIONS,
  limits: {
    replicas: 20,
    snapshotsPerVolume: 250,
    restoreSize: "equal",
    expandWithSnapshots: true,
  },
  unverified: [
    "Losses are judged by the vendor's description of fail-over; no Longhorn cluster was run.",
    "Class parameters and settings were compared with the driver's source, not fed to it.",
    "A witness's nodes must not offer Longhorn disks: a class cannot keep copies off them.",
  ],
  harmless: {
    dataEngine:
      "v1 or v2; what the second one does after a loss follows the vendor's description alone.",
    staleReplicaTimeout: "When the copy of a failed engine is cleaned up, in minutes.",
    replicaAutoBalance: "Whether copies move to nodes and sites that were added.",
    recurringJobSelector: "Longhorn's own recurring jobs.",
    backupTargetName: "Longhorn's own backup target.",
    unmapMarkSnapChainRemoved: "Whether trimming gives the space of snapshots back.",
    freezeFilesystemForSnapshot: "Whether a snapshot waits until the file system is at rest.",
    mkfsParams: "Options of mkfs.",
    nfsOptions: "Mount options of shared volumes.",
    migratable: "Whether a shared block volume can be used on two nodes while a VM moves.",
  },
  rules,
  provisioner: PROVISIONER,
  parameters: ({ site, topology }, spec) => {
    const options = site.backendOptions;
    const tags = (key: string): Record<string, string> => {
      const own = listOption(spec.options, key);
      const chosen = own.length > 0 ? own : listOption(options, key);
      return chosen.length > 0 ? { [key]: chosen.join(",") } : {};
    };
    return {
      numberOfReplicas: String(site.replicationFactor),
      dataLocality: textOption({ ...options, ...spec.options }, "dataLocality") ?? "disabled",
      // Both are said: the zone rule is soft by default, and a global setting must not change what a class means.
      replicaSoftAntiAffinity: "disabled",
      replicaZoneSoftAntiAffinity:
        topology.spread === "sites" && !isSoft(options) ? "disabled" : "enabled",
      ...tags("diskSelector"),
      ...tags("nodeSelector"),
      ...(spec.encryption ? encryptionParameters(options) : {}),
    };
  },
  companions,
  soft: isSoft,
  // Empty means a backup to a target, and without a target the snapshot never becomes ready.
  snapshotParameters: () => ({ type: "snap" }),
  // Longhorn 1.13 has groups, but not at one point in time: they promise no more than single snapshots do.
  automatic: () => ({
    mechanism:
      "Longhorn's node-down-pod-deletion-policy deletes the pods of a lost node, in 5 to 7 minutes, and attaches their volumes elsewhere",
    rebuilds:
      "yes: after 600 seconds a lost copy is built again, where a node and a site that hold none are left",
  }),
  manualSteps: (options) => [
    "kubectl delete pod POD --force for each pod of the lost node that uses a volume",
    "wait until the volume is attached and the pod runs on another node",
    `kubectl -n ${namespaceOf(options)} get volumes.longhorn.io, until every volume is healthy again`,
  ],
  model: ({ site }, automatic) => copyingModel(site.replicationFactor, automatic),
  raiseFactor: ({ site }) => ({
    existingVolumes: "unchanged",
    command:
      `kubectl -n ${namespaceOf(site.backendOptions)} patch volumes.longhorn.io VOLUME --type=merge ` +
      `-p '{"spec":{"numberOfReplicas":${site.replicationFactor}}}'`,
  }),
  clusterChecks: () => [
    driverCheck("Longhorn CSI driver", PROVISIONER, "install Longhorn"),
    crdCheck(
      "settings",
      "Longhorn's settings can be declared",
      { name: "settings.longhorn.io", version: "v1beta2" },
      "install Longhorn 1.5 or newer",
    ),
  ],
  observation: ({ site }) => longhornObservation(namespaceOf(site.backendOptions)),
});

/** The key is needed at every stage; without the one of node-expand an online expansion fails. */
function encryptionParameters(options: Options): Record<string, string> {
  const name = textOption(options, "encryptionSecretName") ?? "";
  const namespace = textOption(options, "encryptionSecretNamespace") ?? namespaceOf(options);
  const stages = {
    provisioner: name,
    "node-publish": name,
    "node-stage": name,
    "node-expand": name,
  };
  return { encrypted: "true", ...secretParameters(namespace, stages) };
}

function companions({ site }: StorageRequest): readonly Companion[] {
  const setting = (key: string, name: string, value: string, why: string): Companion => ({
    key,
    object: {
      apiVersion: "longhorn.io/v1beta2",
      kind: "Setting",
      metadata: { name, namespace: namespaceOf(site.backendOptions) },
      value,
    },
    // Longhorn makes its settings itself: only the value is ours.
    hold: "patch",
    protect: false,
    why,
  });
  const whole = setting(
    "degraded-creation",
    "allow-volume-creation-with-degraded-availability",
    "false",
    "by default a volume is bound although not all its copies could be placed, and stays degraded",
  );
  const policy = setting(
    "node-down-policy",
    "node-down-pod-deletion-policy",
    "delete-both-statefulset-and-deployment-pod",
    "by default the pods of a lost node stay, and with them the attachment of their volumes",
  );
  return site.failover === "automatic" ? [whole, policy] : [whole];
}

/** What Longhorn cannot hold hard, or at all, for a site. */
function rules({ site, topology }: StorageRequest): readonly Rule[] {
  const secret = textOption(site.backendOptions, "encryptionSecretName");
  return [
    ...site.classes.map(({ name }, index): Rule => [
      OWN_CLASSES.includes(name),
      `classes[${index}].name`,
      "Longhorn makes the class of this name itself, and brings it back as its own ConfigMap has it",
      "another name, such as atom-replicated",
    ]),
    // Before, only a global setting had an anti-affinity.
    tooOld(site, "1.5", "before 1.5 a Longhorn class cannot say that its copies must be spread"),
    [
      topology.spread === "sites" && topology.siteLabel !== ZONE_LABEL,
      "topology.siteLabel",
      "Longhorn knows no other zone label, so it would take all nodes for one zone",
      ZONE_LABEL,
    ],
    onePerSite(
      isSoft(site.backendOptions) ? { ...topology, maxPerSite: 1 } : topology,
      `Longhorn can hold one copy per site hard, or leave the spread soft, but not ${topology.maxPerSite} per site: ` +
        `${site.replicationFactor} copies over ${topology.dataSites.length} sites might all stand in one`,
    ),
    ...[site.backendOptions, ...site.classes.map((spec) => spec.options)].map(
      (options, index): Rule => [
        options["dataLocality"] === "strict-local" && site.replicationFactor > 1,
        index === 0 ? "backendOptions.dataLocality" : `classes[${index - 1}].options.dataLocality`,
        "Longhorn keeps a volume that stands with its pod strictly as one copy only",
        "disabled or best-effort, or replicationFactor 1",
      ],
    ),
    ...encryptionRules(
      site,
      () => secret !== undefined,
      () => "an encrypted volume stays pending until its secret is named",
      "backendOptions.encryptionSecretName",
    ),
    ...fsTypeRules(site, ["ext4", "xfs"]),
    ...restoreBesideRules(
      site,
      ["xfs"],
      () =>
        isAtLeast(site.backendVersion, "1.6.3") ||
        (isAtLeast(site.backendVersion, "1.5.6") && !isAtLeast(site.backendVersion, "1.6")),
      "Longhorn 1.5.6, 1.6.3 or newer",
    ),
  ];
}
