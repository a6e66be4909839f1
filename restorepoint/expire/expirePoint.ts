import type { ClusterClient } from "../../clients/kubernetes/client";
import { withProgress, type Reporter } from "../../clients/reporter";
import type { VcenterClient } from "../../clients/vcenter/client";
import { isLiving, vmMembers } from "../../planning/pointMembers";
import type { EtcdMember, PointMember, PointRecord } from "../../planning/pointRecord";
import type { EtcdBackup } from "../../planning/site";
import type { Journal } from "../catalog/journal";
import type { StepDetail } from "../../planning/pointRecord";
import { openVcenter, removeTaken } from "../removeTaken";
import { WHOLE } from "./facts";
import type { ExpiryPlan } from "./planExpiry";
import { removeEtcdSnapshot } from "./removeEtcd";
import { removeVmSnapshot } from "./removeVms";

/** What points are removed with; each may fail, and may be called again after a killed run. */
export interface ExpiryPorts {
  readonly client: ClusterClient;
  /** Needed where VM snapshots are removed. */
  readonly vcenter: VcenterClient | undefined;
  readonly journal: Journal;
  readonly reporter: Reporter;
  readonly now: () => Date;
  readonly stack: string;
  /** `site.cluster.namespace`. */
  readonly namespace: string;
  readonly etcd: EtcdBackup | undefined;
  /** Limit of one vCenter task, in minutes. */
  readonly apiTimeoutMinutes: number;
  /** Drops the point's VM snapshots from the engine's state, and its file; nothing live is touched. */
  readonly forgetVms: () => Promise<void>;
  /** Removes the release's objects that were stored for the point, and the copies of its Secrets. */
  readonly removeRelease: () => Promise<void>;
  /** Called before each removal; tests end the process from it. */
  readonly moment?: () => void;
  /** Limit for what Kubernetes removes by itself, in milliseconds. */
  readonly limitMs: number | undefined;
  /** Abandons what is waited for. */
  readonly signal?: AbortSignal | undefined;
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
  await journal.close("done", left.length === 0 ? {} : { message: `left: ${left.join("; ")}` });
  return left;
}

/**
 * The mark comes before the removal: killed in between, the VM snapshots are called ended and not LOST, and the next run
 * finds that vCenter still has them.
 */
async function endVms(plan: ExpiryPlan, ports: ExpiryPorts): Promise<void> {
  const { journal, now, forgetVms } = ports;
  const ended = markEnded(now().toISOString(), ({ kind }) => kind === "virtualMachine");
  await journal.note("mark VM snapshots ended", {}, ended);
  await journal.step("drop from state", forgetVms);
  await removeVms(plan, ports);
}

async function endWhole(plan: ExpiryPlan, ports: ExpiryPorts, left: string[]): Promise<void> {
  const { journal, now, forgetVms, removeRelease } = ports;
  const { point } = plan;
  await journal.note("mark expiring", {}, (record) => ({ ...record, state: "expiring" }));
  if (plan.vms.length > 0 || vmMembers(point).length > 0) {
    await journal.step("drop from state", forgetVms);
  }
  await removeVms(plan, ports);
  await removeVolumes(plan, ports);
  for (const member of plan.etcd) {
    await journal.step(`remove etcd snapshot of ${member.node}`, () =>
      removeEtcd(point.name, member, ports, left),
    );
  }
  await journal.step(WHOLE, removeRelease);
  const ended = markEnded(now().toISOString(), () => true);
  await journal.note("mark expired", {}, (record) => {
    // The record of objects that are no longer stored would be looked for.
    const { objects: _, ...rest } = ended(record);
    return { ...rest, state: "expired" };
  });
}

/** Marks living members as ended. @param at RFC 3339 */
function markEnded(
  at: string,
  which: (member: PointMember) => boolean,
): (record: PointRecord) => PointRecord {
  return (record) => ({
    ...record,
    members: record.members.map((member) =>
      isLiving(member) && which(member) ? { ...member, expiredAt: at } : member,
    ),
  });
}

async function removeVms({ vms }: ExpiryPlan, ports: ExpiryPorts): Promise<void> {
  const { client, journal, reporter, apiTimeoutMinutes } = ports;
  for (const removal of vms) {
    const { node, vm, handle } = removal;
    await journal.step(`remove VM snapshot of ${node}`, async () => {
      const removed = await withProgress(
        reporter,
        `Removing VM snapshot ${handle} of ${vm}`,
        (progress) => {
          const vcenter = openVcenter(ports.vcenter);
          return removeVmSnapshot(removal, { client, vcenter, apiTimeoutMinutes, progress });
        },
        (gone) => (gone ? "removed" : "gone already"),
      );
      return { node, handle, outcome: removed ? "done" : "skipped" };
    });
  }
}

async function removeVolumes({ volumes }: ExpiryPlan, ports: ExpiryPorts): Promise<void> {
  const { journal, reporter, moment } = ports;
  const { groups, snapshots, contents, groupContents } = volumes;
  const count = groups.length + snapshots.length + contents.length + groupContents.length;
  await journal.step("remove volume snapshots", async () => {
    if (count > 0) {
      await withProgress(
        reporter,
        "Removing volume snapshots",
        (progress) => removeTaken(volumes, { ...ports, progress, onStep: () => moment?.() }),
        () => `${contents.length} volumes`,
      );
    }
    return { count };
  });
}

async function removeEtcd(
  point: string,
  member: EtcdMember,
  { client, etcd, stack, namespace, reporter }: ExpiryPorts,
  left: string[],
): Promise<StepDetail> {
  const { node, file } = member;
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
  const removal = { stack, namespace, point, member, backup: etcd };
  const fate = await withProgress(
    reporter,
    `Removing the etcd snapshot on ${node}`,
    (progress) => removeEtcdSnapshot(client, removal, (text) => progress.update({ text })),
    String,
  );
  return fate === "differs"
    ? leave("a file of that name has another checksum than was recorded")
    : { node, file, outcome: fate === "removed" ? "done" : "skipped" };
}
