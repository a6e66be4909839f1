import type { ClusterClient } from "../../clients/kubernetes/client";
import { withProgress } from "../../clients/reporter";
import { labels, NAME_LIMITS, takenName } from "../../planning/names";
import { isLiving, vmMembers } from "../../planning/pointMembers";
import type { EtcdMember, PointMember, PointRecord, StepDetail } from "../../planning/pointRecord";
import type { Journal } from "../catalog/journal";
import { etcdFileJob } from "../etcd/fileJob";
import { runJob } from "../jobs/job";
import type { JobStatus } from "../jobs/jobStatus";
import { killPoint, releaseStore, type EngineSystems } from "../pointStack";
import { removeTaken } from "../removeTaken";
import { forgetVmSnapshots } from "../take/vmSnapshots";
import type { ExpiryPlan } from "./planExpiry";
import { removeVmSnapshot, VmRemovalError, watchHealth } from "./removeVms";
import { EXPIRE_COMMAND, WHOLE } from "./reviewExpiry";

/** What one point is removed with; its signal also tells that the lease was lost. */
export interface ExpiryPorts extends EngineSystems {
  readonly client: ClusterClient;
  readonly journal: Journal;
  /** Limit for what Kubernetes removes by itself, in milliseconds; default 5 minutes. */
  readonly limitMs: number | undefined;
}

/**
 * Removes what a plan says, each step written down before and after it. Killed anywhere and planned again, it goes on:
 * every step looks first whether it was done.
 *
 * @returns what was left, in sentences
 * @throws Error with the first reason; what was removed until then is gone, and the command goes on from there
 */
export async function expirePoint(
  plan: ExpiryPlan,
  ports: ExpiryPorts,
): Promise<readonly string[]> {
  const { journal } = ports;
  const left = [...plan.left];
  try {
    await (plan.scope === "point" ? endWhole(plan, ports, left) : endVms(plan, ports));
  } catch (error) {
    await journal.close("failed", { message: (error as Error).message }).catch(() => undefined);
    throw error;
  }
  // What a killed run had removed is in no plan any more, and no step of this one.
  await journal.settleAll(EXPIRE_COMMAND, { outcome: "skipped" });
  await journal.close("done", left.length === 0 ? {} : { message: `left: ${left.join("; ")}` });
  return left;
}

/**
 * The mark comes before the removal: killed in between, the VM snapshots are called ended and not LOST, and the next run
 * finds that vCenter still has them.
 */
async function endVms(plan: ExpiryPlan, ports: ExpiryPorts): Promise<void> {
  const ended = markEnded(
    (member) => member.kind === "virtualMachine" && !plan.waiting.includes(member.node),
  );
  await ports.journal.note("mark VM snapshots ended", {}, ended);
  await forgetVms(plan, ports);
  await removeVms(plan, ports);
}

async function endWhole(plan: ExpiryPlan, ports: ExpiryPorts, left: string[]): Promise<void> {
  const { journal, stack, client } = ports;
  const { point } = plan;
  await journal.note("mark expiring", {}, (record) => ({ ...record, state: "expiring" }));
  if (plan.vms.length > 0 || vmMembers(point).length > 0) {
    await forgetVms(plan, ports);
  }
  await removeVms(plan, ports);
  await removeVolumes(plan, ports);
  for (const member of plan.etcd) {
    await journal.step(`remove etcd snapshot of ${member.node}`, () =>
      removeEtcd(point, member, ports, left),
    );
  }
  await journal.step(WHOLE, () => releaseStore(stack, client).remove(point.name));
  const ended = markEnded(() => true);
  // The record of objects that are no longer stored would be looked for.
  const gone = { objects: undefined, state: "expired" } as const;
  await journal.note("mark expired", {}, (record) => ({ ...ended(record), ...gone }));
}

/** Drops VM snapshots of the point from the engine's state, and from its file; nothing live is touched. */
async function forgetVms({ point, vms, waiting }: ExpiryPlan, ports: ExpiryPorts): Promise<void> {
  const { journal, stack, engine } = ports;
  const nodes = new Set([...vmMembers(point), ...vms].map(({ node }) => node));
  waiting.forEach((node) => nodes.delete(node));
  await journal.step("drop from state", () =>
    forgetVmSnapshots(stack, point.name, [...nodes], engine, waiting.length > 0),
  );
}

