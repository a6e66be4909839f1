import type { PointFacts } from "../../planning/expiry";
import type { PointRecord } from "../../planning/pointRecord";
import type { LiveSnapshots } from "../liveSnapshots";
import { presenceOf, provenAt } from "../presence";

/** The command, as the journal names it. */
export const EXPIRE_COMMAND = "restore-point expire";

/** What catalog and live systems say of points beside their state. */
export function pointFacts(
  points: readonly PointRecord[],
  live: LiveSnapshots,
): (name: string) => PointFacts {
  const facts = new Map(
    points.map((point): [string, PointFacts] => {
      const seen = point.members.map((member) => ({
        member,
        presence: presenceOf(member, point, live).presence,
      }));
      return [
        point.name,
        {
          provenAt: provenAt(point, live.cluster),
          broken: seen.some(
            ({ member: { kind }, presence }) =>
              kind === "volume" && (presence === "missing" || presence === "lost"),
          ),
          remaining: seen.flatMap(({ member, presence }) =>
            member.kind === "virtualMachine" && presence === "left" ? [member.node] : [],
          ),
          unfinished: isUnfinished(point),
        },
      ];
    }),
  );
  return (name) =>
    facts.get(name) ?? { provenAt: undefined, broken: false, remaining: [], unfinished: false };
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
