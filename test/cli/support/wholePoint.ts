import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { ClusterObject } from "../../../clients/kubernetes/object";
import { labPaths } from "../../../lab/paths";
import { storagePaths } from "../../../lab/dataPaths";
import { PRODUCT_CLAIMS, PRODUCT_NAMESPACE, PRODUCT_PARTS } from "../../../lab/product/parts";
import { pendingSteps } from "../../../restorepoint/catalog/entries";
import { FORMER_REPLICAS } from "../../../restorepoint/product/workloads";
import { parseOwnerMark, POINT_LABEL } from "../../../planning/names";
import { vmMembers, volumeMembers } from "../../../planning/pointMembers";
import type { PointRecord, VolumeMember } from "../../../planning/pointRecord";
import { contents } from "../../lab/support/objects";
import type { Taking, PointLab } from "./pointLab";

/** File that the lab's hook holds in the volume of the claim while it freezes. */
export const FROZEN_MARK = ".frozen";
const MARKED = "atom/data-inventory-0";

/**
 * Looks that a point is whole and that nothing else is left of taking it: neither objects, bytes, and jobs nor
 * a product that is still or claims that are labelled.
 *
 * @param moments what `PointLab.write` may have written into the volumes last before they were taken
 */
export async function requireWhole(
  lab: PointLab,
  name: string,
  how: Taking,
  moments: readonly string[],
): Promise<void> {
  const point = await lab.point(name);
  ok(point !== undefined, "there is no record");
  equal(point.state, "ready");
  ok(point.takenAt !== undefined);
  deepStrictEqual(
    volumeMembers(point).map(({ namespace, claim }) => `${namespace}/${claim}`),
    PRODUCT_CLAIMS.map(({ namespace, claim }) => `${namespace}/${claim}`),
  );
  requireBytes(lab, point, how, moments);
  await requireNoOrphans(lab, point);
  requireEtcd(lab, point);
  await requireReleased(lab);
  await requireRunning(lab);
  await requireRecord(lab, point);
}

/** Bytes of each snapshot, on each of its nodes, are those of its volume, and all of one moment. */
function requireBytes(
  lab: PointLab,
  point: PointRecord,
  { consistency }: Taking,
  moments: readonly string[],
): void {
  const replicas = new Map(lab.replicas().map((copy) => [copy.claim, copy]));
  const seen = new Set<string>();
  for (const member of volumeMembers(point)) {
    const claim = `${member.namespace}/${member.claim}`;
    const source = replicas.get(claim);
    ok(source !== undefined, `no volume of ${claim}`);
    const wanted = contents(source.folder);
    const folders = snapshotFolders(lab, member);
    equal(folders.length, 2, `${claim}: copies of the snapshot`);
    for (const folder of folders) {
      const { moment = "", [FROZEN_MARK]: mark, ...rest } = contents(folder);
      const text = readFileSync(join(folder, "moment"), "utf8");
      seen.add(text);
      ok(moments.includes(text), `${claim}: taken at the moment ${text}, of ${moments.join(", ")}`);
      equal(
        mark !== undefined,
        claim === MARKED && consistency === "frozen",
        `${claim}: ${FROZEN_MARK}`,
      );
      deepStrictEqual({ ...rest, moment }, { ...wanted, moment }, claim);
    }
  }
  equal(seen.size, 1, `of several moments: ${[...seen].join(", ")}`);
}

interface SnapshotRecord {
  readonly state: string;
  readonly sourceClaim: { readonly namespace: string; readonly name: string };
  readonly nodes: readonly string[];
}

function snapshotFolders(lab: PointLab, { handle, namespace, claim }: VolumeMember): string[] {
  const file = join(lab.storage, "snapshots", `${handle}.json`);
  const record = JSON.parse(readFileSync(file, "utf8")) as SnapshotRecord;
  equal(record.state, "whole");
  deepStrictEqual(record.sourceClaim, { namespace, name: claim });
  return record.nodes.map((node) => join(lab.storage, "nodes", node, "snapshots", handle));
}

