import { PRODUCT_NAMESPACE } from "../../../lab/product/parts";
import {
  driver,
  still,
  hookEnds,
  objects,
  unbound,
  foreignClaim,
  waived,
  namespaces,
  endingNamespace,
  quota,
  withoutClass,
  secondVolume,
  withoutV1,
} from "./faultMakers";
import type { Taking, PointLab } from "./pointLab";

/** Something that goes wrong while a point is created, and what has to be said about it. */
export interface CreateFault {
  readonly title: string;
  readonly group: "auto" | "never";
  readonly how: Taking;
  /** Makes it go wrong before the command runs. @returns how it is mended */
  readonly before?: (lab: PointLab) => Promise<() => Promise<void>> | (() => Promise<void>);
  /** Makes it go wrong once the command has begun to change things. @returns how it is mended */
  readonly during?: (lab: PointLab) => Promise<() => Promise<void>> | (() => Promise<void>);
  /** What is said; undefined: it is no fault, the point is taken. `NAME` stands for the point's name. */
  readonly says?: string;
  /** What cannot be removed before it is mended: the next run does. */
  readonly stays?: boolean;
}

const crash: Taking = { consistency: "crash" };

const one = `VolumeSnapshot ${PRODUCT_NAMESPACE}/NAME.data-telemetry-1`;

/** Part of every gate. */
export const sampleFault: CreateFault = {
  title: "a volume that the driver refuses for good",
  group: "never",
  how: { consistency: "stopped" },
  before: driver({ refuse: { code: "InvalidArgument", message: 'no pool "fast"' } }),
  says: `${one}: The storage driver reports InvalidArgument: no pool "fast"`,
};

