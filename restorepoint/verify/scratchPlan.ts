import { memberKey } from "../../planning/pointMembers";
import { fieldText, type ClusterObject } from "../../clients/kubernetes/object";
import { backendOf } from "../../planning";
import { labels, labelValue, POINT_LABEL, VERIFY_LABEL, verifyName } from "../../planning/names";
import type { Site } from "../../planning/site";
import type { ClaimLineage, VolumeMember } from "../../planning/pointRecord";
import { parseQuantity } from "../quantity";
import type { Scheduling } from "../jobs/jobObject";

/** What a plan is made from, beside the member itself. */
export interface ScratchSources {
  readonly site: Site;
  readonly point: string;
  /** Where the bytes lay when the point was taken; empty for a point that no command took. */
  readonly lineage: readonly ClaimLineage[];
  /** The content as it was taken; undefined when it is gone. */
  readonly content: ClusterObject | undefined;
  /** All StorageClasses that are there. */
  readonly classes: readonly ClusterObject[];
  /** Whether the stack's VolumeSnapshotClass is there. */
  readonly snapshotClassIsThere: boolean;
  /** Where a volume has to be usable: fields of a pod's spec; default anywhere. */
  readonly scheduling?: ((member: VolumeMember) => Scheduling) | undefined;
}

/** How a snapshot is restored into a scratch claim; plain values. */
export interface ScratchPlan {
  readonly member: VolumeMember;
  /** Namespace of all namespaced objects. */
  readonly namespace: string;
  /** Name of content, snapshot, claim and job alike. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly driver: string;
  /** StorageClass of the claim. */
  readonly className: string;
  /** Whether a volume of the class is made only when a pod needs it. */
  readonly waitsForPod: boolean;
  /** Undefined where the VolumeSnapshotClass is gone. */
  readonly snapshotClass: string | undefined;
  /** Annotations that name the driver's secrets, as the original content has them. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly accessModes: readonly string[];
  readonly fileSystem: boolean;
  /** Size of the claim. */
  readonly bytes: number;
  /** Where it has to be usable. */
  readonly scheduling: Scheduling;
}

/** Labels of everything that is made to verify a point. */
export function verifyLabels(stack: string, point: string): Record<string, string> {
  return {
    ...labels(stack),
    [POINT_LABEL]: labelValue(point),
    [VERIFY_LABEL]: labelValue(point),
  };
}

/** By these the sidecar finds the driver's credentials. */
const SECRET_ANNOTATIONS = [
  "snapshot.storage.kubernetes.io/deletion-secret-name",
  "snapshot.storage.kubernetes.io/deletion-secret-namespace",
];

/** How a member is restored; pure. `unknown` says in one sentence why it cannot be tried. */
export function planScratch(
  member: VolumeMember,
  sources: ScratchSources,
): ScratchPlan | { readonly unknown: string } {
  const { site, point, content, classes } = sources;
  const { namespace, claim } = member;
  const lineage = sources.lineage.findLast(
    (one) => one.namespace === namespace && one.claim === claim && one.uid === member.uid,
  );
  const spec = (content?.["spec"] ?? {}) as { driver?: string; sourceVolumeMode?: string };
  const backend = backendOf(site.backend);
  const driver = spec.driver ?? lineage?.driver ?? backend?.provisioner(site.backendOptions);
  const storageClass = chooseClass(site, lineage, classes, driver);
  if (storageClass === undefined) {
    const names = classNames(site, lineage).join(" or ");
    return {
      unknown: `there is no StorageClass ${names} of the driver ${driver} to restore it with; run ./atom up`,
    };
  }
  const more = moreCopies(lineage, storageClass, backend?.limits.restoredCopies);
  if (more !== undefined) {
    return { unknown: more };
  }
  const bytes = sizeOf(member, lineage, backend?.limits.restoreSize ?? "atLeast");
  if (bytes === 0) {
    return { unknown: "neither the driver nor the catalog says how large the volume is" };
  }
  const annotations = content?.metadata.annotations ?? {};
  return {
    member,
    namespace: site.cluster.namespace,
    name: verifyName(site.stack, point, memberKey(member)),
    labels: verifyLabels(site.stack, point),
    driver,
    className: storageClass.metadata.name,
    waitsForPod: storageClass["volumeBindingMode"] === "WaitForFirstConsumer",
    snapshotClass: sources.snapshotClassIsThere ? site.snapshots.className : undefined,
    annotations: Object.fromEntries(
      Object.entries(annotations).filter(([key]) => SECRET_ANNOTATIONS.includes(key)),
    ),
    accessModes: lineage?.accessModes.length ? lineage.accessModes : ["ReadWriteOnce"],
    fileSystem: (spec.sourceVolumeMode ?? lineage?.volumeMode ?? "Filesystem") === "Filesystem",
    bytes,
    scheduling: sources.scheduling?.(member) ?? {},
  };
}

/** The class that the volume had, else the site's own in their order. */
function classNames(site: Site, lineage: ClaimLineage | undefined): readonly string[] {
  const former = lineage === undefined || lineage.className === "" ? [] : [lineage.className];
  return [...new Set([...former, ...site.classes.map(({ name }) => name)])];
}

function chooseClass(
  site: Site,
  lineage: ClaimLineage | undefined,
  classes: readonly ClusterObject[],
  driver: string,
): ClusterObject | undefined {
  const usable = new Map(
    classes.filter((one) => one["provisioner"] === driver).map((one) => [one.metadata.name, one]),
  );
  const name = classNames(site, lineage).find((one) => usable.has(one));
  return name === undefined ? undefined : usable.get(name);
}

/** Why a class cannot restore a volume that had fewer copies. @param key parameter that says how many */
function moreCopies(
  lineage: ClaimLineage | undefined,
  storageClass: ClusterObject,
  key: string | undefined,
): string | undefined {
  if (key === undefined || lineage === undefined) {
    return undefined;
  }
  const now = fieldText(storageClass, "parameters", key);
  const then = lineage.parameters[key] ?? "";
  return Number(now) > Number(then || now)
    ? `the driver restores no more copies than were snapshotted: ${key} was ${then} and is ${now} in StorageClass ${storageClass.metadata.name}; ` +
        `lower replicationFactor to ${then} by ./atom up, and raise it again afterwards`
    : undefined;
}

/**
 * Drivers that restore to the snapshot's own size refuse any other; the others take the original's, which the product's
 * claims have. A driver may report no size (0, CSI says "unknown").
 */
function sizeOf(
  { bytes }: VolumeMember,
  lineage: ClaimLineage | undefined,
  restoreSize: "equal" | "atLeast",
): number {
  const capacity = lineage === undefined ? 0 : parseQuantity(lineage.capacity);
  return restoreSize === "equal" && bytes > 0 ? bytes : Math.max(bytes, capacity);
}
