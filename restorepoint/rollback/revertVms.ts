import { readFrom } from "../../clients/access";
import { withProgress } from "../../clients/reporter";
import { waitFor } from "../../clients/wait";
import { isReady } from "../../drift/node";
import { inParallel } from "../../clients/parallel";
import { REVERT_PRIVILEGES, type VcenterClient } from "../../clients/vcenter/client";
import { UnknownError } from "../../planning/errors";
import type { PointRecord } from "../../planning/pointRecord";
import type { Catalog } from "../catalog/catalog";
import type { Journal } from "../catalog/journal";
import { readPoints, requirePoint } from "../knownPoints";
import { aloneIfThere, killPoint, taskLimit, type PointSystems } from "../pointStack";
import {
  hasEtcd,
  planVms,
  REVERT_STEP,
  vmDifferences,
  wasOn,
  type Reverted,
  type VmPlan,
} from "./planVms";
import { unfinishedRollback } from "./record";
import { requireRestored } from "./restoreEtcd";
import { REVERT_COMMAND, RollbackError, type PlannedVm } from "./types";

const IN_FLIGHT = 8;

/** What a revert of the point's VMs would do; changes nothing. @throws UsageError for a point that is not there */
export async function previewVms(name: string, systems: PointSystems): Promise<VmPlan> {
  return (await readVmWorld(name, systems)).plan;
}

interface VmWorld {
  /** Whether the rollback of the volumes that comes after the VMs was begun. */
  readonly isOver: boolean;
  readonly plan: VmPlan;
  readonly record: PointRecord;
  readonly vcenter: VcenterClient;
}

async function readVmWorld(name: string, systems: PointSystems): Promise<VmWorld> {
  const { stack, vcenter } = systems;
  const read = await readFrom(vcenter, (client) => client.vms());
  if (read.state !== "read" || vcenter.state !== "open") {
    const why = read.state === "unknown" ? read.why : "No vCenter is configured.";
    throw new UnknownError(`It is unknown which VMs there are: ${why}`);
  }
  // The catalog's copy off the cluster counts: the cluster may be what is broken.
  const { points } = await readPoints(systems);
  const record = requirePoint(points, name, stack.name);
  const { client } = vcenter;
  const plan = planVms(stack.site, record, points, read.value);
  const references = plan.vms.map(({ reference }) => reference);
  const missing = (await client.missingPrivileges(references, REVERT_PRIVILEGES)) ?? [];
  const refusals = [
    ...plan.refusals,
    ...missing.map(({ vm, privilege }) => `The user of vCenter lacks ${privilege} on ${vm}.`),
  ];
  const isOver = unfinishedRollback(points)?.point.name === name;
  return { plan: { ...plan, refusals }, record, vcenter: client, isOver };
}

/**
 * Reverts all VMs of a point together: all are powered off, all are reverted, and only then powered on. Shown, asked for,
 * repeatable after any failure.
 *
 * @throws RollbackError naming the VMs that were not reverted, or that differ from what was recorded
 */
export async function revertVms(
  name: string,
  systems: PointSystems,
  show: (plan: VmPlan) => void,
): Promise<Reverted> {
  const { cluster, reporter, ask } = systems;
  const { plan, isOver } = await readVmWorld(name, systems);
  if (isOver) {
    reporter.info(`The VMs of ${name} were reverted before: its volumes are next.`);
    return { state: "nothing", plan };
  }
  show(plan);
  if (plan.refusals.length > 0) {
    plan.refusals.forEach((text) => reporter.warn(text));
    reporter.info("Nothing was changed.");
    return { state: "refused", plan };
  }
  const count = plan.vms.length;
  if (
    !(await ask(
      `Power off ${count} VMs and revert them to ${name}? There is no way back from that.`,
    ))
  ) {
    reporter.info("Nothing was changed.");
    return { state: "declined", plan };
  }
  const work = async (signal: AbortSignal, catalog: Catalog): Promise<Reverted> => {
    const world = await readVmWorld(name, systems);
    if (world.plan.digest !== plan.digest || world.plan.refusals.length > 0) {
      throw new RollbackError(
        "Something changed between preview and revert; nothing was changed. Run the command again and look at the new preview.",
      );
    }
    const journal = await catalog.open(world.record, REVERT_COMMAND);
    await run(world, journal, { ...systems, signal });
    return { state: "done", plan: world.plan };
  };
  // The cluster goes down with its control plane.
  const isLost = cluster.state !== "open" || plan.vms.some(hasEtcd);
  return aloneIfThere(systems, isLost ? undefined : cluster.client, work);
}

