import { spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";

import type { ClusterClient } from "../clients/kubernetes/client";
import { inParallel } from "../clients/parallel";
import { waitFor } from "../clients/wait";
import { binaryPlace, programFile } from "../lab/binaries";
import { LAB_VCENTER_PASSWORD, LAB_VCENTER_USER } from "../lab/credentials";
import { LAB_CSI_DRIVER, LAB_NODES, LAB_SITES, SITE_LABEL, type LabNode } from "../lab/inventory";
import { emptyRecord, type VolumeMember } from "../planning/pointRecord";
import { labels, POINT_LABEL } from "../planning/names";
import { siteCatalog } from "../restorepoint/catalog/catalog";
import type { TamperLab } from "../test/cli/support/tamper";
import { apiOf } from "../test/lab/support/cluster";
import { SoapClient } from "../test/lab/support/soap";
import type { LabRecord } from "../lab/record";
import { volumeMember } from "../test/support/points";
import { NAMESPACE } from "./manyVolumes";

/** What there is of everything. */
export const COUNTS = { nodes: 300, vms: 1000, claims: 5000, snapshots: 10_000 } as const;

/** Requests in flight. */
const IN_FLIGHT = 32;

/** Claims of one restore point. */
const CLAIMS_PER_POINT = 200;

const SNAPSHOTS = "snapshot.storage.k8s.io/v1";

const uuid = (index: number): string =>
  `42200000-0000-4000-8000-${String(index).padStart(12, "0")}`;

/** The lab's own nodes, and storage nodes on top; the machines of others have no site of ours. */
const added: readonly LabNode[] = Array.from(
  { length: COUNTS.vms - LAB_NODES.length },
  (_, index) => {
    const site = LAB_SITES[index % LAB_SITES.length] ?? "a";
    const host = `esx-${site}-x${index}`;
    return {
      ...{ name: `atom-${site}-x${index}`, site, role: "storage", host },
      ...{ uuid: uuid(index), instanceUuid: uuid(500_000 + index) },
    };
  },
);
const addedNodes = added.slice(0, COUNTS.nodes - LAB_NODES.length);

/** A vCenter of its own, with 1,000 machines that have three snapshots each. @returns its port, and its end */
export async function manyMachines(
  root: string,
): Promise<{ readonly port: number; readonly end: () => void }> {
  const data = join(root, ".lab", "many");
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true });
  const machines = [...LAB_NODES, ...added];
  const inventory = { instanceUuid: uuid(999_999), datacenter: "many", machines };
  writeFileSync(join(data, "inventory.json"), JSON.stringify(inventory));
  writeFileSync(join(data, "journal.jsonl"), machines.map(({ name }) => chainOf(name)).join(""));
  const port = await freePort();
  const args = [`-data=${data}`, `-inventory=${join(data, "inventory.json")}`];
  const child = spawn(
    programFile(binaryPlace(root, process.env), "vcenter"),
    [...args, `-listen=127.0.0.1:${port}`, `-user=${LAB_VCENTER_USER}`],
    { env: { ATOM_LAB_VCENTER_PASSWORD: LAB_VCENTER_PASSWORD }, stdio: "ignore" },
  );
  const soap = new SoapClient(port);
  const answers = async (): Promise<true | undefined> => {
    const answer = await soap.http("GET", "/lab/health").catch(() => undefined);
    return answer?.status === 200 ? true : undefined;
  };
  await waitFor(answers, { pauseMs: 200 });
  soap.close();
  return { port, end: () => void child.kill("SIGKILL") };
}

