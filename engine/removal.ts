import type { Step } from "../drift/types";
import { EngineFailure } from "./failure";
import type { StateRepair } from "./repairState";
import type { StateDocument } from "./stateDocument";
import { entriesOf, isProvider } from "./stateDocument";

/**
 * Which entries leave the state before the rest of it is destroyed: all that stays live, and nothing that the steps do
 * not name. Protection and hooks of those entries then do not matter, because the engine does not know them any more.
 *
 * @throws EngineFailure when destroying the rest would delete what was not confirmed
 */
export function planRemoval(document: StateDocument, steps: readonly Step[]): StateRepair {
  const named = (kind: Step["kind"]): Set<string> =>
    new Set(steps.filter((step) => step.kind === kind).map(({ urn }) => urn));
  const [forgotten, deleted] = [named("forget"), named("delete")];
  const things = entriesOf(document).filter(({ custom, type }) => custom && !isProvider(type));
  const others = things.filter(({ urn }) => !forgotten.has(urn) && !deleted.has(urn));
  if (others.length > 0) {
    throw new EngineFailure(
      "failed",
      `The stack's state holds ${others.map(({ urn }) => urn).join(", ")}, whose removal was not confirmed. ` +
        "Nothing was changed; run the command again.",
    );
  }
  return {
    drop: things.filter(({ urn }) => forgotten.has(urn)).map(({ urn }) => urn),
    add: [],
    forgetPendingCreations: true,
  };
}
