import type { ClusterObject } from "../../clients/kubernetes/object";
import { selectorOf } from "../../clients/kubernetes/ownObjects";
import { withProgress } from "../../clients/reporter";
import { spreadSeconds } from "../../planning/draftPoint";
import type { EtcdMember, PointRecord, VolumeMember } from "../../planning/pointRecord";
import type { EtcdBackup, Site } from "../../planning/site";
import { pointLabels, snapshotObjects } from "../../planning/volumeSnapshots";
import { takeEtcdSnapshot } from "../etcd/takeSnapshot";
import { seenSnapshot } from "./judge";
import { readGroupMembers, readMembers } from "./members";
import { postSnapshots } from "./post";
import { TakeError } from "./takeError";
import type { TakePlan, TakePorts } from "./takePorts";
import { TakeWatch } from "./watch";

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
  const moments = taken.map((one) => Date.parse(seenSnapshot(one).takenAt ?? "") || 0);
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
