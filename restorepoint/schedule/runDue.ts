import { UnknownError } from "../../planning/errors";
import { surplusImages } from "../../planning/nodeImages";
import type { PointCycle } from "../../planning/pointRecord";
import { takesVms, takesVolumes, type DueRun } from "../../planning/windows";
import { expirePoints } from "../expire/expirePoints";
import type { ExpiryPlan } from "../expire/planExpiry";
import { removeOldImages } from "../images/removeOldImages";
import { takeImages } from "../images/takeImages";
import { readPoints } from "../knownPoints";
import { createRestorePoint, type CreatePorts } from "../take/createPoint";
import type { PointWish } from "../take/draft";
import { alone, pointCatalog, requireCluster } from "../pointStack";
import { cyclesOf, oldRecords, type Cycle } from "./cycles";
import { MACHINE_UUID_FILE, machineUuid, nodeOf } from "./ownMachine";

/** What one part of a run came to. */
export interface DuePart {
  /** Name of the point or run, `expiry`, `old records` or `old images`. */
  readonly what: string;
  /** `left`: what was due could not be done now, and is due again. */
  readonly result: "done" | "nothing" | "declined" | "left";
  /** What stood against it; for people. */
  readonly error: unknown;
}

interface Due extends DueRun, Pick<Cycle, "schedule" | "window"> {}

/**
 * Does what is due now, once: takes the points of cycles whose windows are open, brings to their end those that were
 * interrupted, and removes what has ended. Points of volumes alone come first, since removing VM snapshots may take
 * hours; those with VMs come after that, since an overdue VM snapshot stands against a new one; images of node VMs come last, and
 * older ones end once they are there. What fails holds up nothing else.
 *
 * Each part works alone on the stack's points, and looks again what is there before it does anything: started twice at
 * once, or again after a kill, there is one result.
 *
 * @param machineFile where this machine's UUID stands
 * @throws UnknownError when cluster or catalog cannot be read; nothing was changed
 */
export async function runDue(
  ports: CreatePorts,
  now: Date,
  machineFile = MACHINE_UUID_FILE,
): Promise<readonly DuePart[]> {
  const { site } = ports.stack;
  const known = await readPoints(ports);
  if (known.unknown.length > 0) {
    throw new UnknownError(`It is unknown what is due: ${known.unknown.join(" ")}`);
  }
  const due = cyclesOf(site, known, now)
    .flatMap(({ schedule, window, status }) =>
      status.due.map((run): Due => ({ ...run, schedule, window })),
    )
    .sort((one, other) => one.start.getTime() - other.start.getTime());
  const parts: DuePart[] = [];
  for (const run of due.filter(({ schedule }) => schedule.takes === "volumes")) {
    parts.push(await attempt(run.point, ports, () => take(run, ports)));
  }
  parts.push(await attempt("expiry", ports, () => expire(ports, now)));
  const old = oldRecords(known, now);
  if (old.length > 0) {
    parts.push(await attempt("old records", ports, () => forget(old, ports)));
  }
  for (const run of due.filter(({ schedule }) => takesVms(schedule))) {
    parts.push(
      await attempt(run.point, ports, () => {
        requireOther(ports, machineFile);
        return take(run, ports);
      }),
    );
  }
  for (const run of due.filter(({ schedule }) => schedule.takes === "images")) {
    parts.push(await attempt(run.point, ports, () => takeImages(run.point, cycleOf(run), ports)));
  }
  const { keep } = site.nodeBackups.images ?? {};
  if (keep !== undefined && surplusImages((await readPoints(ports)).images, keep).length > 0) {
    parts.push(await attempt("old images", ports, () => removeOldImages(ports)));
  }
  return parts;
}

async function attempt(
  what: string,
  { reporter, signal }: CreatePorts,
  work: () => Promise<DuePart["result"]>,
): Promise<DuePart> {
  if (signal.aborted) {
    return { what, result: "left", error: signal.reason };
  }
  try {
    return { what, result: await work(), error: undefined };
  } catch (error) {
    reporter.warn(`${what}: ${(error as Error).message}`);
    return { what, result: "left", error };
  }
}

function cycleOf({ start, schedule: { name, takes }, window: { owner, change } }: Due): PointCycle {
  return { name, start: start.toISOString(), takes, owner, change };
}

async function take(run: Due, ports: CreatePorts) {
  const { point, end, schedule } = run;
  const { consistency, keepDays } = schedule;
  // What was begun goes on as its record has it.
  const fresh: PointWish =
    end === undefined
      ? {}
      : {
          expires: `${keepDays * 24}h`,
          ...(consistency === undefined ? {} : { consistency }),
          ...(takesVolumes(schedule) ? {} : { consistency: "crash" }),
        };
  const wish = {
    ...fresh,
    cycle: cycleOf(run),
    virtualMachines: takesVms(schedule) ? "all" : "none",
  };
  const { state } = await createRestorePoint({ name: point, wish }, ports);
  switch (state) {
    case "refused":
      return "left";
    case "declined":
      return "declined";
    case "unchanged":
    case "taken":
      return "done";
  }
}

async function expire(ports: CreatePorts, now: Date): Promise<DuePart["result"]> {
  const { result, review } = await expirePoints({ name: undefined, dryRun: false, now }, ports);
  const waits = review.plans.length > review.ready.length || review.plans.some(isPart);
  switch (result) {
    case "nothing":
    case "declined":
      return result;
    case "removed":
      return waits ? "left" : "done";
    default:
      return "left";
  }
}

async function forget(names: readonly string[], ports: CreatePorts): Promise<DuePart["result"]> {
  const client = await requireCluster(ports, "which records there are", "expire");
  await alone(ports, client, async () => {
    for (const name of names) {
      await pointCatalog(ports.stack, client).remove(name);
    }
  });
  return "done";
}

function isPart({ waiting }: ExpiryPlan): boolean {
  return waiting.length > 0;
}

/** A VM that is held up while its own snapshot is taken cannot end what it has begun. */
function requireOther({ stack: { site }, reporter }: CreatePorts, file: string): void {
  const uuid = machineUuid(file);
  const own = nodeOf(uuid ?? "", site.virtualMachines?.nodes ?? []);
  if (uuid === undefined) {
    reporter.warn(
      `Whether this machine is one of the VMs that are taken is unknown: ${file} cannot be read. Run the command as root, or see to it that it runs elsewhere.`,
    );
  } else if (own !== undefined && own.role !== "controlPlane") {
    throw new Error(
      `This machine is the VM of node ${own.name}, whose snapshot is to be taken: run the command on another machine. Nothing was changed.`,
    );
  }
}
