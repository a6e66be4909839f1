import type { ClusterClient } from "../../../clients/kubernetes/client";
import { killListener } from "../../../drift/killPoints";
import { siteLedger, type Ledger } from "../../../restorepoint/catalog/ledger";
import { labelClaims } from "../../../restorepoint/claimLabels";
import type { RestorePointFile } from "../../../planning/site";
import type { OpenStack } from "../../../site/stack";

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
