import { isPromised } from "../../planning";
import type { Loss, SurvivalTable, Verdict } from "../../planning/plan";
import type { Tone } from "./markup";

/** How a verdict is told to people: one tone, one phrase. */
export interface VerdictWords {
  readonly tone: Tone;
  readonly text: string;
}

export function verdictWords(verdict: Verdict, promised: SurvivalTable["promised"]): VerdictWords {
  if (!verdict.survived) {
    return isPromised(verdict.loss, promised)
      ? { tone: "bad", text: "not survived" }
      : { tone: "bad", text: "not survived, not promised" };
  }
  return verdict.unattended
    ? { tone: "good", text: "survived" }
    : { tone: "warn", text: "survived by hand" };
}

/** The verdict over all promised losses, for the head of the page. */
export function overallVerdict(survival: SurvivalTable): VerdictWords {
  const promised = survival.verdicts.filter(({ loss }) => isPromised(loss, survival.promised));
  const broken = promised.filter(({ survived }) => !survived);
  const loss = survival.promised === "site" ? "any one node or site" : "any one node";
  if (promised.length === 0) {
    return { tone: "bad", text: "No loss was looked at, so nothing is known about survival" };
  }
  if (broken.length > 0) {
    return {
      tone: "bad",
      text: `Does not survive ${broken.length} of ${promised.length} promised losses`,
    };
  }
  return promised.every(({ unattended }) => unattended)
    ? { tone: "good", text: `Survives the loss of ${loss}, unattended` }
    : { tone: "warn", text: `Survives the loss of ${loss}, but fail-over needs a person` };
}

const toneOrder: readonly Tone[] = ["bad", "warn", "good", "calm"];
const lossOrder: readonly Loss["kind"][] = [
  "site",
  "witness",
  "datastore",
  "host",
  "node",
  "link",
  "sites",
  "nodeAndWitness",
  "nodes",
];

/** What needs attention first; within it sites before nodes; otherwise in the order of the plan. */
export function sortedVerdicts(survival: SurvivalTable): readonly Verdict[] {
  const rank = (verdict: Verdict): number =>
    toneOrder.indexOf(verdictWords(verdict, survival.promised).tone) * lossOrder.length +
    lossOrder.indexOf(verdict.loss.kind);
  return [...survival.verdicts].sort((one, other) => rank(one) - rank(other));
}
