import type { ClaimLineage, PointCycle, UncoveredClaim } from "../planning/pointRecord";
import type { ClusterClient } from "../clients/kubernetes/client";
import { field, fieldText, type ClusterObject } from "../clients/kubernetes/object";
import { backendOf } from "../planning";
import type { Site } from "../planning/site";
import { takesVolumes } from "../planning/windows";
import { compareText } from "../planning/words";
import { parseQuantity } from "./quantity";
import { listIn } from "./served";

/** A data volume of the product, and all that a restore has to know of it. */
export interface ProductVolume extends Omit<ClaimLineage, "at" | "parameters"> {
  /** Parameters of the class as they are now; undefined when the class is gone. */
  readonly parameters: Readonly<Record<string, string>> | undefined;
  /** Its capacity. */
  readonly bytes: number;
}

export interface ProductVolumes {
  readonly covered: readonly ProductVolume[];
  /** Claims whose volume no restore point can hold, and why; claim `*` for a whole namespace. */
  readonly uncovered: readonly UncoveredClaim[];
}

/** What the judgement is made from. */
export interface ProductObjects {
  /** Namespaces of the product that are there. */
  readonly namespaces: readonly ClusterObject[];
  readonly claims: readonly ClusterObject[];
  readonly volumes: readonly ClusterObject[];
  readonly classes: readonly ClusterObject[];
}

/**
 * Every data volume of the product, by a few LISTs; none is left out without a word.
 *
 * @param cycle whose points they are for; one that takes VMs alone has none
 */
export async function readProductVolumes(
  client: ClusterClient,
  site: Site,
  cycle?: PointCycle,
): Promise<ProductVolumes> {
  if (cycle !== undefined && !takesVolumes(cycle)) {
    return { covered: [], uncovered: [] };
  }
  const { namespaces, selector } = site.product;
  const [spaces, claims, volumes, classes] = await Promise.all([
    Promise.all(
      namespaces.map((name) => client.get({ apiVersion: "v1", kind: "Namespace", name })),
    ),
    listIn(client, namespaces, "v1", "PersistentVolumeClaim", selector),
    client.list("v1", "PersistentVolume"),
    client.list("storage.k8s.io/v1", "StorageClass"),
  ]);
  return judgeVolumes(site, {
    namespaces: spaces.filter((space) => space !== undefined),
    claims,
    volumes,
    classes,
  });
}

/** Which claims a restore point can hold; pure. Both lists are by namespace and name. */
export function judgeVolumes(site: Site, live: ProductObjects): ProductVolumes {
  const spaces = site.product.namespaces.flatMap((namespace): UncoveredClaim[] => {
    const space = live.namespaces.find(({ metadata }) => metadata.name === namespace);
    const isDeleted = space?.metadata.deletionTimestamp !== undefined;
    const reason = isDeleted ? "the namespace is being deleted" : "there is no such namespace";
    return space === undefined || isDeleted ? [{ namespace, claim: "*", reason }] : [];
  });
  const volumes = new Map(live.volumes.map((volume) => [volume.metadata.name, volume]));
  const classes = new Map(live.classes.map((one) => [one.metadata.name, one]));
  const judged = live.claims.map((claim) => judgeClaim(site, claim, volumes, classes));
  const covered = judged.flatMap((one) => ("reason" in one ? [] : [one]));
  const uncovered = judged.flatMap((one) => ("reason" in one ? [one] : []));
  return { covered: covered.sort(byName), uncovered: [...spaces, ...uncovered].sort(byName) };
}

type Named = Pick<UncoveredClaim, "namespace" | "claim">;

function byName(one: Named, other: Named): number {
  return compareText(`${one.namespace}/${one.claim}`, `${other.namespace}/${other.claim}`);
}

function judgeClaim(
  site: Site,
  object: ClusterObject,
  volumes: ReadonlyMap<string, ClusterObject>,
  classes: ReadonlyMap<string, ClusterObject>,
): ProductVolume | UncoveredClaim {
  const { namespace = "", name: claim, uid = "" } = object.metadata;
  const not = (reason: string): UncoveredClaim => ({ namespace, claim, reason });
  if (object.metadata.deletionTimestamp !== undefined) {
    return not("the claim is being deleted");
  }
  const volume = volumes.get(fieldText(object, "spec", "volumeName"));
  const phase = fieldText(object, "status", "phase") || "Pending";
  if (phase !== "Bound" || volume === undefined) {
    return not(`the claim is ${phase}, so there is no volume yet`);
  }
  const claimant = fieldText(volume, "spec", "claimRef", "uid");
  if (claimant !== "" && claimant !== uid) {
    return not(`its volume ${volume.metadata.name} belongs to another claim`);
  }
  const volumeHandle = fieldText(volume, "spec", "csi", "volumeHandle");
  if (volumeHandle === "") {
    return not(`its volume ${volume.metadata.name} is no CSI volume`);
  }
  const driver = fieldText(volume, "spec", "csi", "driver");
  const expected = backendOf(site.backend).provisioner(site.backendOptions);
  if (driver !== expected) {
    return not(`its volume is of the driver ${driver}, the snapshot class is of ${expected}`);
  }
  const className = fieldText(object, "spec", "storageClassName");
  const storageClass = classes.get(className);
  const capacity = fieldText(volume, "spec", "capacity", "storage") || "0";
  return {
    namespace,
    claim,
    uid: uid.toLowerCase(),
    volume: volume.metadata.name,
    volumeHandle,
    driver,
    className,
    parameters: storageClass && ((storageClass["parameters"] ?? {}) as Record<string, string>),
    capacity,
    bytes: parseQuantity(capacity),
    accessModes: (field(object, "spec", "accessModes") ?? []) as readonly string[],
    volumeMode: fieldText(object, "spec", "volumeMode") || "Filesystem",
    fsType: fieldText(volume, "spec", "csi", "fsType") || undefined,
  };
}

/**
 * Where each claim's bytes lie when a point is taken, for the catalog: a restore needs what the class said then.
 *
 * @param at RFC 3339
 */
export function lineageOf({ covered }: ProductVolumes, at: string): readonly ClaimLineage[] {
  return covered.map(({ bytes: _bytes, parameters = {}, ...volume }) => ({
    ...volume,
    at,
    parameters,
  }));
}
