import type { ClusterClient } from "../../../cluster/client";
import { killListener } from "../../../operations/deploy/killPoints";
import { siteLedger, type Ledger } from "../../../operations/ledger/ledger";
import { labelClaims } from "../../../operations/restorePoint/claimLabels";
import type { RestorePointFile } from "../../../planning/site";
import type { OpenStack } from "../../stack";

/** The ledger that `create` writes. */
export function pointLedger({ root, name, site }: OpenStack, client: ClusterClient): Ledger {
  const kill = killListener();
  return siteLedger(
    { client, stack: name, namespace: site.cluster.namespace },
    { root, ledgerDir: site.ledgerDir },
    () => new Date(),
    () => kill("begun", ""),
  );
}

/** Labels the point's claims, or takes the labels off, where it is cut by groups. */
export function claimLabeller(
  client: ClusterClient,
  { groupVersion, volumes, name }: RestorePointFile,
): (wanted: boolean) => Promise<void> {
  return (wanted) =>
    groupVersion === undefined ? Promise.resolve() : labelClaims(client, volumes, name, wanted);
}
