import { setTimeout as pause } from "node:timers/promises";

import type { ClusterClient } from "../clients/kubernetes/client";
import { findTaken, type TakeQuestion } from "./findTaken";
import { removeTaken, type RemovalOptions } from "./removeTaken";

/**
 * Looks, each after a removal. A controller may be about to make the content of a snapshot that is being deleted: with
 * the policy Retain nobody would ever remove it, and no point knows of it.
 */
const ROUNDS = 5;

/** How long controllers get to come to an end with what they had begun, in milliseconds. */
const SETTLE_MS = 1000;

/**
 * Removes everything that was taken for a point, also what comes into being meanwhile, and looks that nothing is left.
 * Repeatable after a kill at any moment; touches nothing without our mark.
 *
 * @throws Error naming what does not go
 */
export async function undoTake(
  question: TakeQuestion,
  options: RemovalOptions & { readonly client: ClusterClient; readonly settleMs?: number },
): Promise<void> {
  const { client, vcenter, settleMs = SETTLE_MS } = options;
  for (let round = 0; round < ROUNDS; round += 1) {
    const leftovers = await findTaken(client, vcenter, question);
    if (Object.values(leftovers).every(({ length }: readonly unknown[]) => length === 0)) {
      return;
    }
    await removeTaken(leftovers, options);
    await pause(settleMs);
  }
  throw new Error(
    `Snapshots of restore point ${question.point.name} come into being faster than they are removed; another run is at work. ` +
      "Run the command again when it has ended.",
  );
}
