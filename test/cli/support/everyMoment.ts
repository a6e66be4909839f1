import { ok } from "node:assert/strict";

/** More moments than a run has: one that reaches its end proves that all were tried. */
const LIMIT = 400;

/** Tries only every n-th moment, from the first; for a part of a sweep where the whole takes too long. Default 1. */
const EVERY = Number(process.env["ATOM_KILL_EVERY"] ?? 1);

/**
 * Kills a command at one moment after another, until a run reaches its end, and prints at how many.
 *
 * @param kill tells whether the run was killed, or reached its end before the moment came
 * @param first number of the first moment
 */
export async function atEveryMoment(
  kill: (moment: number) => Promise<boolean>,
  { first = 1, step = 1 }: { readonly first?: number; readonly step?: number } = {},
): Promise<void> {
  let tried = 0;
  while (tried < LIMIT && (await kill(first + tried * step * EVERY))) {
    tried += 1;
  }
  ok(tried > 0 && tried < LIMIT, `${tried} moments`);
  const part = step * EVERY === 1 ? "" : `, every ${step * EVERY}th`;
  console.log(`        killed at ${tried} moments${part}`);
}
