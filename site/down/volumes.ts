import type { ClusterClient } from "../../clients/kubernetes/client";
import { listVolumes, type LiveVolume } from "../../drift/volumeObjects";
import { compareText } from "../../planning/words";

/** A volume of one of our classes, and which parameters it was made with. */
export interface VolumeListing extends LiveVolume {
  /**
   * - `present`: made after the class as it is now, so with its parameters
   * - `former`: made before it, so with what the class said then, which the volume does not record
   * - `unknown`: the class is gone, or was made in the same second
   */
  readonly made: "present" | "former" | "unknown";
  /** The same in a sentence. */
  readonly note: string;
}

/**
 * The volumes of the classes, oldest first. A volume carries no parameters of its class, so what it was made with is
 * told by age: a class is replaced, and so younger, whenever its parameters change.
 */
export async function listByAge(
  client: ClusterClient,
  classNames: readonly string[],
): Promise<VolumeListing[]> {
  const classes = await client.list("storage.k8s.io/v1", "StorageClass");
  const since = new Map(
    classes.map(({ metadata }) => [metadata.name, metadata.creationTimestamp ?? ""]),
  );
  const volumes = await listVolumes(client, classNames, ({ createdAt, className }) =>
    judge(createdAt, since.get(className), className),
  );
  return volumes.sort((one, other) => compareText(one.createdAt, other.createdAt));
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
