import { setTimeout as pause } from "node:timers/promises";

import type { ClusterClient } from "../clients/kubernetes/client";
import { volumeSnapshotName } from "../planning/names";
import type { PointRecord } from "../planning/pointRecord";
import type { Site } from "../planning/site";
import type { TakeQuestion, TakeLeftovers } from "./findTaken";
import { findTaken } from "./findTaken";
import type { RemovalOptions } from "./removeTaken";
import { RemovalError, removeTaken } from "./removeTaken";

/**
 * Looks, each after a removal. A controller may be about to make the content of a snapshot that is being deleted: with
 * the policy Retain nobody would ever remove it, and no point knows of it.
 */
const ROUNDS = 5;

/** How long controllers get to come to an end with what they had begun, in milliseconds. */
const SETTLE_MS = 1000;

/** What is looked for of a point: the marks, and the names that it gives. */
export function takeQuestion(
  { stack, snapshots: { className } }: Pick<Site, "stack" | "snapshots">,
  { name, volumes }: Pick<PointRecord, "name" | "volumes">,
): TakeQuestion {
  return {
    stack,
    point: name,
    className,
    snapshots: new Set(
      volumes.map(({ namespace, claim }) => `${namespace}/${volumeSnapshotName(name, claim)}`),
    ),
  };
}

export function isEmpty(leftovers: TakeLeftovers): boolean {
  const { groups, groupContents = [], snapshots, contents, vms } = leftovers;
  return [groups, groupContents, snapshots, contents, vms].every(({ length }) => length === 0);
}

/**
 * Removes everything that was taken for a point, also what comes into being meanwhile, and looks that nothing is left.
 * Repeatable after a kill at any moment; touches nothing without our mark.
 *
 * @throws RemovalError naming what does not go
 */
export async function undoTake(
  question: TakeQuestion,
  options: RemovalOptions & { readonly client: ClusterClient; readonly settleMs?: number },
): Promise<void> {
  const { client, vcenter, settleMs = SETTLE_MS } = options;
  for (let round = 0; round < ROUNDS; round += 1) {
    const leftovers = await findTaken(client, vcenter, question);
    if (isEmpty(leftovers)) {
      return;
    }
    await removeTaken(leftovers, options);
    await pause(settleMs);
  }
  throw new RemovalError(
    `Snapshots of restore point ${question.point} come into being faster than they are removed; another run is at work. ` +
      "Run the command again when it has ended.",
  );
}
