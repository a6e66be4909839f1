import { deepEqual } from "node:assert/strict";
import * as fs from "node:fs";
import { join } from "node:path";

import type { ClusterObject, ObjectReference } from "../../../clients/kubernetes/object";
import { SNAPSHOT_API } from "../../../drift/volumeObjects";
import { parseSite } from "../../../config/parseSite";
import { readConfiguration } from "../../../config/readConfiguration";
import { storagePaths } from "../../../lab/dataPaths";
import { labPaths } from "../../../lab/paths";
import { siteCatalog } from "../../../restorepoint/catalog/catalog";
import type { Journal } from "../../../restorepoint/catalog/journal";
import { readMembers } from "../../../restorepoint/take/members";
import { silentReporter } from "../../support/silentReporter";
import {
  VERIFY_COMMAND,
  verifyPoint,
  type PointVerification,
} from "../../../restorepoint/verify/verifyPoint";
import type { PointMember, PointRecord, VolumeMember } from "../../../planning/pointRecord";
import type { Site } from "../../../planning/site";
import type { LabSystems } from "../../support/labSystems";
import { gone, readyToUse } from "../../lab/support/objects";
import type { LabApi } from "../../../lab/api";
import { seed } from "../catalog/support";

/** The lab stack's site; its probe checks the product's own manifest. */
export function labSite(): Site {
  return parseSite(readConfiguration("lab").raw);
}

/** The same with a probe without a command, or without a probe. */
export function labSiteWith(probe: "manifest" | "none"): Site {
  const site = labSite();
  const manifest = { image: "lab.example/shell:1", command: undefined, timeoutSeconds: 60 };
  return {
    ...site,
    product: { ...site.product, probe: probe === "manifest" ? manifest : undefined },
  };
}

/** A point that was taken, with these members. */
export function takeRestorePoint(name: string, members: readonly PointMember[]): PointRecord {
  return {
    ...seed(name),
    state: "ready",
    takenAt: "2026-11-25T12:00:00Z",
    members,
  };
}

const at = (namespace: string, name: string): string =>
  `/apis/${SNAPSHOT_API}/namespaces/${namespace}/volumesnapshots/${name}`;

/** Takes a snapshot of a claim of the product and says what lasts of it. */
export async function takenVolume(
  { cluster }: LabSystems,
  api: LabApi,
  name: string,
  claim: string,
): Promise<VolumeMember> {
  const namespace = "atom";
  const source = { persistentVolumeClaimName: claim };
  const kind = { apiVersion: SNAPSHOT_API, kind: "VolumeSnapshot" };
  const spec = { volumeSnapshotClassName: "atom-snapshots", source };
  await cluster.create({ ...kind, metadata: { name, namespace }, spec }, "test");
  await readyToUse(api, at(namespace, name));
  const ofClaim = { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name: claim };
  const uid = (await cluster.get(ofClaim))?.metadata.uid ?? "";
  const snapshot = await cluster.get({ ...kind, namespace, name });
  const [member] = await readMembers(cluster, snapshot === undefined ? [] : [snapshot], [
    { namespace, claim, uid },
  ]);
  return member as VolumeMember;
}

/** Removes a snapshot of a test, the storage's own as well. */
export async function removeVolume(
  { cluster }: LabSystems,
  api: LabApi,
  { namespace, snapshot, content }: VolumeMember,
): Promise<void> {
  const reference = { apiVersion: SNAPSHOT_API, kind: "VolumeSnapshotContent", name: content };
  await cluster.modify(reference, "test", (one) => ({
    ...one,
    spec: { ...(one["spec"] as object), deletionPolicy: "Delete" },
  }));
  await cluster.delete(
    { apiVersion: SNAPSHOT_API, kind: "VolumeSnapshot", namespace, name: snapshot },
    undefined,
  );
  await gone(api, `/apis/${SNAPSHOT_API}/volumesnapshotcontents/${content}`);
  await gone(api, at(namespace, snapshot));
}