async function run(
  { plan, vcenter }: VmWorld,
  opened: Journal,
  systems: PointSystems,
): Promise<void> {
  const { stack, reporter, signal } = systems;
  let journal = opened;
  const onStep = killPoint(stack);
  const limit = taskLimit(stack.site);
  const each = async (
    what: string,
    vms: readonly PlannedVm[],
    does: (vm: PlannedVm) => Promise<void>,
  ): Promise<void> => {
    const failed: string[] = [];
    await withProgress(reporter, `${what} ${vms.length} VMs`, async (progress) => {
      let done = 0;
      await inParallel(vms, IN_FLIGHT, async (vm) => {
        signal.throwIfAborted();
        onStep();
        await does(vm).catch((error: unknown) => {
          failed.push(`${vm.name} of node ${vm.node}: ${(error as Error).message}`);
        });
        progress.update({ done: ++done, total: vms.length });
      });
      if (failed.length > 0) {
        const message = `${what} failed for ${failed.join("; ")}`;
        await journal.close("failed", { message });
        throw new RollbackError(
          `${message} Of the VMs of ${plan.point} none is powered on before all are reverted: run the command again to go on.`,
        );
      }
    });
  };
  await journal.begin(REVERT_STEP, { count: plan.vms.length, digest: plan.digest });
  const left = plan.vms.filter(({ isReverted }) => !isReverted);
  const running = left.filter(({ powerState }) => powerState !== "poweredOff");
  await each("Powering off", running, ({ reference }) => vcenter.power(reference, "Off", limit));
  await each("Reverting", left, async ({ node, snapshot }) => {
    const step = `revert VM ${node}`;
    await journal.begin(step, { node, snapshot });
    await vcenter.revertTo(snapshot, limit);
    await journal.end(step, { node, outcome: "done" });
  });
  const powerOn = async (which: (vm: PlannedVm) => boolean): Promise<void> => {
    const reverted = await vcenter.vms();
    const off = plan.vms.filter(
      (vm) =>
        wasOn(vm) &&
        which(vm) &&
        reverted.find(({ reference }) => reference === vm.reference)?.powerState !== "poweredOn",
    );
    await each("Powering on", off, ({ reference }) => vcenter.power(reference, "On", limit));
  };
  if (plan.etcd !== undefined) {
    // What runs on the others would act on what a wrong etcd says.
    await powerOn(hasEtcd);
    journal = await requireRestored(plan, plan.etcd, journal, REVERT_COMMAND, systems);
  }
  await powerOn(() => true);
  const now = await vcenter.vms();
  const differences = plan.vms.flatMap(({ name, reference, then }) => {
    const vm = now.find((one) => one.reference === reference);
    return vm === undefined
      ? [`${name} is gone`]
      : then === undefined
        ? []
        : vmDifferences(then, vm);
  });
  await journal.end(REVERT_STEP, { outcome: "done" });
  await journal.settleAll(REVERT_COMMAND, { outcome: "done" });
  const message = differences.join("; ");
  await journal.close(message === "" ? "done" : "failed", message === "" ? {} : { message });
  if (message !== "") {
    throw new RollbackError(
      `All VMs of ${plan.point} are reverted, and not all are what was recorded: ${message}. Compare them in vCenter.`,
    );
  }
}

/** How long guests and control plane may take to come back, in milliseconds. */
const READY_MS = 20 * 60_000;

/** Waits until the cluster answers and all its nodes are ready. @throws RollbackError when that takes too long */
export async function nodesReady({ cluster, signal, reporter }: PointSystems): Promise<void> {
  const look = async (): Promise<true | undefined> => {
    const nodes =
      cluster.state === "open" ? await cluster.client.list("v1", "Node").catch(() => []) : [];
    return (nodes.length > 0 && nodes.every(isReady)) || undefined;
  };
  const wait = { timeoutMs: cluster.state === "open" ? READY_MS : 0, pauseMs: 1000, signal };
  const ready = await withProgress(reporter, "Waiting for the nodes", () => waitFor(look, wait));
  if (ready === undefined) {
    throw new RollbackError(
      "The VMs are reverted, and not all nodes are ready: see to that, and run the command again without --vms.",
    );
  }
}
