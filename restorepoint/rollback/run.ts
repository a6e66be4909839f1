import { FIELD_MANAGER } from "../../clients/kubernetes/ownObjects";
import { inParallel } from "../../clients/parallel";
import { withProgress } from "../../clients/reporter";
import type { PausedObject, PointRecord } from "../../planning/pointRecord";
import type { Journal } from "../catalog/journal";
import { keepersToPause, paused, readStopWorld } from "../product/hazards";
import { stopProduct } from "../product/stop";
import { workloadOf } from "../product/workloads";
import { collectRelease } from "../release/collect";
import { bindMembers } from "./bind";
import { close, resume } from "./finish";
import { startRelease, writeObjects } from "./objects";
import { beforeKey, currentRollback, isSame, withoutObjects, withRollback } from "./record";
import { restoreVolumes, type RunPorts } from "./restore";
import {
  ROLLBACK_COMMAND,
  RollbackError,
  type PlannedClaim,
  type RollbackPlan,
  type RollbackStep,
  type RollbackWorld,
} from "./types";
import { retain, swap } from "./volumes";

/**
 * Does what a plan says, each step written down before it. Killed anywhere and called again with the plan of then, it
 * goes on: every step looks first whether it was done.
 *
 * @throws Error with the first reason; what was done until then stays, and the message says what holds
 */
export async function runRollback(
  plan: RollbackPlan,
  world: RollbackWorld,
  ports: RunPorts,
): Promise<PointRecord> {
  const { journal, onStep, signal, reporter } = ports;
  const prefix = plan.direction === "undo" ? "undo: " : "";
  let last = "nothing was changed";
  // What runs again is not stopped a second time.
  const isStarted = has(journal, "ended", `${prefix}start`);
  for (const step of plan.steps.filter(({ kind }) => !isStarted || kind === "resume")) {
    const name = `${prefix}${step.kind}`;
    const progress = reporter.progress(step.does);
    try {
      signal.throwIfAborted();
      onStep();
      await journal.begin(name, { count: step.objects.length });
      onStep();
      await doStep(step, plan, world, ports);
      onStep();
      await journal.end(name, { outcome: "done" });
      last = step.after;
      progress.done();
    } catch (error) {
      const { message } = error as Error;
      progress.fail(message);
      await journal.close("failed", { message }).catch(() => undefined);
      throw new RollbackError(
        `${message} The rollback stopped at: ${step.does}. Before it: ${last}. Run the command again to go on, or ` +
          `./atom rollback ${plan.point} --undo to go back to before.`,
      );
    }
  }
  for (const left of journal.pending().filter(({ command }) => command === ROLLBACK_COMMAND)) {
    await journal.settle(left, { outcome: "undone" });
  }
  await close(plan, ports);
  return journal.record;
}

/** Whether a step was begun, or ended, since the last rollback or undo of the point came to its end. */
function has({ record }: Journal, event: "begun" | "ended", name: string): boolean {
  const entries = record.journal.entries.filter(({ command }) => command === ROLLBACK_COMMAND);
  const over = entries.findLastIndex(
    (one) => one.event === "closed" && one.detail.outcome === "done",
  );
  return entries.slice(over + 1).some((one) => one.event === event && one.step === name);
}

async function doStep(
  step: RollbackStep,
  plan: RollbackPlan,
  world: RollbackWorld,
  ports: RunPorts,
): Promise<void> {
  const { client, journal, reporter } = ports;
  const { product } = world.site;
  switch (step.kind) {
    case "save":
      return save(world, ports);
    case "restore":
      return restoreVolumes(world, ports);
    case "bind":
      return bindMembers(world.bindable, world.sources, ports);
    case "retain":
      await inParallel(claimsNow(plan, ports), IN_FLIGHT, ({ from }) =>
        from === undefined ? Promise.resolve() : retain(from, ports),
      );
      return;
    case "pause":
      return pause(world, ports);
    case "stop": {
      // As it is now: what was started by the point's numbers is stopped with them, too.
      const { workloads } = await readStopWorld(client, product);
      const volumes = claimsNow(plan, ports).flatMap(({ from, to }) =>
        [from, to].flatMap((one) => one ?? []),
      );
      return withProgress(reporter, "Stopping the product", (progress) =>
        stopProduct(client, workloads.map(workloadOf), { ...ports, product, volumes, progress }),
      );
    }
    case "swap": {
      const { release } = await ports.target();
      await inParallel(claimsNow(plan, ports), IN_FLIGHT, async (claim) => {
        const what = `${plan.direction === "undo" ? "undo: " : ""}swap ${claim.namespace}/${claim.claim}`;
        await journal.begin(what, {
          claim: claim.claim,
          namespace: claim.namespace,
          ...(claim.to === undefined ? {} : { volume: claim.to }),
        });
        await swap(claim, release, ports);
        await journal.end(what, { outcome: "done" });
      });
      return;
    }
    case "objects":
      await writeObjects(
        await ports.target(),
        product,
        currentRollback(journal.record).paused,
        ports,
      );
      return;
    case "start": {
      const others = await startRelease((await ports.target()).release, product, ports);
      others.forEach((text) => reporter.warn(`Another image under the same tag: ${text}.`));
      return;
    }
    case "resume":
      return resume(plan, world, ports);
  }
}

/** The claims as the catalog has them now: the volumes that were restored since the plan was made are among them. */
function claimsNow(
  { direction, claims }: RollbackPlan,
  { journal }: RunPorts,
): readonly PlannedClaim[] {
  const known = currentRollback(journal.record).claims;
  return claims.map((planned) => {
    const { kept, made } = known.find((one) => isSame(one, planned)) ?? {};
    const [from, to] = direction === "back" ? [kept, made] : [made, kept];
    return { ...planned, from: from?.volume, to: to?.volume };
  });
}

const IN_FLIGHT = 16;

/** Stores the release of now; no more once the product was stopped, which has no replicas since. */
async function save(
  { site, record }: RollbackWorld,
  { client, journal, store }: RunPorts,
): Promise<void> {
  const rollback = currentRollback(journal.record);
  if (rollback.objects !== undefined) {
    if (has(journal, "begun", "stop")) {
      return;
    }
    // What was stored by a run of days ago may be another release by now.
    await journal.note("store anew", {}, (one) => withRollback(one, withoutObjects));
  }
  const collected = await collectRelease(client, site.product);
  const objects = await store.save(beforeKey(record.name, rollback.at), collected);
  await journal.note("stored", { digest: objects.digest }, (one) =>
    withRollback(one, (it) => ({ ...it, objects })),
  );
}

async function pause(world: RollbackWorld, { client, journal, onStep }: RunPorts): Promise<void> {
  const found = keepersToPause(await readStopWorld(client, world.site.product)).map(
    ({ apiVersion, kind, metadata: { namespace = "", name } }): PausedObject => ({
      apiVersion,
      kind,
      namespace,
      name,
    }),
  );
  const key = (one: PausedObject): string =>
    JSON.stringify([one.apiVersion, one.kind, one.namespace, one.name]);
  await journal.note("pausing", { count: found.length }, (record) =>
    withRollback(record, (it) => ({
      ...it,
      paused: [
        ...it.paused,
        ...found.filter((one) => !it.paused.some((other) => key(other) === key(one))),
      ],
    })),
  );
  for (const one of found) {
    onStep();
    await client.modify(one, FIELD_MANAGER, (live) => paused(live, true));
  }
}
