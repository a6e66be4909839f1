import type { ClusterClient } from "../../clients/kubernetes/client";
import { alone, pointCatalog, requireCluster, type EngineSystems } from "../pointStack";
import { expirePoint } from "./expirePoint";
import type { ExpiryPlan } from "./planExpiry";
import { EXPIRE_COMMAND, reviewExpiry, type ExpiryReview } from "./reviewExpiry";

export interface ExpireRequest {
  /** Undefined: all that is due. */
  readonly name: string | undefined;
  /** Only show what would be removed. */
  readonly dryRun: boolean;
  /** Seconds that every wait may take; default 300. */
  readonly timeoutSeconds?: number | undefined;
  /** Moment that dues are judged at; default now. */
  readonly now?: Date | undefined;
}

export interface Expired {
  readonly result: "removed" | "nothing" | "preview" | "declined" | "refused" | "unknown" | "waits";
  readonly review: ExpiryReview;
  /** What was not removed, in sentences. */
  readonly left: readonly string[];
}

/**
 * Removes restore points, or what of them is due: shown, asked for, read and judged anew while no other command works on
 * the stack's points, and repeatable after any kill. What fails of one point holds up no other.
 *
 * @throws Error when something changed between question and answer, or with the first thing that does not go
 */
export async function expirePoints(
  request: ExpireRequest,
  systems: EngineSystems,
): Promise<Expired> {
  const { reporter } = systems;
  const client = await requireCluster(systems, "what may be removed", "expire");
  const review = await reviewExpiry(systems, request.name, request.now);
  const end = (result: Expired["result"], text: string): Expired => {
    reporter.info(text);
    return { result, review, left: [] };
  };
  review.lines.forEach((line) => reporter.info(line));
  if (review.against.length > 0) {
    review.against.forEach((line) => reporter.warn(line));
    return end(review.unknown ? "unknown" : "refused", "Nothing was changed.");
  }
  if (review.ready.length === 0) {
    return review.plans.length > 0
      ? end("waits", "Nothing can be removed now.")
      : end("nothing", request.name === undefined ? "Nothing is due." : "Nothing was changed.");
  }
  if (request.dryRun) {
    return end("preview", "Nothing was changed: this was a dry run.");
  }
  const what = review.ready.map(({ point }) => point.name).join(", ");
  if (!(await systems.ask(`Remove this of ${what} for good? It cannot be brought back.`))) {
    return end("declined", "Nothing was changed.");
  }
  return alone(systems, client, async (signal) => {
    const now = await reviewExpiry(systems, request.name, request.now);
    if (JSON.stringify(review.lines) !== JSON.stringify(now.lines) || now.against.length > 0) {
      throw new Error(
        "Something changed between preview and removal; nothing was removed. Run the command again and look at the new preview.",
      );
    }
    const left: string[] = [];
    const failed: Error[] = [];
    for (const plan of now.ready) {
      try {
        left.push(...(await removeOne(plan, request, { ...systems, signal }, client)));
      } catch (error) {
        signal.throwIfAborted();
        failed.push(error as Error);
      }
    }
    const [first, ...others] = failed;
    if (first !== undefined) {
      throw others.length === 0 ? first : new Error(failed.map((one) => one.message).join(" "));
    }
    return { result: "removed", review: now, left };
  });
}

async function removeOne(
  plan: ExpiryPlan,
  { timeoutSeconds }: ExpireRequest,
  systems: EngineSystems,
  client: ClusterClient,
): Promise<readonly string[]> {
  const { stack, reporter } = systems;
  const { point, scope } = plan;
  const catalog = pointCatalog(stack, client);
  const journal = await catalog.open(point, EXPIRE_COMMAND);
  const limitMs = timeoutSeconds && timeoutSeconds * 1000;
  const left = await expirePoint(plan, { ...systems, client, journal, limitMs });
  if (scope === "point" && point.takenAt === undefined) {
    // Nothing was ever taken, so that there is nothing to remember.
    await catalog.remove(point.name);
  }
  reporter.info(
    scope === "point"
      ? `Restore point ${point.name} is removed.`
      : plan.waiting.length > 0
        ? `VM snapshots of restore point ${point.name} are removed, but of ${plan.waiting.join(", ")}.`
        : `The VM snapshots of restore point ${point.name} are removed; the point stays with its volumes.`,
  );
  left.forEach((line) => reporter.warn(`not removed: ${line}`));
  return left;
}
