import { editStackText, writeStackFile } from "../../config/stackFile";
import type { Engine } from "../../engine/engine";
import { requireSame, type Action } from "../action";
import type { OpenStack } from "../stack";
import type { OpenAccess } from "../up/access";
import { readAll, type Reading } from "../up/reading";
import { labelObjects } from "./labelObjects";
import { planAdopt, type AdoptPlan } from "./planAdopt";

/** What can be taken over, and what was read for it. */
interface Adoption extends AdoptPlan {
  readonly reading: Reading;
}

/** Reads what lives and says what of it can be taken over; changes nothing. */
export async function readAdoption(
  stack: OpenStack,
  engine: Engine,
  access: OpenAccess,
  differing: boolean,
): Promise<Adoption> {
  const reading = await readAll(stack, engine, access);
  const points = stack.site.restorePoints;
  return { reading, ...planAdopt({ ...reading, points, differing }) };
}

/**
 * Brings what was confirmed into the stack's state. On the objects nothing is changed but owner labels that are missing.
 *
 * @throws Error when something else would be taken over now; nothing was changed then
 */
export async function adoptPlanned(
  stack: OpenStack,
  confirmed: AdoptPlan,
  engine: Engine,
  access: OpenAccess,
  differing: boolean,
): Promise<void> {
  const { labels, actions, reading } = await readAdoption(stack, engine, access, differing);
  requireSame(confirmed.actions, actions);
  const file = stack.stackFile.path;
  if (stack.edits.length > 0) {
    writeStackFile(file, editStackText(stack.stackFile, [...stack.edits]));
  }
  if (labels.size > 0 && access.cluster.state === "open") {
    await labelObjects(access.cluster.client, reading.desired, labels);
  }
  // Entries of the state need their provider and their component there, which only the engine can make.
  const targets = reading.desired.registrations
    .filter(({ custom, isProvider, parent }) => isProvider || (!custom && parent !== undefined))
    .map(({ urn }) => urn);
  await engine.preview({ file, targets });
  await engine.up({ file, targets });
  await engine.editState(reading.desired.registrations, { imports: idsOf(actions) });
}

function idsOf(actions: readonly Action[]): ReadonlyMap<string, string> {
  return new Map(
    actions.flatMap(({ kind, urn, id }) =>
      kind === "import" && id !== undefined ? [[urn, id] as const] : [],
    ),
  );
}
