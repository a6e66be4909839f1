import { fieldText, type ClusterObject } from "../../../clients/kubernetes/object";
import type { ClusterClient } from "../../../clients/kubernetes/client";
import type { Vm } from "../../../clients/vcenter/vms";
import type { Registration } from "../../../engine/program/desiredState";
import { ownerMark, snapshotName } from "../../../planning/names";
import { volumeMembers } from "../../../planning/pointMembers";
import { emptyRecord, type PointRecord } from "../../../planning/pointRecord";
import type { Site } from "../../../planning/site";
import { planTopology, runsControlPlane } from "../../../planning/topology";
import { Catalog } from "../../../restorepoint/catalog/catalog";
import { ClusterSide } from "../../../restorepoint/catalog/clusterSide";
import { FolderSide } from "../../../restorepoint/catalog/folderSide";
import { sound } from "../../site/preflight/vmFixtures";
import { vm as anyVm } from "../../site/init/observations";
import { volumeMember } from "../../support/points";
import { stack, storageClass, snapshotClass, takenAt } from "../fixtures";

const DRIVER = "lab.csi.atom.example";
const CLAIMS = ["data-0", "data-1"];

/** Status of a node that works. */
const WORKS = { conditions: [{ type: "Ready", status: "True" }] };

/** What lives. */
export interface World {
  readonly objects: readonly ClusterObject[];
  readonly vms: readonly Vm[];
}

export const CLASSES: readonly Registration[] = [storageClass(), snapshotClass()];

/** A point of two volumes, taken by hand of nobody. */
export const POINT: PointRecord = {
  ...emptyRecord({
    ...{ name: "pre-24.1", stack, release: "24.1", state: "ready", consistency: "crash" },
    ...{ expires: "2027-11-20T10:00:00Z", volumes: [] },
  }),
  takenAt,
  members: CLAIMS.map((claim) => volumeMember("pre-24.1", claim)),
};

/** Where the copies of a volume stand, one site after the other. */
function copiesOf({ topology, replicationFactor }: Site): string[] {
  const { dataSites, maxPerSite } = planTopology(topology, replicationFactor);
  const nodes = dataSites.map(({ storageNodes }) => storageNodes.slice(0, maxPerSite));
  const depth = Math.max(...nodes.map(({ length }) => length));
  return Array.from({ length: depth }, (_, index) => nodes.flatMap((list) => list[index] ?? []))
    .flat()
    .slice(0, replicationFactor);
}

interface PromisedNode {
  readonly name: string;
  readonly site: string;
  readonly control: boolean;
  readonly uuid: string;
  /** Known by the number of its site's control-plane nodes alone. */
  readonly counted?: boolean;
}

/** Every node of which the stack file says something, and control-plane nodes that it counts. */
function promisedNodes({ topology, virtualMachines }: Site): readonly PromisedNode[] {
  const vms = virtualMachines?.nodes ?? [];
  const uuid = (name: string): string => vms.find((vm) => vm.name === name)?.uuid ?? "";
  const storage = topology.sites.flatMap(({ name: site, storageNodes, converged }) =>
    storageNodes.map((name) => ({ name, site, control: converged, uuid: uuid(name) })),
  );
  const others = vms
    .filter(({ name }) => storage.every((one) => one.name !== name))
    .map((vm) => ({ name: vm.name, site: vm.site, control: runsControlPlane(vm), uuid: vm.uuid }));
  const named = [...storage, ...others];
  const counted = topology.sites.flatMap(({ name: site, controlPlaneNodes }) => {
    const there = named.filter((one) => one.site === site && one.control).length;
    return Array.from({ length: Math.max(0, controlPlaneNodes - there) }, (_, index) => ({
      ...{ name: `${site}-counted-${index}`, site, control: true, uuid: "", counted: true },
    }));
  });
  return [...named, ...counted];
}

