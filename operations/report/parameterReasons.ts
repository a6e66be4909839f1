import type { BackendId, Site } from "../../planning/site";

/** Why a class carries a parameter, by the key's part after the driver's own prefix. */
type Reasons = Readonly<Record<string, string>>;

const common: Reasons = {
  fstype: "File system of the volumes.",
};

const byBackend: Readonly<Partial<Record<BackendId, Reasons>>> = {
  linstor: {
    placementCount: "Copies of each volume. Without it LINSTOR makes one.",
    autoPlace: "Copies of each volume. Without it LINSTOR makes one.",
    storagePool: "The pool that holds the copies.",
    resourceGroup: "A group of its own for these parameters, so that no other class changes it.",
    replicasOnDifferent:
      "No two copies where this label has the same value: hard, not best effort.",
    xReplicasOnDifferent: "At most so many copies where this label has the same value.",
    replicasOnSame: "All copies where this label has the same value.",
    allowRemoteVolumeAccess:
      "Whether a pod on a node without a copy reaches the volume over the network.",
    layerList: "The layers under a volume; DRBD is the one that copies synchronously.",
    placementPolicy: "How LINSTOR chooses nodes for the copies.",
    encryption: "Whether the volumes are encrypted by LUKS.",
    "DrbdOptions/auto-quorum":
      "What a volume does that sees no majority of its votes: rather stop than split.",
    "DrbdOptions/auto-add-quorum-tiebreaker":
      "Gives an even number of copies a third, diskless vote.",
    "DrbdOptions/Resource/quorum": "Writes need a majority of the votes.",
    "DrbdOptions/Resource/on-no-quorum": "What happens to writes without a majority.",
    "DrbdOptions/Resource/on-no-data-accessible":
      "What happens to reads when no copy can be reached.",
    "DrbdOptions/Resource/on-suspended-primary-outdated": "A pod that lost its majority is let go.",
    "DrbdOptions/Net/protocol": "A write is acknowledged when every copy has it.",
    "DrbdOptions/Net/rr-conflict": "What two sides do that find they differ after a cut link.",
    type: "Where the snapshot lies: in the cluster, so it is no backup.",
  },
  longhorn: {
    numberOfReplicas: "Copies of each volume.",
    replicaSoftAntiAffinity: "disabled: two copies never share a node.",
    replicaZoneSoftAntiAffinity:
      "disabled: two copies never share a site. Longhorn's own default lets them.",
    replicaDiskSoftAntiAffinity: "disabled: two copies never share a disk.",
    staleReplicaTimeout: "Minutes after which a failed copy is given up.",
    dataLocality: "Whether a copy follows its pod.",
    dataEngine: "Which of Longhorn's engines serves the volumes.",
    fromBackup: "Empty: volumes start empty.",
    encrypted: "Whether the volumes are encrypted.",
    diskSelector: "Which disks may hold copies.",
    nodeSelector: "Which nodes may hold copies, by Longhorn's tags.",
    volumeTopology: "any: the copies may lie on all sites.",
    strictTopology: "Whether pods are pinned to the chosen site.",
    type: "Where the snapshot lies: in the cluster, so it is no backup.",
  },
  lab: {
    replicas: "Copies of each volume.",
    replicationFactor: "Copies of each volume.",
    spreadKey: "The label whose values keep copies apart.",
    maxPerSite: "Copies at most in one site.",
  },
};

/** Why the parameter is there; for what only the operator can know, that it stands in the stack file. */
export function parameterReason(site: Site, key: string): string {
  const reasons = byBackend[site.backend] ?? {};
  const short = key.replace(/^(?:property\.)?[a-z0-9.-]+\/(?=.)/u, "");
  if (short.includes("secret-name") || short.includes("secret-namespace")) {
    return "Names the Kubernetes Secret that the driver reads; the secret itself is not here.";
  }
  return reasons[short] ?? common[short] ?? "Set in the stack file for this backend.";
}
