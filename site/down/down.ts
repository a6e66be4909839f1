import type { Engine } from "../../engine/engine";
import { listed } from "../../planning/words";
import { requireSame, type Action } from "../action";
import type { OpenStack } from "../stack";
import type { OpenAccess } from "../up/access";
import { readAll } from "../up/reading";
import { planDown } from "./planDown";

/** What removing the stack's declarations would do; changes nothing. */
export async function readRemoval(
  stack: OpenStack,
  engine: Engine,
  access: OpenAccess,
): Promise<readonly Action[]> {
  return planDown({
    ...(await readAll(stack, engine, access)),
    points: stack.site.restorePoints,
  });
}

/**
 * Takes what stays out of the state, so that the engine does not know it any more, then destroys the rest.
 *
 * @throws Error when something else would be removed now, nothing was changed then; or when something is still there
 */
export async function removeStack(
  stack: OpenStack,
  confirmed: readonly Action[],
  engine: Engine,
  access: OpenAccess,
): Promise<void> {
  const { site, stackFile } = stack;
  const reading = await readAll(stack, engine, access);
  requireSame(confirmed, planDown({ ...reading, points: site.restorePoints }));
  const remove = confirmed.filter(({ kind }) => kind === "removeFromState").map(({ urn }) => urn);
  await engine.editState(reading.desired.registrations, { remove, forgetPendingCreations: true });
  await engine.destroy(stackFile.path);
  // What counts is what the API server says afterwards.
  const left = await readRemoval(stack, engine, access);
  if (left.length > 0) {
    const objects = listed(left.map(({ object }) => object));
    throw new Error(`Still there: ${objects}. Run ./atom down again to go on from here.`);
  }
}
