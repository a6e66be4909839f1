import { whyUnread } from "../clients/access";
import type { ClusterClient } from "../clients/kubernetes/client";
import { UsageError } from "../planning/errors";
import { isImageRun } from "../planning/nodeImages";
import { emptyRecord, type PointRecord } from "../planning/pointRecord";
import type { PointFile, Site } from "../planning/site";
import { catalogFolder } from "./catalog/folderSide";
import { readMirror, type CatalogList } from "./catalog/catalog";
import { pointCatalog, type PointStack, type PointSystems } from "./pointStack";

/** All that is known of a stack's points. */
export interface KnownPoints {
  /** By name; those of which only a point file is known among them. */
  readonly points: readonly PointRecord[];
  /** Records of runs that made images of the node VMs, which are no points. */
  readonly images: readonly PointRecord[];
  /** Points of which the cluster alone says that something was proven. */
  readonly claimsProof: ReadonlySet<string>;
  /** What of the catalog cannot be told, in sentences. */
  readonly unknown: readonly string[];
  /** What differs between the catalog's two sides, by point. */
  readonly notes: ReadonlyMap<string, readonly string[]>;
}

/** Reads the catalog, or its mirror where there is no cluster any more. */
export async function readPoints({
  stack,
  cluster,
}: Pick<PointSystems, "stack" | "cluster">): Promise<KnownPoints> {
  const list: CatalogList =
    cluster.state === "open"
      ? await pointCatalog(stack, cluster.client).list()
      : await readMirror(
          catalogFolder(stack.root, stack.site.catalogDir, stack.name),
          stack.name,
          whyUnread(cluster, "The cluster was not opened."),
        );
  const notes = new Map(list.points.map((one) => [one.point, one.notes]));
  const declared = stack.site.restorePoints
    .filter(({ name }) => !notes.has(name))
    .map((file) => recordOf(stack.site, file));
  const damaged = list.points.filter(({ record }) => record === undefined);
  const records = list.points.flatMap(({ record }) => record ?? []);
  const claiming = list.points.filter(({ claimsProof }) => claimsProof);
  return {
    points: [...records.filter((record) => !isImageRun(record)), ...declared],
    images: records.filter(isImageRun),
    claimsProof: new Set(claiming.map(({ point }) => point)),
    unknown: [
      ...damaged.flatMap((one) => one.notes),
      ...(list.clusterUnread === undefined ? [] : [`Catalog: ${list.clusterUnread}`]),
    ],
    notes,
  };
}

/** What is known of one point. */
export interface KnownPoint {
  readonly record: PointRecord | undefined;
  readonly file: PointFile | undefined;
}

/** Reads one point. @throws UsageError for the name of a run that made images of the node VMs */
export async function readPoint(
  stack: PointStack,
  client: ClusterClient,
  name: string,
): Promise<KnownPoint> {
  const record = await pointCatalog(stack, client).read(name);
  if (record !== undefined && isImageRun(record)) {
    throw new UsageError(
      `${name} is a run that made images of the node VMs, and no restore point: choose another name.`,
    );
  }
  const file = stack.site.restorePoints.find((one) => one.name === name);
  return { record, file };
}

/** The record of a point that only its file knows: planned by a person, or taken by plain `pulumi up`. */
export function recordOf(
  site: Site,
  { name, release, state, expires, vms }: PointFile,
): PointRecord {
  const [takenAt] = vms
    .map((vm) => vm.takenAt)
    .sort()
    .reverse();
  return {
    ...emptyRecord({
      name,
      stack: site.stack,
      release,
      state,
      consistency: "crash",
      expires,
      volumes: [],
    }),
    takenAt: state === "ready" ? takenAt : undefined,
    members: vms.map((vm) => ({ kind: "virtualMachine", ...vm })),
  };
}

/** @throws UsageError when there is no such point */
export function requirePoint(
  points: readonly PointRecord[],
  name: string,
  stack: string,
): PointRecord {
  const point = points.find((one) => one.name === name);
  if (point === undefined) {
    const names = points.map((one) => one.name).join(", ") || "none";
    throw new UsageError(
      `Stack ${stack} has no restore point ${name}. Known are: ${names}. Nothing was changed.`,
    );
  }
  return point;
}
