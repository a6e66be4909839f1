import { backendOf } from "../../planning";
import { shortName } from "../../planning/backends/options";
import type { BackendId, Site } from "../../planning/site";

/** Why a class carries a parameter, by the key's part after the driver's own prefix. */
type Reasons = Readonly<Record<string, string>>;

const common: Reasons = {
  fstype: "File system of the volumes.",
};

const byBackend: Readonly<Partial<Record<BackendId, Reasons>>> = {
  linstor: {
    placementCount: "Copies of each volume. Without it LINSTOR makes one.",
    storagePool: "The pool that holds the copies.",
    layerList: "The layers under a volume; DRBD is the one that copies synchronously.",
    encryption: "The volumes are encrypted by the LUKS layer.",
    allowRemoteVolumeAccess:
      "Whether a pod on a node without a copy reaches the volume over the network.",
    replicasOnDifferent:
      "No two copies where this label has the same value: hard, not best effort.",
    xReplicasOnDifferent:
      "At most so many copies where this label has the same value: hard, not best effort.",
    resourceGroup: "A group of its own for these parameters, so that no other class changes it.",
    "DrbdOptions/auto-quorum":
      "A volume that sees no majority of its votes waits instead of splitting.",
    "DrbdOptions/Resource/on-no-quorum":
      "A volume that sees no majority of its votes waits instead of splitting.",
    "DrbdOptions/Resource/quorum": "Writes need a majority of the votes.",
    "DrbdOptions/Resource/on-no-data-accessible":
      "A volume whose copies cannot be reached waits until they can.",
    "DrbdOptions/Resource/on-suspended-primary-outdated":
      "A node that was left behind lets go of the volume.",
    "DrbdOptions/Net/rr-conflict":
      "Two sides that disagree about who leads try again instead of parting.",
    type: "Where the snapshot lies.",
  },
  longhorn: {
    numberOfReplicas: "Copies of each volume. Without it a global setting decides.",
    dataLocality: "Whether a copy follows its pod to its node.",
    replicaSoftAntiAffinity: "disabled: two copies never share a node.",
    replicaZoneSoftAntiAffinity:
      "Whether two copies may share a site. disabled forbids it; Longhorn's own default allows it.",
    diskSelector: "Disk tags that a copy's disk must have.",
    nodeSelector: "Node tags that a copy's node must have.",
    encrypted: "The volumes are encrypted.",
    type: "snap: a snapshot beside the volume. Without it Longhorn wants a backup target and never gets ready.",
  },
  "rook-ceph": {
    clusterID: "The Ceph cluster, by its namespace.",
    pool: "The pool that holds the volumes: it says how many copies there are and what keeps them apart.",
    fsName:
      "The shared file system that holds the volumes; its pools say how many copies there are.",
    imageFeatures: "What a block image can do; every node's kernel must know each of them.",
    encrypted: "The volumes are encrypted.",
    encryptionKMSID: "The entry of the driver's key management that holds the volumes' keys.",
  },
  "vsphere-csi": {
    storagepolicyname:
      "The storage policy in vCenter that keeps the copies; the class itself cannot name a number.",
  },
  mayastor: {
    repl: "Copies of each volume. Without it Mayastor makes one.",
    protocol: "Volumes and copies are reached by NVMe over the network; there is no other way.",
    thin: "Space is taken as it is written. Anything but true means thick, which a restored volume cannot be.",
    nodeSpreadTopologyKey:
      "No two copies on Mayastor nodes where this label has the same value: hard, not best effort.",
    maxSnapshots: "Most snapshots of one volume.",
    encrypted: "Copies stand in encrypted pools only.",
    quiesceFs: "Whether a snapshot waits until the file system is at rest.",
  },
  portworx: {
    repl: "Copies of each volume.",
    placement_strategy:
      "The rule that keeps copies apart, hard; without it Portworx spreads as well as it can.",
    io_profile: "none: a flush is acknowledged once it is on the disks of all copies.",
    secure: "The volumes are encrypted with the cluster-wide secret.",
    "snapshot-type": "local: a snapshot in the cluster. cloud would need credentials.",
  },
  lab: {
    replicas: "Copies of each volume.",
    spreadKey: "The label whose values keep copies apart.",
    maxPerDomain: "Copies at most where that label has one value.",
  },
};

/** Why the parameter is there; for what only the operator can know, that it stands in the stack file. */
export function parameterReason(site: Site, key: string): string {
  if (site.backend === "generic" && site.backendOptions.replicaKey === key) {
    return "Tells the driver the number of copies, as the stack file states.";
  }
  const reasons = byBackend[site.backend] ?? {};
  const short = shortName(key);
  if (short.includes("secret-name") || short.includes("secret-namespace")) {
    return "Names the Kubernetes Secret that the driver reads; the secret itself is not here.";
  }
  const known = reasons[short] ?? common[short] ?? backendOf(site.backend)?.harmless?.[short];
  return known ?? "Set in the stack file for this backend.";
}
