import { rmSync } from "node:fs";

import type { ClusterClient } from "../../clients/kubernetes/client";
import { readPointFile } from "../../config/pointFile";
import { endPoint, markExpired, markExpiring } from "../../config/pointRecord";
import { isLiving, vmMembers, memberKey } from "../../planning/pointMembers";
import type { EtcdBackup, EtcdMember } from "../../planning/site";
import type { VcenterClient } from "../../clients/vcenter/client";
import type { Journal } from "../catalog/journal";
import type { Catalogue, StepDetail } from "../catalog/types";
import type { Reporter } from "../../clients/reporter";
import { removeTaken } from "../removeTaken";
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
  /** Brings the engine's record to what the point's file says; nothing live is changed. */
  readonly settle: () => Promise<void>;
  /** Removes the release's objects that were stored for the point, and the copies of its Secrets. */
  readonly removeRelease: () => Promise<void>;
  /** Takes the point off the stack's list. */
  readonly unlist: () => void;
  /** Called at every moment between two changes; tests end the process from it. */
  readonly moment?: (what: string) => void;
  /** Limit for what Kubernetes removes by itself, in milliseconds. */
  readonly limitMs?: number;
}

/** The command that the ledger's entries are of. */
export const EXPIRE_COMMAND = "restore-point expire";

/**
 * Removes what a plan says, each step written down before and after it. Killed anywhere and planned again, it goes on:
 * every step looks first whether it was done.
 *
 * @param file the point's file
 * @throws Error with the first reason; what was removed until then is gone, and the command goes on from there
 */
export async function expirePoint(
  plan: ExpiryPlan,
  file: string,
  ports: ExpiryPorts,
): Promise<readonly string[]> {
  const { journal } = ports;
  const left = [...plan.left];
  try {
    await (plan.scope === "point" ? endWhole(plan, file, ports, left) : endVms(plan, file, ports));
  } catch (error) {
    await journal.close("failed", { message: (error as Error).message });
    throw error;
  }
  await journal.close("done", left.length === 0 ? {} : { message: `left: ${left.join("; ")}` });
  return left;
}

/**
 * The mark comes before the removal: killed in between, the VM snapshots are called ended and not LOST, and the next run
 * finds that vCenter still has them.
 */
async function endVms(plan: ExpiryPlan, file: string, ports: ExpiryPorts): Promise<void> {
  const { now, settle } = ports;
  await step(ports, "mark VM snapshots ended", async () => {
    const keys = vmMembers(readPointFile(file)).filter(isLiving).map(memberKey);
    markExpired(file, keys, now().toISOString());
    return Promise.resolve({ count: keys.length });
  });
  await step(ports, "drop record", settle);
  await removeVms(plan, ports);
  await noteMembers(file, ports);
}

async function endWhole(
  plan: ExpiryPlan,
  file: string,
  ports: ExpiryPorts,
  left: string[],
): Promise<void> {
  const { now, settle, removeRelease, unlist } = ports;
  const taken = plan.point.takenAt !== undefined;
  if (taken) {
    await step(ports, "mark expiring", () => Promise.resolve(markExpiring(file)));
    await step(ports, "lift protection", settle);
  }
  await removeVms(plan, ports);
  await removeVolumes(plan, ports);
  for (const member of plan.etcd) {
    await step(ports, `remove etcd snapshot of ${member.node}`, () =>
      removeEtcd(plan.point.name, member, ports, left),
    );
  }
  await step(ports, "remove release objects", removeRelease);
  if (taken) {
    await step(ports, "mark expired", () => Promise.resolve(endPoint(file, now().toISOString())));
    await noteMembers(file, ports);
  }
  await step(ports, "drop record", settle);
  await step(ports, "take off list", () => {
    unlist();
    if (!taken) {
      // Nothing was ever cut, so that the file is the record of nothing.
      rmSync(file, { force: true });
    }
    return Promise.resolve();
  });
  await step(ports, "settle record", settle);
}

async function removeVms({ vms }: ExpiryPlan, ports: ExpiryPorts): Promise<void> {
  const { client, vcenter, reporter, apiTimeoutMinutes } = ports;
  for (const removal of vms) {
    const { node, vm, handle } = removal;
    const name = `remove VM snapshot of ${node}`;
    await step(ports, name, async () => {
      const progress = reporter.progress(`Removing VM snapshot ${handle} of ${vm}`);
      try {
        if (vcenter === undefined) {
          throw new Error("The point holds VM snapshots, and vCenter was not opened.");
        }
        const options = { client, vcenter, apiTimeoutMinutes, progress };
        const removed = await removeVmSnapshot(removal, options);
        progress.done(removed ? "removed" : "gone already");
        return { node, handle, outcome: removed ? "done" : "skipped" };
      } catch (error) {
        progress.fail((error as Error).message);
        throw error;
      }
    });
  }
}

async function removeVolumes({ volumes }: ExpiryPlan, ports: ExpiryPorts): Promise<void> {
  const { client, reporter, apiTimeoutMinutes, limitMs } = ports;
  const { groups, snapshots, contents, groupContents = [] } = volumes;
  const count = groups.length + snapshots.length + contents.length + groupContents.length;
  await step(ports, "remove volume snapshots", async () => {
    if (count === 0) {
      return { count };
    }
    const progress = reporter.progress("Removing volume snapshots");
    try {
      await removeTaken(volumes, {
        client,
        vcenter: undefined,
        apiTimeoutMinutes,
        progress,
        onStep: (what) => ports.moment?.(what),
        ...(limitMs === undefined ? {} : { limitMs }),
      });
      progress.done(`${contents.length} volumes`);
    } catch (error) {
      progress.fail((error as Error).message);
      throw error;
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
  const progress = reporter.progress(`Removing the etcd snapshot on ${node}`);
  try {
    const removal = { stack, namespace, point, member, backup: etcd };
    const fate = await removeEtcdSnapshot(client, removal, (text) => progress.update({ text }));
    progress.done(fate);
    return fate === "differs"
      ? leave("a file of that name has another checksum than was recorded")
      : { node, file, outcome: fate === "removed" ? "done" : "skipped" };
  } catch (error) {
    progress.fail((error as Error).message);
    throw error;
  }
}

async function noteMembers(file: string, { journal }: ExpiryPorts): Promise<void> {
  const { members } = readPointFile(file);
  await journal.note("members", { count: members.length }, (catalogue) => ({
    ...withoutObjects(
      catalogue,
      members.every((member) => !isLiving(member)),
    ),
    members,
  }));
}

/** The record of objects that are no longer stored would be looked for. */
function withoutObjects(catalogue: Catalogue, ended: boolean): Catalogue {
  if (!ended) {
    return catalogue;
  }
  const rest: { -readonly [K in keyof Catalogue]: Catalogue[K] } = { ...catalogue };
  delete rest.objects;
  return rest;
}

async function step(
  { journal, moment = () => undefined }: ExpiryPorts,
  name: string,
  work: () => Promise<StepDetail | void>,
): Promise<void> {
  moment(`before ${name}`);
  await journal.begin(name);
  moment(`begun ${name}`);
  const detail = (await work()) ?? {};
  moment(`done ${name}`);
  await journal.end(name, { outcome: "done", ...detail });
}
