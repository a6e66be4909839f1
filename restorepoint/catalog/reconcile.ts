import { printLedger } from "./document";
import type { LedgerDocument } from "./types";

/** What two copies of one ledger come to. `forked`: each has what the other lacks, and nobody may choose. */
export type Reconciled =
  | { readonly state: "none" }
  | { readonly state: "equal"; readonly document: LedgerDocument }
  | { readonly state: "copyNewer" | "clusterNewer"; readonly document: LedgerDocument }
  | { readonly state: "forked"; readonly sequence: number };

/**
 * Which of the copy off the cluster and the one in the cluster counts. The cluster's is older after etcd was lost or
 * reverted, or when a run was killed between the two writes; the copy is older when another machine ran.
 */
export function reconcile(
  copy: LedgerDocument | undefined,
  cluster: LedgerDocument | undefined,
): Reconciled {
  if (copy === undefined || cluster === undefined) {
    if (copy !== undefined) {
      return { state: "copyNewer", document: copy };
    }
    return cluster === undefined ? { state: "none" } : { state: "clusterNewer", document: cluster };
  }
  if (copy.sequence === cluster.sequence) {
    return printLedger(copy) === printLedger(cluster)
      ? { state: "equal", document: copy }
      : { state: "forked", sequence: copy.sequence };
  }
  const copyIsNewer = copy.sequence > cluster.sequence;
  const [newer, older] = copyIsNewer ? [copy, cluster] : [cluster, copy];
  return continues(newer, older)
    ? { state: copyIsNewer ? "copyNewer" : "clusterNewer", document: newer }
    : { state: "forked", sequence: older.sequence };
}

/** Whether the newer document went on from the older one. */
function continues(newer: LedgerDocument, older: LedgerDocument): boolean {
  const chain = older.entries.at(-1)?.chain;
  const same =
    newer.entries.find(({ sequence }) => sequence === older.sequence) ??
    newer.summaries.find(({ last }) => last === older.sequence);
  // Inside a summarised run single entries are not known any more; there the greater number has to do.
  const summarised = newer.summaries.some(
    ({ first, last }) => first <= older.sequence && older.sequence < last,
  );
  return same === undefined ? summarised : same.chain === chain;
}
