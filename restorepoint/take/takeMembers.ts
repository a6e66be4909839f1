import type { ClusterClient } from "../../clients/kubernetes/client";
import { isAlreadyExists } from "../../clients/kubernetes/error";
import { describeObject, referenceOf, type ClusterObject } from "../../clients/kubernetes/object";
import { carries, FIELD_MANAGER, selectorOf } from "../../clients/kubernetes/ownObjects";
import { inParallel } from "../../clients/parallel";
import { withProgress, type Reporter } from "../../clients/reporter";
import { volumeSnapshotOf } from "../../drift/volumeObjects";
import { spreadSeconds } from "../../planning/draftPoint";
import { POINT_LABEL } from "../../planning/names";
import type {
  EtcdMember,
  PointRecord,
  PointVolume,
  VolumeMember,
} from "../../planning/pointRecord";
import type { EtcdBackup, Site } from "../../planning/site";
import { pointLabels, snapshotObjects } from "../../planning/volumeSnapshots";
import type { Journal } from "../catalog/journal";
import { takeEtcdSnapshot } from "../etcd/takeSnapshot";
import type { ProductVolumes } from "../productVolumes";
import type { Quiesce } from "../quiesce";
import type { TakeLimits } from "./judge";
import { readGroupMembers, readMembers } from "./members";
import { TakeError } from "./takeError";
import type { VmSnapshots } from "./vmSnapshots";
import { TakeWatch } from "./watch";

/** The command, as the journal names it. */
export const CREATE = "restore-point create";

export interface TakePlan {
  readonly site: Site;
  /** As it was confirmed; state `taking`. */
  readonly point: PointRecord;
  readonly volumes: ProductVolumes;
  readonly quiesce: Quiesce;
}

/** What a point is taken with; each may fail, and may be called again after a killed run. */
export interface TakePorts {
  readonly client: ClusterClient;
  readonly journal: Journal;
  readonly reporter: Reporter;
  readonly limits: TakeLimits;
  /** Asks to stop: waits are abandoned, and what was taken is removed. */
  readonly signal?: AbortSignal | undefined;
  /** Stores the objects of the product's release, and what the VMs are made of. */
  readonly storeRelease: () => Promise<void>;
  /** What of the stored objects is not as it was recorded, in sentences. */
  readonly checkRelease: (point: PointRecord) => Promise<readonly string[]>;
  /** Reads the product's volumes as they are now. */
  readonly readVolumes: () => Promise<ProductVolumes>;
  /** Undefined for a point without VM snapshots. */
  readonly vms: VmSnapshots | undefined;
  /** Removes from the live systems whatever was taken for the point. */
  readonly undo: () => Promise<void>;
  /** Called before each object is posted; tests end the process from it. */
  readonly onStep?: () => void;
}

/**
 * Puts the label on the claims by which a group snapshot selects them, or takes it off: a selector knows labels only, and
 * the claims of a point are a list. Claims that are gone are passed over; whoever looks at the snapshots finds that.
 */
export async function labelClaims(
  client: ClusterClient,
  claims: readonly PointVolume[],
  point: string,
  wanted: boolean,
): Promise<void> {
  await Promise.all(
    claims.map(({ namespace, claim }) =>
      client.modify(
        { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name: claim },
        FIELD_MANAGER,
        (live) => {
          const { [POINT_LABEL]: now, ...others } = live.metadata.labels ?? {};
          const label = wanted ? point : now === point ? undefined : now;
          const labels = { ...others, ...(label && { [POINT_LABEL]: label }) };
          return { ...live, metadata: { ...live.metadata, labels } };
        },
      ),
    ),
  );
}

/** Requests to the API server in flight: two hundred are posted within a second, and it is not flooded. */
const IN_FLIGHT = 64;

/**
 * Posts all snapshots at once. One that is there already with the point's labels is this run's: what an earlier
 * one took was removed.
 *
 * @param onStep called before each; tests end the process from it
 * @throws TakeError for an object of somebody else under the name, ClusterError for what could not be posted
 */
