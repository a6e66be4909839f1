import { recordDigest } from "./record";
import type { PointRecord } from "../../planning/pointRecord";

/** What two copies of one record come to. `forked`: each has what the other lacks, and nobody may choose. */
export type Reconciled =
  | { readonly state: "none" }
  | { readonly state: "equal"; readonly document: PointRecord }
  | { readonly state: "copyNewer" | "clusterNewer"; readonly document: PointRecord }
  | { readonly state: "forked"; readonly sequence: number };

/**
 * Which of the copy off the cluster and the one in the cluster counts. The cluster's is older after etcd was lost or
 * reverted, or when a run was killed between the two writes; the copy is older when another machine ran.
 */
export function reconcile(
  copy: PointRecord | undefined,
  cluster: PointRecord | undefined,
): Reconciled {
  if (copy === undefined || cluster === undefined) {
    if (copy !== undefined) {
      return { state: "copyNewer", document: copy };
    }
    return cluster === undefined ? { state: "none" } : { state: "clusterNewer", document: cluster };
  }
  if (copy.journal.sequence === cluster.journal.sequence) {
    return recordDigest(copy) === recordDigest(cluster)
      ? { state: "equal", document: copy }
      : { state: "forked", sequence: copy.journal.sequence };
  }
  const copyIsNewer = copy.journal.sequence > cluster.journal.sequence;
  const [newer, older] = copyIsNewer ? [copy, cluster] : [cluster, copy];
  return continues(newer, older)
    ? { state: copyIsNewer ? "copyNewer" : "clusterNewer", document: newer }
    : { state: "forked", sequence: older.journal.sequence };
}

/** Whether the newer document went on from the older one. */
function continues(newer: PointRecord, older: PointRecord): boolean {
  const chain = older.journal.entries.at(-1)?.chain;
  const same =
    newer.journal.entries.find(({ sequence }) => sequence === older.journal.sequence) ??
    newer.journal.summaries.find(({ last }) => last === older.journal.sequence);
  // Inside a summarised run single entries are not known any more; there the greater number has to do.
  const summarised = newer.journal.summaries.some(
    ({ first, last }) => first <= older.journal.sequence && older.journal.sequence < last,
  );
  return same === undefined ? summarised : same.chain === chain;
}
