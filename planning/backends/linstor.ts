import type { Options } from "../plan";
import { verdict } from "../survival/verdict";
import { votingModel } from "../survival/votes";
import type { StorageBackend, StorageRequest } from "./backend";
import { checkLinstor } from "./linstorChecks";
import { linstorClass, PROVISIONER } from "./linstorClass";
import { linstorObservation } from "./linstorReplicas";
import { CLASS_OPTIONS, OPTIONS, quorumOption, supportsGroups } from "./linstorOptions";
import { textOption } from "./options";
import { siteLabelChecks } from "./siteLabels";

const MECHANISM =
  "the Piraeus HA controller ends the pods of a volume that lost its quorum on their node and frees the attachment, in about 10 seconds";

/** LINSTOR with DRBD, as Piraeus installs it. Placement is hard, quorum is DRBD's own. */
export const linstor: StorageBackend = {
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
  check: checkLinstor,
  provisioner: () => PROVISIONER,
  storageClass: linstorClass,
  companions: () => [],
  snapshotClass: ({ site }) => ({
    name: site.snapshots.className,
    driver: PROVISIONER,
    deletionPolicy: site.snapshots.deletionPolicy,
    // Said rather than assumed: an unknown snapshot parameter is only logged by the driver.
    parameters: { "snap.linstor.csi.linbit.com/type": "InCluster" },
  }),
  groupSnapshotClass: ({ site }) =>
    supportsGroups(site.backendOptions, site.backendVersion)
      ? {
          name: site.snapshots.className,
          driver: PROVISIONER,
          deletionPolicy: site.snapshots.deletionPolicy,
          parameters: { "snap.linstor.csi.linbit.com/type": "InCluster" },
        }
      : undefined,
  failover: ({ site }) =>
    site.failover === "automatic"
      ? {
          mode: "automatic",
          mechanism: MECHANISM,
          rebuilds:
            "no: Piraeus keeps auto-eviction off, so copies lost with a node are made again when it returns, or with linstor node evacuate NODE",
        }
      : {
          mode: "manual",
          why: "failover: manual is configured",
          steps: [
            "kubectl taint node NODE node.kubernetes.io/out-of-service=nodeshutdown:NoExecute",
            "wait until the pods run on another node",
            "linstor resource list --faulty, until every volume is UpToDate or its lost copy is placed again",
            "kubectl taint node NODE node.kubernetes.io/out-of-service- once the node is back",
          ],
        },
  survival: ({ site, topology }, loss) =>
    verdict(
      {
        topology,
        factor: site.replicationFactor,
        automatic: site.failover === "automatic",
      },
      votingModel(site.replicationFactor, quorumOption(site.backendOptions)),
      loss,
    ),
  raiseFactor: ({ site }) => ({
    existingVolumes: "unchanged",
    command: `linstor resource-definition auto-place VOLUME --place-count ${site.replicationFactor}`,
  }),
  clusterChecks,
  observation: linstorObservation,
};

function clusterChecks(request: StorageRequest): ReturnType<StorageBackend["clusterChecks"]> {
  const { site } = request;
  const namespace = namespaceOf(site.backendOptions);
  const secret = textOption(site.backendOptions, "passphraseSecret");
  const encrypted = site.classes.some((spec) => spec.encryption);
  return [
    {
      id: "driver",
      title: "the LINSTOR CSI driver is installed",
      requires: { kind: "csiDriver", name: PROVISIONER },
      severity: "error",
      remedy: "install the Piraeus operator and a LinstorCluster",
    },
    // Witness nodes too: the tie-breaker follows the spread rule, and an unlabelled node counts as a site of its own.
    ...siteLabelChecks(request, true),
    ...(site.failover === "automatic"
      ? [
          {
            id: "failover",
            title: "the Piraeus HA controller runs",
            requires: {
              kind: "object" as const,
              apiVersion: "apps/v1",
              object: "DaemonSet",
              namespace,
              name: "ha-controller",
            },
            severity: "error" as const,
            remedy:
              "enable spec.highAvailabilityController in the LinstorCluster, or set failover: manual",
          },
        ]
      : []),
    ...(encrypted && secret !== undefined
      ? [
          {
            id: "passphrase",
            title: "the secret with LINSTOR's passphrase is there",
            requires: {
              kind: "object" as const,
              apiVersion: "v1",
              object: "Secret",
              namespace,
              name: secret,
            },
            severity: "error" as const,
            remedy: `create the secret ${namespace}/${secret} with the key MASTER_PASSPHRASE and name it in spec.linstorPassphraseSecret of the LinstorCluster`,
          },
        ]
      : []),
  ];
}

function namespaceOf(options: Options): string {
  return textOption(options, "namespace") ?? "piraeus-datastore";
}
