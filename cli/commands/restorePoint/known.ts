import type { ClusterClient } from "../../../clients/kubernetes/client";
import { pointFilePath, readPointFile } from "../../../config/pointFile";
import { FolderSide, ledgerFolder } from "../../../restorepoint/catalog/folderSide";
import { siteLedger, type Ledger } from "../../../restorepoint/catalog/ledger";
import type { LedgerList } from "../../../restorepoint/catalog/pair";
import { LedgerError } from "../../../restorepoint/catalog/types";
import { ReleaseStore } from "../../../restorepoint/release/store";
import { PartFolder } from "../../../restorepoint/release/partFolder";
import { readLiveSnapshots, type LiveSnapshots } from "../../../restorepoint/liveSnapshots";
import { existsSync } from "node:fs";
import type { RestorePointFile } from "../../../planning/site";
import type { OpenAccess } from "../../../site/up/access";
import { UnknownError } from "../../exit";
import type { OpenStack } from "../../stack";

/** All that is known of a stack's points beside their files. */
export interface KnownPoints {
  readonly ledger: LedgerList;
  readonly liveSnapshots: LiveSnapshots;
}

/** Reads ledger and live systems; what cannot be read is said in the answer. */
export async function readKnown(
  stack: OpenStack,
  access: OpenAccess,
  points: readonly RestorePointFile[],
): Promise<KnownPoints> {
  const { cluster, vcenter } = access;
  const groupVersions = [...new Set(points.flatMap(({ groupVersion }) => groupVersion ?? []))];
  const [ledger, liveSnapshots] = await Promise.all([
    readLedger(stack, access),
    readLiveSnapshots({ cluster, vcenter, groupVersions }),
  ]);
  return { ledger, liveSnapshots };
}

async function readLedger(stack: OpenStack, { cluster }: OpenAccess): Promise<LedgerList> {
  if (cluster.state === "open") {
    return pointLedger(stack, cluster.client).list();
  }
  const { root, name, site } = stack;
  const why = cluster.state === "unknown" ? cluster.why : "The cluster was not opened.";
  // The copy off the cluster is what is left when there is no cluster any more.
  const replicas = await new FolderSide(ledgerFolder(root, site.ledgerDir, name), name).list();
  return {
    clusterUnread: why,
    points: [...replicas].map(([point, copy]) =>
      copy instanceof LedgerError
        ? { point, document: undefined, notes: [copy.message] }
        : { point, document: copy.document, notes: [] },
    ),
  };
}

export function pointLedger({ root, name, site }: OpenStack, client: ClusterClient): Ledger {
  const own = { client, stack: name, namespace: site.cluster.namespace };
  return siteLedger(own, { root, ledgerDir: site.ledgerDir }, () => new Date());
}

export function releaseStore({ root, name, site }: OpenStack, client: ClusterClient): ReleaseStore {
  const own = { client, stack: name, namespace: site.cluster.namespace };
  return new ReleaseStore(own, new PartFolder(ledgerFolder(root, site.ledgerDir, name)));
}

/** A point by name: on the stack's list, or taken off it already. */
export function findPoint(stack: OpenStack, name: string): RestorePointFile | undefined {
  const listed = stack.site.restorePoints.find((point) => point.name === name);
  if (listed !== undefined) {
    return listed;
  }
  const file = fileOf(stack, name);
  return existsSync(file) ? readPointFile(file) : undefined;
}

export function fileOf({ root, site, name: stack }: OpenStack, point: string): string {
  return pointFilePath(root, site.restorePointsDir, stack, point);
}

export function requireCluster({ cluster }: OpenAccess, what: string): ClusterClient {
  if (cluster.state !== "open") {
    const why = cluster.state === "unknown" ? cluster.why : "The cluster was not opened.";
    throw new UnknownError(`Cannot tell ${what}: ${why}`);
  }
  return cluster.client;
}