/** The line of the simulator's journal that says that a machine has three snapshots, one on top of the other. */
function chainOf(vm: string): string {
  const roots = [3, 2, 1].reduce<readonly object[]>(
    (children, id) => [
      {
        ...{ ref: `snapshot-${vm}-${id}`, id, name: `nightly-${id}`, state: "poweredOn" },
        ...{ created: `2026-11-2${id}T00:00:00Z`, children },
      },
    ],
    [],
  );
  const counter = 1_000_000;
  const record = { vm, power: "poweredOn", nextId: 4, current: `snapshot-${vm}-3`, roots, counter };
  return `${JSON.stringify(record)}\n`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Lets the stack file state 300 nodes and their machines. */
export function stateNodes({ edit }: Pick<TamperLab, "edit">, port: number): void {
  const nodes = [...LAB_NODES, ...addedNodes];
  edit(["virtualMachines", "server"], `127.0.0.1:${port}`);
  edit(
    ["virtualMachines", "nodes"],
    nodes.map(({ name, uuid: id, role, site }) => ({ name, uuid: id, role, site })),
  );
  const storage = nodes.filter(({ role }) => role === "storage");
  edit(
    ["topology", "sites"],
    LAB_SITES.map((name) => ({
      ...{ name, role: "data", controlPlaneNodes: 1 },
      storageNodes: storage.filter(({ site }) => site === name).map((node) => node.name),
    })),
  );
}

/** Makes nodes, volumes, claims, snapshots and the points that hold them. */
export async function makeMany(
  { root, cluster }: Pick<TamperLab, "root" | "cluster">,
  record: LabRecord,
): Promise<void> {
  const make = (objects: readonly object[]): Promise<unknown> =>
    inParallel(objects, IN_FLIGHT, (one) => cluster.create(one as never, "bench"));
  await make(addedNodes.flatMap(({ name, site }) => nodeOf(name, site)));
  await make([{ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } }]);
  const claims = Array.from({ length: COUNTS.claims }, (_, index) => `data-${index}`);
  await make(claims.flatMap((claim) => volumeOf(claim)));
  const points = Array.from(
    { length: COUNTS.snapshots / CLAIMS_PER_POINT },
    (_, index) => `point-${index}`,
  );
  const membersOf = (point: string, index: number): readonly VolumeMember[] => {
    const first = (index * CLAIMS_PER_POINT) % claims.length;
    return claims
      .slice(first, first + CLAIMS_PER_POINT)
      .map((claim) => volumeMember(point, claim, { namespace: NAMESPACE }));
  };
  await apiOf(root, record, async (api) => {
    const state = (path: string, kind: string, name: string, status: object): Promise<void> =>
      api.apply(
        `/apis/${SNAPSHOTS}/${path}/${name}/status`,
        JSON.stringify({ apiVersion: SNAPSHOTS, kind, metadata: { name }, status }),
      );
    for (const [index, point] of points.entries()) {
      await inParallel(membersOf(point, index), IN_FLIGHT, async (member) => {
        const { snapshot, content, handle: snapshotHandle, claim } = member;
        const { metadata } = await cluster.create(snapshotOf(point, member), "bench");
        await cluster.create(contentOf(member, metadata.uid ?? ""), "bench");
        await state("volumesnapshotcontents", "VolumeSnapshotContent", content, {
          ...{ snapshotHandle, readyToUse: true, creationTime: 1 },
        });
        await state(`namespaces/${NAMESPACE}/volumesnapshots`, "VolumeSnapshot", snapshot, {
          ...{ boundVolumeSnapshotContentName: content, readyToUse: true },
          creationTime: "2026-11-20T10:00:00Z",
        });
        return claim;
      });
      await recordPoint(root, cluster, point, membersOf(point, index));
    }
  });
}

const nodeOf = (name: string, site: string): readonly object[] => [
  {
    ...{ apiVersion: "v1", kind: "Node" },
    metadata: { name, labels: { [SITE_LABEL]: site } },
    status: { conditions: [{ type: "Ready", status: "True" }] },
  },
  {
    ...{ apiVersion: "storage.k8s.io/v1", kind: "CSINode", metadata: { name } },
    spec: { drivers: [{ name: LAB_CSI_DRIVER, nodeID: name, topologyKeys: [SITE_LABEL] }] },
  },
];

const volumeOf = (claim: string): readonly object[] => {
  const spec = { accessModes: ["ReadWriteOnce"], storageClassName: "atom-replicated" };
  return [
    {
      ...{ apiVersion: "v1", kind: "PersistentVolume", metadata: { name: `pv-${claim}` } },
      spec: {
        ...spec,
        capacity: { storage: "1Gi" },
        claimRef: { namespace: NAMESPACE, name: claim },
        csi: {
          ...{ driver: LAB_CSI_DRIVER, volumeHandle: claim },
          volumeAttributes: { replicaNodes: "atom-a-1,atom-b-1" },
        },
        persistentVolumeReclaimPolicy: "Retain",
      },
    },
    {
      ...{ apiVersion: "v1", kind: "PersistentVolumeClaim" },
      metadata: { name: claim, namespace: NAMESPACE },
      spec: {
        ...spec,
        ...{ resources: { requests: { storage: "1Gi" } }, volumeName: `pv-${claim}` },
      },
    },
  ];
};

const snapshotOf = (point: string, { snapshot: name, claim }: VolumeMember) => ({
  ...{ apiVersion: SNAPSHOTS, kind: "VolumeSnapshot" },
  metadata: { name, namespace: NAMESPACE, labels: { ...labels("lab"), [POINT_LABEL]: point } },
  spec: {
    volumeSnapshotClassName: "atom-snapshots",
    source: { persistentVolumeClaimName: claim },
  },
});

const contentOf = ({ content: name, snapshot, handle }: VolumeMember, uid: string) => ({
  ...{ apiVersion: SNAPSHOTS, kind: "VolumeSnapshotContent" },
  metadata: {
    name,
    finalizers: ["snapshot.storage.kubernetes.io/volumesnapshotcontent-bound-protection"],
  },
  spec: {
    ...{ driver: LAB_CSI_DRIVER, deletionPolicy: "Retain", source: { snapshotHandle: handle } },
    volumeSnapshotRef: { namespace: NAMESPACE, name: snapshot, uid },
  },
});

async function recordPoint(
  root: string,
  client: ClusterClient,
  name: string,
  members: readonly VolumeMember[],
): Promise<void> {
  const own = { client, stack: "lab", namespace: "atom-backup" };
  const folder = { root, catalogDir: ".pulumi-state/catalog" };
  const record = emptyRecord({
    ...{ name, stack: "lab", release: "24.1", state: "ready", consistency: "crash", volumes: [] },
    expires: "2036-11-20T10:00:00Z",
  });
  const catalog = siteCatalog(own, folder, () => new Date());
  const journal = await catalog.open(record, "restore-point create");
  const takenAt = "2026-11-20T10:00:00Z";
  await journal.note("complete", {}, (before) => ({ ...before, takenAt, members }));
  await journal.close("done");
}