export interface Verifying {
  readonly site?: Site;
  readonly only?: readonly string[];
  readonly parallel?: number;
  readonly onStep?: (what: string) => void;
}

/** Verifies a point once, with the catalog's mirror in the lab's folder. */
export async function verifyOnce(
  { root, cluster, access }: LabSystems,
  point: PointRecord,
  { site = labSite(), only = [], parallel = 4, onStep }: Verifying = {},
): Promise<{ readonly verification: PointVerification; readonly journal: Journal }> {
  const now = (): Date => new Date();
  const own = { client: cluster, stack: site.stack, namespace: site.cluster.namespace };
  const catalog = siteCatalog(own, { root, catalogDir: "catalog" }, now);
  const journal = await catalog.open(point, VERIFY_COMMAND);
  const verification = await verifyPoint(
    { site, point, only, parallel },
    {
      client: cluster,
      vcenter: access.vcenter,
      journal,
      reporter: silentReporter,
      release: { problems: () => Promise.resolve([]) },
      now,
      pollMs: 50,
      ...(onStep === undefined ? {} : { onStep }),
    },
  );
  return { verification, journal };
}

type SomeLab = Pick<LabSystems, "root" | "cluster">;

/** Names of all that a verification could leave, in the cluster and on the lab's disks. */
export async function inventory({ root, cluster }: SomeLab): Promise<Record<string, string[]>> {
  const { storage } = storagePaths(labPaths(root));
  const names = (objects: readonly ClusterObject[]): string[] =>
    objects.map(({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}`).sort();
  const kinds = [
    ["batch/v1", "Job"],
    ["v1", "PersistentVolumeClaim"],
    ["v1", "PersistentVolume"],
    [SNAPSHOT_API, "VolumeSnapshot"],
    [SNAPSHOT_API, "VolumeSnapshotContent"],
  ] as const;
  const live = await Promise.all(
    kinds.map(async ([apiVersion, kind]) => [kind, names(await cluster.list(apiVersion, kind))]),
  );
  const folders = fs
    .readdirSync(join(storage, "nodes"))
    .flatMap((node) =>
      ["volumes", "snapshots"].flatMap((what) => {
        const folder = join(storage, "nodes", node, what);
        return fs.existsSync(folder)
          ? fs.readdirSync(folder).map((id) => `${node}/${what}/${id}`)
          : [];
      }),
    )
    .sort();
  const records = ["volumes", "snapshots"].flatMap((what) => fs.readdirSync(join(storage, what)));
  return { ...Object.fromEntries(live), folders, records: records.sort() };
}

/** Asserts that nothing was left and nothing is missing. */
export async function requireSame(
  lab: SomeLab,
  before: Readonly<Record<string, string[]>>,
): Promise<void> {
  deepEqual(await inventory(lab), before);
}

/** Makes the lab's driver go wrong by its rules; none puts it right again. */
export function setFaults(root: string, rules: readonly object[]): void {
  const file = join(storagePaths(labPaths(root)).storage, "faults.json");
  if (rules.length === 0) {
    fs.rmSync(file, { force: true });
    return;
  }
  fs.writeFileSync(`${file}.new`, JSON.stringify(rules));
  fs.renameSync(`${file}.new`, file);
}

/** Folders of the copies of the volume that was made for a scratch claim. */
export function scratchFolders(root: string, { namespace, name }: ObjectReference): string[] {
  const { storage } = storagePaths(labPaths(root));
  const records = join(storage, "volumes");
  const record = fs
    .readdirSync(records)
    .map((file) => JSON.parse(fs.readFileSync(join(records, file), "utf8")) as VolumeRecord)
    .find(({ claim }) => claim.namespace === namespace && claim.name === name);
  return (record?.replicas ?? []).map(({ node }) =>
    join(storage, "nodes", node, "volumes", record?.id ?? ""),
  );
}

interface VolumeRecord {
  readonly id: string;
  readonly claim: { readonly namespace: string; readonly name: string };
  readonly replicas: readonly { readonly node: string }[];
}