/** All others. */
export const otherFaults: readonly CreateFault[] = [
  {
    title: "a reply that is lost",
    group: "never",
    how: crash,
    before: driver({ dropReply: true }, 1),
  },
  {
    title: "a claim that is not bound",
    group: "never",
    how: crash,
    before: objects(unbound),
    says:
      "atom/unbound cannot be held by a restore point: the claim is Pending, so there is no volume yet. Mend it, narrow " +
      "product.selector, or waive rule uncovered-claim for subject atom/unbound.",
  },
  {
    title: "a claim that is not bound, and waived",
    group: "never",
    how: crash,
    before: waived("atom/unbound", objects(unbound)),
  },
  {
    title: "a claim of another driver",
    group: "never",
    how: crash,
    before: foreignClaim,
    says:
      "atom/foreign cannot be held by a restore point: its volume is of the driver other.csi.example, the snapshot class is of " +
      "lab.csi.atom.example. Mend it, narrow product.selector, or waive rule uncovered-claim for subject atom/foreign.",
  },
  {
    title: "a claim of another driver, and waived",
    group: "never",
    how: crash,
    before: waived("atom/foreign", foreignClaim),
  },
  {
    title: "a namespace that is not there",
    group: "never",
    how: crash,
    before: namespaces("ghost"),
    says:
      "ghost/* cannot be held by a restore point: there is no such namespace. Mend it, narrow product.selector, or waive rule " +
      "uncovered-claim for subject ghost/*.",
  },
  {
    title: "a namespace that is being deleted",
    group: "never",
    how: crash,
    before: endingNamespace,
    says:
      "ending/* cannot be held by a restore point: the namespace is being deleted. Mend it, narrow product.selector, or waive " +
      "rule uncovered-claim for subject ending/*.",
  },
  {
    title: "a volume for which there is no room",
    group: "never",
    how: { consistency: "frozen", timeout: 20 },
    before: driver({ refuse: { code: "ResourceExhausted", message: "pool full" } }),
    says: `${one}: The storage driver reports ResourceExhausted: pool full`,
    // After this code the sidecar does not know whether something was made, and keeps the content until it does.
    stays: true,
  },
  {
    title: "an error that passes",
    group: "never",
    how: crash,
    before: driver({ refuse: { code: "Unavailable", message: "busy" } }, 1),
  },
  {
    title: "a volume that is ready late",
    group: "never",
    how: crash,
    before: driver({ readyAfterMs: 4000 }),
  },
  {
    title: "a volume that fails late",
    group: "never",
    how: crash,
    before: driver({ failLate: { afterMs: 1500, code: "Internal", message: "copy lost" } }),
    says: `${one}: The storage driver reports Internal: copy lost`,
  },
  {
    title: "a driver that does not answer for one volume",
    group: "never",
    how: { ...crash, timeout: 8 },
    before: driver({ hang: true }),
    says: `${one}: It was not ready in time: the driver has reported no error, and 8 s have gone by.`,
    stays: true,
  },
  {
    title: "a snapshot controller that hangs",
    group: "never",
    how: { ...crash, timeout: 8 },
    during: still("snapshot-controller"),
    says: "The snapshot controller does not answer: no status after 8 s. Look whether snapshot-controller runs, and for what it logs.",
    stays: true,
  },
  {
    title: "a snapshotter that hangs",
    group: "never",
    how: { ...crash, timeout: 8 },
    during: still("csi-snapshotter"),
    says: "The storage driver does not answer: its content snapcontent-",
    stays: true,
  },
  {
    title: "a driver that hangs",
    group: "never",
    how: { ...crash, timeout: 8 },
    during: still("lab-csi"),
    says: "It was not ready in time: the driver has reported no error, and 8 s have gone by.",
    stays: true,
  },
  {
    title: "a class that is gone before",
    group: "never",
    how: crash,
    before: withoutClass,
    says: "The cluster has no VolumeSnapshotClass atom-snapshots",
  },
  {
    title: "a class that goes meanwhile",
    group: "never",
    how: crash,
    during: withoutClass,
    says: 'volumesnapshotclass.snapshot.storage.k8s.io "atom-snapshots" not found',
  },
  {
    title: "a quota that is full",
    group: "never",
    how: crash,
    before: quota,
    says: "exceeded quota: snapshots, requested: count/volumesnapshots.snapshot.storage.k8s.io=1",
  },
  {
    title: "volumes that are taken too far apart",
    group: "never",
    how: crash,
    before: driver({ delayMs: 7000 }),
    says:
      "s, and snapshots.maxSpreadSeconds is 5: they are of different moments. Use consistency stopped or frozen, groups, or a " +
      "greater maxSpreadSeconds.",
  },
  {
    title: "a group that takes long",
    group: "auto",
    how: crash,
    before: (lab) => {
      lab.faults([{ method: "CreateVolumeGroupSnapshot", action: { delayMs: 4000 } }]);
      return () => Promise.resolve(lab.faults([]));
    },
  },
  {
    title: "a group that is ready late",
    group: "auto",
    how: { consistency: "stopped" },
    before: (lab) => {
      lab.faults([{ method: "CreateVolumeGroupSnapshot", action: { readyAfterMs: 40_000 } }]);
      return () => Promise.resolve(lab.faults([]));
    },
  },
  {
    // What is served is posted; the lab's controllers, as all of their release, know v1 alone.
    title: "a cluster that serves v1beta2 of group snapshots and no v1",
    group: "auto",
    how: crash,
    before: withoutV1,
    says: "VolumeGroupSnapshot atom/NAME: The snapshot controller does not answer",
    // Nothing can be listed in v1 meanwhile; the next run shows that nothing was left.
    stays: true,
  },
  {
    title: "a second PersistentVolume of a volume",
    group: "never",
    how: crash,
    before: secondVolume,
  },
  {
    title: "a second PersistentVolume of a volume",
    group: "auto",
    how: crash,
    before: secondVolume,
  },
  ...(["evicted", "killed"] as const).map((how): CreateFault => ({
    title: `a hook that is ${how} while it holds its freeze`,
    group: "never",
    how: { consistency: "frozen" },
    before: driver({ delayMs: 8000 }),
    during: hookEnds(how),
    says: "The freeze did not last until every volume was taken: hook inventory: ",
  })),
  {
    title: "a group that the driver refuses for good",
    group: "auto",
    how: { consistency: "frozen" },
    before: (lab) => {
      const refuse = { code: "FailedPrecondition", message: "one volume is degraded" };
      lab.faults([{ method: "CreateVolumeGroupSnapshot", action: { refuse } }]);
      return () => Promise.resolve(lab.faults([]));
    },
    says: "VolumeGroupSnapshot atom/NAME: The storage driver reports FailedPrecondition: one volume is degraded",
  },
];
