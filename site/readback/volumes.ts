import type { ClusterClient } from "../../clients/kubernetes/client";
import type { ClusterObject } from "../../clients/kubernetes/object";

/** A volume of one of our classes. */
export interface VolumeListing {
  /** Name of the PersistentVolume. */
  readonly volume: string;
  readonly uid: string;
  /** `namespace/name` of its claim; undefined when nobody claims it. */
  readonly claim: string | undefined;
  readonly className: string;
  /** For example `10Gi`. */
  readonly capacity: string;
  /** RFC 3339. */
  readonly createdAt: string;
  /**
   * - `present`: made after the class as it is now, so with its parameters
   * - `former`: made before it, so with what the class said then, which the volume does not record
   * - `unknown`: the class is gone, or was made in the same second
   */
  readonly made: "present" | "former" | "unknown";
  /** The same in a sentence. */
  readonly note: string;
}

interface VolumeSpec {
  readonly storageClassName?: string;
  readonly capacity?: { readonly storage?: string };
  readonly claimRef?: { readonly namespace?: string; readonly name?: string };
}

/**
 * The volumes of the classes, oldest first. A volume carries no parameters of its class, so what it was made with is
 * told by age: a class is replaced, and so younger, whenever its parameters change.
 */
export async function listVolumes(
  client: ClusterClient,
  classNames: readonly string[],
): Promise<VolumeListing[]> {
  const [volumes, classes] = await Promise.all([
    client.list("v1", "PersistentVolume"),
    client.list("storage.k8s.io/v1", "StorageClass"),
  ]);
  return volumes
    .filter((volume) => classNames.includes(specOf(volume).storageClassName ?? ""))
    .map((volume) => describe(volume, classes))
    .sort((left, right) =>
      `${left.createdAt} ${left.volume}`.localeCompare(`${right.createdAt} ${right.volume}`),
    );
}

function describe(volume: ClusterObject, classes: readonly ClusterObject[]): VolumeListing {
  const { storageClassName = "", capacity, claimRef } = specOf(volume);
  const createdAt = volume.metadata.creationTimestamp ?? "";
  const since = classes.find(({ metadata }) => metadata.name === storageClassName)?.metadata
    .creationTimestamp;
  return {
    volume: volume.metadata.name,
    uid: volume.metadata.uid ?? "",
    claim:
      claimRef?.name === undefined ? undefined : `${claimRef.namespace ?? ""}/${claimRef.name}`,
    className: storageClassName,
    capacity: capacity?.storage ?? "",
    createdAt,
    ...judge(createdAt, since, storageClassName),
  };
}

function judge(
  createdAt: string,
  since: string | undefined,
  className: string,
): Pick<VolumeListing, "made" | "note"> {
  if (since === undefined) {
    return { made: "unknown", note: `The class ${className} is not there to compare with.` };
  }
  if (createdAt === since) {
    // The API server's times are whole seconds.
    return { made: "unknown", note: `Made in the same second as the present ${className}.` };
  }
  return Date.parse(createdAt) < Date.parse(since)
    ? {
        made: "former",
        note: `Made before the present ${className} (of ${since}): it keeps the copies it was made with.`,
      }
    : { made: "present", note: `Made with the present ${className}.` };
}

function specOf(volume: ClusterObject): VolumeSpec {
  return (volume["spec"] as VolumeSpec | undefined) ?? {};
}