/** Marks living members as ended. */
function markEnded(which: (member: PointMember) => boolean): (record: PointRecord) => PointRecord {
  const at = new Date().toISOString();
  return (record) => ({
    ...record,
    members: record.members.map((member) =>
      isLiving(member) && which(member) ? { ...member, expiredAt: at } : member,
    ),
  });
}

/**
 * One VM after the other. One whose removal fails is told at the end and tried again by the next run; where the cluster is
 * not well, no further one is touched.
 */
async function removeVms({ vms }: ExpiryPlan, ports: ExpiryPorts): Promise<void> {
  const { journal, reporter, signal } = ports;
  if (vms.length === 0) {
    return;
  }
  const health = await watchHealth(ports);
  const failed: string[] = [];
  for (const removal of vms) {
    signal.throwIfAborted();
    const { node, vm, handle } = removal;
    await journal.step(`remove VM snapshot of ${node}`, async () => {
      try {
        const removed = await withProgress(
          reporter,
          `Removing VM snapshot ${handle} of ${vm}`,
          (progress) => removeVmSnapshot(removal, ports, health, progress),
          (gone) => (gone ? "removed" : "gone already"),
        );
        return { node, handle, outcome: removed ? "done" : "skipped" } as const;
      } catch (error) {
        if (!(error instanceof VmRemovalError)) {
          throw error;
        }
        failed.push(error.message);
        return { node, handle, outcome: "failed", message: error.message } as const;
      }
    });
  }
  if (failed.length > 0) {
    throw new Error(failed.join(" "));
  }
}

async function removeVolumes({ volumes }: ExpiryPlan, ports: ExpiryPorts): Promise<void> {
  const { journal, reporter, stack } = ports;
  const { groups, snapshots, contents, groupContents } = volumes;
  const count = groups.length + snapshots.length + contents.length + groupContents.length;
  await journal.step("remove volume snapshots", async () => {
    if (count > 0) {
      await withProgress(
        reporter,
        "Removing volume snapshots",
        (progress) => removeTaken(volumes, { ...ports, progress, onStep: killPoint(stack) }),
        () => `${contents.length} volumes`,
      );
    }
    return { count };
  });
}

async function removeEtcd(
  { name: point }: PointRecord,
  member: EtcdMember,
  { client, stack: { site }, reporter }: ExpiryPorts,
  left: string[],
): Promise<StepDetail> {
  const { node, file } = member;
  const { etcd } = site.nodeBackups;
  const leave = (why: string): StepDetail => {
    left.push(`etcd snapshot ${file} on ${node}: ${why}`);
    return { node, file, outcome: "skipped", message: why };
  };
  if (etcd === undefined) {
    return leave("nodeBackups.etcd names no image any more to remove it with");
  }
  if ((await client.get({ apiVersion: "v1", kind: "Node", name: node })) === undefined) {
    return leave("the cluster has no such node any more");
  }
  const job = etcdFileJob({
    namespace: site.cluster.namespace,
    name: takenName(`etcd-remove-${point}`.replaceAll(".", "-"), NAME_LIMITS.label),
    labels: labels(site.stack),
    member,
    backup: etcd,
    script: REMOVE_SCRIPT,
    writes: true,
  });
  const fate = await withProgress(
    reporter,
    `Removing the etcd snapshot on ${node}`,
    async (progress) => {
      const onStatus = ({ why }: JobStatus): void => progress.update({ text: why });
      const { message } = await runJob(client, job, { onStatus });
      return message.trim();
    },
    String,
  );
  switch (fate) {
    case "removed":
    case "gone":
      return { node, file, outcome: fate === "removed" ? "done" : "skipped" };
    case "differs":
      return leave("a file of that name has another checksum than was recorded");
    default:
      throw new Error(
        `The job on ${node} ended without saying what became of ${file}; it said: ${fate || "nothing"}.`,
      );
  }
}

/** Removes the file only if it is the one that was recorded, and says what became of it. */
const REMOVE_SCRIPT = [
  "set -eu",
  "say() { printf '%s' \"$1\" > /dev/termination-log; }",
  'if [ ! -e "$FILE" ]; then say gone; exit 0; fi',
  'sum=$(sha256sum "$FILE")',
  'if [ "${sum%% *}" != "$SHA256" ]; then say differs; exit 0; fi',
  'rm "$FILE"',
  "sync",
  "say removed",
].join("\n");