/** All that a site on the lab's driver promises, as it is when nobody touched it. @param record of `recordPoint` */
export function promisedWorld(site: Site, record: ClusterObject): World {
  const nodes = promisedNodes(site);
  const created = "2026-11-01T00:00:00Z";
  const api = { storage: "storage.k8s.io/v1", snapshot: "snapshot.storage.k8s.io/v1" };
  return {
    objects: [
      ...CLASSES.map(({ inputs }) => structuredClone(inputs) as unknown as ClusterObject),
      ...nodes.map(({ name, site: zone, control, uuid }) => ({
        ...{ apiVersion: "v1", kind: "Node" },
        metadata: {
          name,
          labels: {
            [site.topology.siteLabel]: zone,
            ...(control ? { "node-role.kubernetes.io/control-plane": "" } : {}),
          },
        },
        status: {
          ...WORKS,
          nodeInfo: { systemUUID: uuid },
        },
      })),
      ...nodes.map(({ name }) => ({
        ...{ apiVersion: api.storage, kind: "CSINode", metadata: { name } },
        spec: { drivers: [{ name: DRIVER, nodeID: name }] },
      })),
      { apiVersion: api.storage, kind: "CSIDriver", metadata: { name: DRIVER } },
      ...CLAIMS.map((claim) => ({
        ...{ apiVersion: "v1", kind: "PersistentVolume" },
        metadata: { name: `pv-${claim}`, creationTimestamp: created },
        spec: {
          storageClassName: "atom-replicated",
          csi: {
            ...{ driver: DRIVER, volumeHandle: claim },
            volumeAttributes: { replicaNodes: copiesOf(site).join(",") },
          },
        },
      })),
      ...volumeMembers(POINT).flatMap(({ namespace, claim, snapshot, content, handle }) => [
        {
          ...{ apiVersion: api.snapshot, kind: "VolumeSnapshot" },
          metadata: { name: snapshot, namespace, uid: `uid-${snapshot}` },
          spec: { source: { persistentVolumeClaimName: claim } },
          status: { readyToUse: true, boundVolumeSnapshotContentName: content },
        },
        {
          ...{ apiVersion: api.snapshot, kind: "VolumeSnapshotContent" },
          metadata: {
            name: content,
            finalizers: ["snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection"],
          },
          spec: {
            deletionPolicy: "Retain",
            volumeSnapshotRef: { namespace, name: snapshot, uid: `uid-${snapshot}` },
          },
          status: { readyToUse: true, snapshotHandle: handle },
        },
      ]),
      record,
    ],
    vms: (site.virtualMachines?.nodes ?? []).map(({ name, uuid, host, datastores }) =>
      anyVm(name, {
        ...sound({ uuid, host, datastores: datastores ?? [] }),
        ...{ name, reference: `vm-${name}` },
        snapshots: [
          {
            ...{ reference: handleOf(name), parent: undefined, createdAt: takenAt },
            name: snapshotName(stack, POINT.name),
            description: ownerMark({ stack, point: POINT.name, release: "24.1", node: name }),
          },
        ],
      }),
    ),
  };
}

export const handleOf = (node: string): string => `snapshot-${node}`;

/** Writes the point's record as a command does. @returns that of the cluster */
export async function recordPoint(folder: string): Promise<ClusterObject> {
  let made: ClusterObject | undefined;
  const keep = (object: ClusterObject): Promise<ClusterObject> => Promise.resolve((made = object));
  const client = {
    create: keep,
    modify: (_: unknown, __: unknown, change: (live: ClusterObject) => ClusterObject) =>
      Promise.resolve(made && keep(change(made))),
    get: () => Promise.resolve(made),
  } as unknown as ClusterClient;
  const sides = [
    new FolderSide(folder, stack),
    new ClusterSide({ client, stack, namespace: "atom-backup" }),
  ] as const;
  const catalog = new Catalog(...sides, { now: () => new Date(takenAt) });
  const journal = await catalog.open(POINT, "restore-point create");
  await journal.close("done");
  return made as unknown as ClusterObject;
}

