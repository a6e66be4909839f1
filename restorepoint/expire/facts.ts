import type { PointFacts } from "../../planning/expiry";
import { vmMembers } from "../../planning/pointMembers";
import type { RestorePointFile } from "../../planning/site";
import type { LedgerList } from "../catalog/pair";
import { provenAt } from "../catalog/proof";
import type { LedgerDocument } from "../catalog/types";
import type { LiveSnapshots } from "../liveSnapshots";
import { EXPIRE_COMMAND } from "./expirePoint";

/** Facts of points, and what of them could not be found out. */
export interface KnownFacts {
  readonly of: (name: string) => PointFacts;
  /**
   * For people; while there is one nothing may be removed by `retention`, since the newest proven point may be another
   * than it seems.
   */
  readonly unknown: readonly string[];
}

/** What ledger and vCenter say of the points beside their files. */
export function knownFacts(
  points: readonly RestorePointFile[],
  ledger: LedgerList,
  { vcenter }: Pick<LiveSnapshots, "vcenter">,
): KnownFacts {
  const documents = new Map(ledger.points.map((one) => [one.point, one]));
  const damaged = points.flatMap(({ name }) => {
    const known = documents.get(name);
    return known !== undefined && known.document === undefined ? known.notes : [];
  });
  const handles = new Set(
    vcenter.state === "read"
      ? vcenter.value.flatMap(({ snapshots }) => snapshots.map(({ reference }) => reference))
      : [],
  );
  const facts = new Map(
    points.map((point): [string, PointFacts] => {
      const document = documents.get(point.name)?.document;
      return [
        point.name,
        {
          provenAt: document === undefined ? undefined : provenAt(document.catalogue),
          remaining: vmMembers(point)
            .filter(({ expiredAt, handle }) => expiredAt !== undefined && handles.has(handle))
            .map(({ node }) => node),
          unfinished: isUnfinished(point, document),
        },
      ];
    }),
  );
  return {
    of: (name) => facts.get(name) ?? { provenAt: undefined, remaining: [], unfinished: false },
    unknown: [
      ...damaged,
      ...(ledger.clusterUnread === undefined ? [] : [`Ledger: ${ledger.clusterUnread}`]),
    ],
  };
}

/** The removal of the whole point was begun, and something of it is still to be done. */
export function isUnfinished(
  point: RestorePointFile,
  document: LedgerDocument | undefined,
): boolean {
  if (point.state === "expiring") {
    return true;
  }
  const runs = (document?.entries ?? []).filter(({ command }) => command === EXPIRE_COMMAND);
  const whole = runs.findLast(({ event, step }) => event === "begun" && WHOLE.includes(step));
  const end = runs.findLast(({ event, detail }) => event === "closed" && detail.outcome === "done");
  return whole !== undefined && (end === undefined || end.sequence < whole.sequence);
}

/** Steps that only the removal of a whole point has; the last one ends what a listed, expired point still needs. */
const WHOLE: readonly string[] = ["mark expiring", "remove release objects", "settle record"];