/** Whatever snapshots there are in cluster, storage and vCenter, the record has them. */
async function requireNoOrphans(lab: PointLab, point: PointRecord): Promise<void> {
  const members = volumeMembers(point);
  const groups = [...new Set(members.flatMap(({ group }) => group ?? []))];
  const live = await lab.live();
  deepStrictEqual(live["VolumeSnapshot"], members.map(({ snapshot }) => snapshot).sort());
  deepStrictEqual(live["VolumeSnapshotContent"], members.map(({ content }) => content).sort());
  deepStrictEqual(live["VolumeGroupSnapshot"], groups);
  equal(live["VolumeGroupSnapshotContent"]?.length, groups.length);
  deepStrictEqual(live["Job"], []);
  deepStrictEqual(
    (await lab.vmSnapshots())
      .filter(({ description }) => parseOwnerMark(description)?.point === point.name)
      .map(({ reference }) => reference)
      .sort(),
    vmMembers(point)
      .map(({ handle }) => handle)
      .sort(),
  );
  deepStrictEqual(storedSnapshots(lab), members.map(({ handle }) => handle).sort());
}

/** Handles of all snapshots that the driver has a record or bytes of. */
export function storedSnapshots(lab: PointLab): readonly string[] {
  const nodes = join(lab.storage, "nodes");
  const bytes = readdirSync(nodes).flatMap((node) => list(join(nodes, node, "snapshots")));
  const records = list(join(lab.storage, "snapshots")).map((file) => file.replace(/\.json$/, ""));
  return [...new Set([...bytes, ...records])].sort();
}

function list(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** No command holds the stack. */
export async function requireReleased({ cluster }: PointLab): Promise<void> {
  const own = { namespace: "atom-backup" };
  deepStrictEqual(await cluster.list("coordination.k8s.io/v1", "Lease", own), []);
}

/** Every stopped point has one snapshot of etcd, and no other lies beside it. */
function requireEtcd(lab: PointLab, point: PointRecord): void {
  const members = point.members.filter((member) => member.kind === "etcd");
  equal(members.length, point.consistency === "stopped" ? 1 : 0);
  for (const { node, file } of members) {
    const { hosts } = storagePaths(labPaths(lab.root));
    const path = join(hosts, node, file);
    ok(existsSync(path), `${path} is not there`);
    ok(!existsSync(`${path}.part`), `${path}.part is left`);
  }
}

/** The product runs as it did, nothing is frozen, no pod of a job and no label is left. */
export async function requireRunning(lab: PointLab): Promise<void> {
  const { cluster } = lab;
  const namespace = PRODUCT_NAMESPACE;
  const [sets, deployments, claims] = await Promise.all([
    cluster.list("apps/v1", "StatefulSet", { namespace }),
    cluster.list("apps/v1", "Deployment", { namespace }),
    cluster.list("v1", "PersistentVolumeClaim", { namespace }),
  ]);
  deepStrictEqual(
    Object.fromEntries(sets.map((set) => [set.metadata.name, replicasOf(set)])),
    Object.fromEntries(PRODUCT_PARTS.map((part) => [part.name, part.replicas])),
  );
  for (const workload of [...sets, ...deployments]) {
    const { name, annotations } = workload.metadata;
    ok(replicasOf(workload) > 0, name);
    equal(annotations?.[FORMER_REPLICAS], undefined, name);
  }
  for (const { metadata } of claims) {
    equal(metadata.labels?.[POINT_LABEL], undefined, `label of claim ${metadata.name}`);
  }
  deepStrictEqual(
    lab.replicas().filter(({ folder }) => existsSync(join(folder, FROZEN_MARK))),
    [],
    "frozen",
  );
}

export function replicasOf(workload: ClusterObject): number {
  return (workload["spec"] as { readonly replicas: number }).replicas;
}

/** Both sides agree, no step is left, and the journal is closed. */
async function requireRecord(lab: PointLab, { name }: PointRecord): Promise<void> {
  const { points, clusterUnread } = await lab.catalog().list();
  equal(clusterUnread, undefined);
  const mine = points.find(({ point }) => point === name);
  ok(mine?.record !== undefined, "no record");
  deepStrictEqual(mine.notes, []);
  deepStrictEqual(pendingSteps(mine.record.journal.entries), []);
  equal(mine.record.journal.entries.at(-1)?.event, "closed");
}