/** What of the promises is not kept, by looking for one thing after the other. */
export function notKept(site: Site, { objects, vms }: World): string[] {
  const find = (kind: string, name: string): ClusterObject | undefined =>
    objects.find((one) => one.kind === kind && one.metadata.name === name);
  const has = (object: ClusterObject | undefined, part: object): boolean =>
    object !== undefined && holds(object, part);
  // A cluster of which no node carries the role has its control plane elsewhere, where nothing can be counted.
  const isCounted = objects.some(
    ({ kind, metadata }) =>
      kind === "Node" && metadata.labels?.["node-role.kubernetes.io/control-plane"] !== undefined,
  );
  const nodes = promisedNodes(site).filter(({ counted }) => !counted || isCounted);
  const zone = site.topology.siteLabel;
  // Without its class a volume is none of ours.
  const volumesOfOurs = objects.filter(
    (one) => one.kind === "PersistentVolume" && fieldText(one, "spec", "storageClassName") !== "",
  );
  const promises: readonly (readonly [string, boolean])[] = [
    ...CLASSES.map(({ inputs, name }) => {
      const { kind, metadata } = inputs as unknown as ClusterObject;
      return [name, has(find(kind, metadata.name), inputs)] as const;
    }),
    ...nodes.map(({ name, site: at }) => {
      // The nodes of the only site need no label.
      const part = site.topology.sites.length > 1 ? { metadata: { labels: { [zone]: at } } } : {};
      return [`node ${name}`, has(find("Node", name), { ...part, status: WORKS })] as const;
    }),
    ["driver", find("CSIDriver", DRIVER) !== undefined],
    ...planTopology(site.topology, site.replicationFactor).dataSites.flatMap(({ storageNodes }) =>
      storageNodes.map(
        (name) =>
          [
            `driver on ${name}`,
            has(find("CSINode", name), { spec: { drivers: [{ name: DRIVER }] } }),
          ] as const,
      ),
    ),
    ...volumesOfOurs.map((volume) => {
      const { name } = volume.metadata;
      const attribute = fieldText(volume, "spec", "csi", "volumeAttributes", "replicaNodes");
      const at = new Set(attribute.split(","));
      const there = [...at].filter((node) => find("Node", node) !== undefined);
      return [`copies of ${name}`, there.length >= site.replicationFactor] as const;
    }),
    ...volumeMembers(POINT).flatMap(({ snapshot, content, handle }) => [
      [
        `snapshot ${snapshot}`,
        has(find("VolumeSnapshot", snapshot), {
          status: { boundVolumeSnapshotContentName: content },
        }),
      ] as const,
      [
        `content ${content}`,
        has(find("VolumeSnapshotContent", content), {
          status: { readyToUse: true, snapshotHandle: handle },
        }),
      ] as const,
    ]),
    ...(site.virtualMachines?.nodes ?? []).flatMap(({ name, uuid }) => {
      const own = vms.filter((vm) => vm.uuid === uuid);
      const handles = own.flatMap(({ snapshots }) => snapshots.map(({ reference }) => reference));
      return [
        [`VM ${name}`, own.length === 1] as const,
        [`VM snapshot of ${name}`, handles.includes(handleOf(name))] as const,
      ];
    }),
    ["record", objects.some(({ kind }) => kind === "ConfigMap")],
  ];
  return promises.flatMap(([what, kept]) => (kept ? [] : [what]));
}

/** Whether all leaves of a part are in the whole. */
function holds(whole: unknown, part: unknown): boolean {
  if (typeof part !== "object" || part === null) {
    return whole === part;
  }
  return (
    typeof whole === "object" &&
    whole !== null &&
    Object.entries(part).every(([key, value]) =>
      holds((whole as Readonly<Record<string, unknown>>)[key], value),
    )
  );
}