export async function postSnapshots(
  client: Pick<ClusterClient, "create" | "get">,
  objects: readonly ClusterObject[],
  onStep: () => void,
): Promise<void> {
  await inParallel(objects, IN_FLIGHT, async (object) => {
    onStep();
    try {
      await client.create(object, FIELD_MANAGER);
    } catch (error) {
      if (!isAlreadyExists(error)) {
        throw error;
      }
      const reference = referenceOf(object);
      const there = await client.get(reference);
      if (there !== undefined && !carries(there, object.metadata.labels ?? {})) {
        throw new TakeError(
          `${describeObject(reference)} is there already and is not of this point: choose another name for the point.`,
        );
      }
    }
  });
}

/** Posts the snapshots and waits until the storage has the moment of each; nothing else is done in between. */
export function takeVolumes(
  { site, point }: TakePlan,
  { client, reporter, limits, signal, onStep }: TakePorts,
  leaseEnds: number | undefined,
): Promise<{ readonly watch: TakeWatch; readonly taken: readonly ClusterObject[] }> {
  const { stack, snapshots } = site;
  const { name, groupVersion, volumes } = point;
  const { className } = snapshots;
  const subjects = snapshotObjects({ stack, point: name, className, groupVersion, volumes });
  const what = groupVersion === undefined ? "volumes" : "groups";
  return withProgress(
    reporter,
    `Taking ${volumes.length} volumes`,
    async (progress) => {
      await postSnapshots(client, subjects, onStep ?? (() => {}));
      const watch = new TakeWatch({
        client,
        subjects,
        labelSelector: selectorOf(pointLabels({ stack, point: name })),
        limits,
        signal,
        onLook: (done, total) => progress.update({ done, total, text: what }),
      });
      return { watch, taken: await watch.until("taken", leaseEnds) };
    },
    () => `${subjects.length} ${what} taken`,
  );
}

/** Takes the point's snapshot of etcd. One that an interrupted run has taken since the volumes were is used. */
export function takeEtcd(
  { site, point }: TakePlan,
  { client, reporter, signal }: TakePorts,
  taken: readonly ClusterObject[],
): Promise<EtcdMember> {
  const { stack, cluster, nodeBackups } = site;
  const moments = taken.map((one) => Date.parse(volumeSnapshotOf(one).takenAt ?? "") || 0);
  return withProgress(
    reporter,
    "etcd snapshot",
    (progress) =>
      takeEtcdSnapshot(client, {
        stack,
        namespace: cluster.namespace,
        name: point.name,
        backup: nodeBackups.etcd as EtcdBackup,
        notBefore: Math.max(0, ...moments),
        progress,
        signal,
      }),
    ({ file, node }) => `${file} on ${node}`,
  );
}

/** Waits until all can be restored. @returns what lasts of them */
export function awaitReady(
  { point, volumes }: TakePlan,
  { client, reporter, limits, signal }: TakePorts,
  watch: TakeWatch,
): Promise<readonly VolumeMember[]> {
  return withProgress(
    reporter,
    "Waiting until the snapshots can be used",
    async () => {
      const live = await watch.until("ready");
      if (point.groupVersion === undefined) {
        return readMembers(client, live, point.volumes);
      }
      const groups = live.map((group) => {
        const { namespace } = group.metadata;
        const own = volumes.covered.filter((one) => one.namespace === namespace);
        return readGroupMembers(client, group, own, { limits, signal });
      });
      return (await Promise.all(groups)).flat();
    },
    (members) => `${members.length} volumes`,
  );
}

/** @throws TakeError for a running product whose volumes were taken too far apart */
export function requireSpread(
  { snapshots }: Site,
  point: PointRecord,
  members: readonly VolumeMember[],
): void {
  const spread = spreadSeconds(members.map(({ createdAt }) => createdAt));
  // A stopped or frozen product writes nothing in between.
  if (point.consistency === "crash" && spread > snapshots.maxSpreadSeconds) {
    throw new TakeError(
      `The volumes were taken over ${spread} s, and snapshots.maxSpreadSeconds is ${snapshots.maxSpreadSeconds}: they are ` +
        "of different moments. Use consistency stopped or frozen, groups, or a greater maxSpreadSeconds.",
    );
  }
}
