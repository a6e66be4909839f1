import { Type } from "@sinclair/typebox";

import { pointJournal, amount, count, record, time, word } from "./journal";
import { choice, dictionary, flag, list, optional } from "./node";
import { waiver } from "./operation";
import { consistency, pointMember, pointVolume } from "./pointFile";

/** Where a claim's bytes lay. */
const claimLineage = record({
  namespace: word,
  claim: word,
  uid: word,
  /** When this was so. */
  at: time,
  /** Name of the PersistentVolume, and the driver's own id of the volume. */
  volume: word,
  volumeHandle: word,
  driver: word,
  /** StorageClass, and its parameters as they were then: the class may be replaced later. */
  className: word,
  parameters: dictionary<string>("", word),
  /** As Kubernetes writes it, e.g. `8Gi`. */
  capacity: word,
  accessModes: list("", word),
  volumeMode: word,
  fsType: optional(word),
});

const stoppedWorkload = record({
  kind: choice("", ["StatefulSet", "Deployment", "CronJob"]),
  namespace: word,
  name: word,
  /** To go back to; for a CronJob 1: it may start jobs. */
  replicas: count,
  /** Of a StatefulSet whose claims go with its pods: suspended while it is stopped, and to go back to. */
  whenScaled: optional(Type.Literal("Delete")),
});

const frozenHook = record({
  hook: word,
  namespace: word,
  /** By then it thaws by itself. */
  leaseEnds: time,
  frozenAt: time,
  thawedAt: optional(time),
});

const memberVerification = record({
  /** As `memberKey` names it. */
  member: word,
  /** `readable`: it was restored and read; `proven`: and is what it was; `failed`: it is not, or could not be read. */
  result: choice("", ["readable", "proven", "failed"]),
  at: time,
  /** From the first object made for it to the verdict; until its pod ran; and from then on. */
  seconds: amount,
  restoreSeconds: optional(amount),
  readSeconds: optional(amount),
  /** Form of the manifest of checksums and the SHA-256 over it, e.g. `1:…`; only equal forms can be compared. */
  manifestDigest: optional(word),
  /** Files in it, and their bytes. */
  files: optional(count),
  bytes: optional(count),
  /** Why it failed. */
  message: optional(word),
});

const diskRecord = record({
  /** vSphere's number of the device. */
  key: count,
  label: word,
  bytes: count,
  datastore: word,
  /** Path on the datastore, of the base and not of a delta. */
  file: word,
  mode: word,
  raw: optional(choice("", ["physicalMode", "virtualMode"])),
  /** What tells that it is a volume of Kubernetes. */
  volume: optional(word),
});

const nicRecord = record({ label: word, mac: word, network: word });

/** A node's virtual machine as it was. */
const vmRecord = record({
  node: word,
  /** BIOS UUID, lower case. */
  uuid: word,
  /** Managed object reference. */
  reference: word,
  name: word,
  /** When it was read. */
  at: time,
  powerState: word,
  /** Name of the ESXi host; absent where it could not be seen. */
  host: optional(word),
  /** Absent where its devices could not be read; disks and cards are empty then. */
  memoryMb: optional(count),
  disks: list("", diskRecord),
  nics: list("", nicRecord),
});

/** A clone of a node's VM; what the VM was made of stands in `vms`. */
const nodeImage = record({
  node: word,
  /** Of the clone: name, and managed object reference; absent before it is made. */
  name: word,
  reference: optional(word),
  datastore: word,
  /** Where the VM stood, by references. */
  folder: word,
  pool: word,
  cpus: count,
  /** Labels of disks that the clone does not have. */
  without: list("", word),
  /** Of the Node object; empty where the cluster had none. */
  labels: dictionary<string>("", word),
  /** When it was removed. */
  removed: optional(time),
});

/** SHA-256 over all objects of the release, ConfigMaps that they are split over, and Secrets copied in the cluster. */
const releaseRecord = record({ digest: word, parts: count, secrets: count });

/** A rollback to the point, and what it needs to go on, or back. */
const rollbackRecord = record({
  /** When it was begun, and by whom; a change number where one was given. */
  at: time,
  who: word,
  change: optional(word),
  /** SHA-256 over the steps that were confirmed. */
  digest: word,
  /** `running` and `undoing` are at work or were interrupted; `done` can be undone. */
  state: choice("", ["running", "done", "undoing", "undone"]),
  /** When it last came to an end. */
  ended: optional(time),
  claims: list(
    "",
    record({
      namespace: word,
      claim: word,
      /** Volume that the claim had before, and its own reclaim policy; absent: there was no claim. */
      kept: optional(record({ uid: word, volume: word, handle: word, policy: word })),
      /** Volume that was restored from the point's snapshot. */
      made: optional(record({ volume: word, handle: word })),
      /** When the one of the two that the product does not use was removed for good. */
      purged: optional(time),
    }),
  ),
  /** What scales or sets back workloads, and was paused. */
  paused: list("", record({ apiVersion: word, kind: word, namespace: word, name: word })),
  /** Release objects of before; absent until they are stored, and after they were purged. */
  objects: optional(releaseRecord),
});

/** All that is known of one restore point, as it is stored in the cluster and off it. No secret is ever in it. */
export const pointRecordSchema = record({
  version: Type.Literal(1),
  name: word,
  stack: word,
  /** ATOM release that the point was taken for, e.g. `24.1`. */
  release: word,
  /**
   * - `taking`: not complete; a run that was killed leaves it so
   * - `failed`: given up, and what was taken is removed
   * - `lost`: a member was found missing
   */
  state: choice("", ["planned", "taking", "ready", "failed", "lost", "expiring", "expired"]),
  consistency,
  /** The cycle that took it, and the start of the window's time that it was for; absent where a person did. */
  cycle: optional(
    record({
      name: word,
      start: time,
      takes: choice("", ["volumes", "virtualMachines", "both", "images"]),
      owner: word,
      change: optional(word),
    }),
  ),
  /** Version of the group snapshot API that took the volumes; absent: one snapshot for each volume. */
  groupVersion: optional(choice("", ["v1", "v1beta2", "v1beta1"])),
  expires: time,
  /** Whether the point must not be removed. */
  hold: flag(""),
  /** Set once all members are there. */
  takenAt: optional(time),
  /** Volumes that the point means to hold. */
  volumes: list("", pointVolume),
  members: list("", pointMember),
  /** Oldest first; a rollback adds the volumes that took their place. */
  lineage: list("", claimLineage),
  /** Claims of the product that the point does not hold. */
  uncovered: list("", record({ namespace: word, claim: word, reason: word })),
  /** Seconds between the first and the last creation time of the volumes' contents. */
  spreadSeconds: optional(amount),
  /** What was scaled down. */
  workloads: list("", stoppedWorkload),
  frozen: list("", frozenHook),
  /** Newest last; one member may be verified many times. */
  verifications: list("", memberVerification),
  /** Waivers that commands on this point made use of. */
  waivers: list("", waiver),
  /** Absent until they are stored. */
  objects: optional(releaseRecord),
  /** What the point's VMs were made of before; absent where it holds none. */
  vms: optional(list("", vmRecord)),
  /** Of a run that makes images of the node VMs; absent for any other point. */
  images: optional(list("", nodeImage)),
  /** Oldest first; absent until there is one. */
  rollbacks: optional(list("", rollbackRecord)),
  journal: pointJournal,
});
