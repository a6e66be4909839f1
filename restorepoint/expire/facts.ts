import type { PointFacts } from "../../planning/expiry";
import { vmMembers } from "../../planning/pointMembers";
import type { PointRecord } from "../../planning/pointRecord";
import { provenAt } from "../catalog/proof";
import type { LiveSnapshots } from "../liveSnapshots";

/** The command, as the journal names it. */
export const EXPIRE_COMMAND = "restore-point expire";

/** What catalog and vCenter say of points beside their state. */
export function pointFacts(
  points: readonly PointRecord[],
  { vcenter }: Pick<LiveSnapshots, "vcenter">,
): (name: string) => PointFacts {
  const handles = new Set(
    vcenter.state === "read"
      ? vcenter.value.flatMap(({ snapshots }) => snapshots.map(({ reference }) => reference))
      : [],
  );
  const facts = new Map(
    points.map((point): [string, PointFacts] => [
      point.name,
      {
        provenAt: provenAt(point),
        remaining: vmMembers(point)
          .filter(({ expiredAt, handle }) => expiredAt !== undefined && handles.has(handle))
          .map(({ node }) => node),
        unfinished: isUnfinished(point),
      },
    ]),
  );
  return (name) => facts.get(name) ?? { provenAt: undefined, remaining: [], unfinished: false };
}

/** The removal of the whole point was begun, and something of it is still to be done. */
export function isUnfinished({ state, journal }: PointRecord): boolean {
  if (state === "expiring") {
    return true;
  }
  const runs = journal.entries.filter(({ command }) => command === EXPIRE_COMMAND);
  const whole = runs.findLast(({ event, step }) => event === "begun" && step === WHOLE);
  const end = runs.findLast(({ event, detail }) => event === "closed" && detail.outcome === "done");
  return whole !== undefined && (end === undefined || end.sequence < whole.sequence);
}

/** Step that only the removal of a whole point has. */
export const WHOLE = "remove release objects";
