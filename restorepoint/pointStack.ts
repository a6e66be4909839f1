import { whyUnread, type Access } from "../clients/access";
import type { ClusterClient } from "../clients/kubernetes/client";
import type { Reporter } from "../clients/reporter";
import type { VcenterClient } from "../clients/vcenter/client";
import type { TaskWatch } from "../clients/vcenter/task";
import { killListener } from "../clients/killPoints";
import { withLease } from "../clients/kubernetes/lease";
import type { Engine } from "../engine/engine";
import { GRANT, missingRights, RIGHTS, rightsAt, type Use } from "../clients/kubernetes/rights";
import { isPointName } from "../config/pointFile";
import { UnknownError, UsageError } from "../planning/errors";
import { pointName } from "../planning/schema/forms";
import type { Site } from "../planning/site";
import { Catalog, siteCatalog } from "./catalog/catalog";
import { CatalogError } from "./catalog/errors";
import { catalogFolder, FolderSide } from "./catalog/folderSide";
import { ReleaseStore } from "./release/store";
import { unfinishedRollback } from "./rollback/record";
import { lastingNamespaces } from "./served";

/** What the commands on restore points need of an opened stack. */
export interface PointStack {
  /** Folder of Pulumi.yaml. */
  readonly root: string;
  readonly name: string;
  readonly isLab: boolean;
  readonly site: Site;
  /** Absolute path of the stack file. */
  readonly stackFile: { readonly path: string };
}

/** What a command on restore points works with. */
export interface PointSystems {
  readonly stack: PointStack;
  readonly cluster: Access<ClusterClient>;
  readonly vcenter: Access<VcenterClient>;
  readonly reporter: Reporter;
  /** Puts a question to the operator. */
  readonly ask: (question: string) => Promise<boolean>;
  /** Asks the command to stop: it abandons what it waits for, and cleans up. */
  readonly signal: AbortSignal;
}

/** The same for what deploys. */
export interface EngineSystems extends PointSystems {
  /** Opens the engine; called for points with VM snapshots only. */
  readonly engine: () => Promise<Engine>;
}

/**
 * The client of the stack's cluster, of a user who may do all that a command asks of it: half a restore point is none.
 *
 * @param what that cannot be told without it, e.g. `what may be removed`
 * @throws UnknownError when the cluster does not answer, ClusterError when it is another one than the stack file pins,
 *   Error naming every right that is missing; nothing was changed
 */
export async function requireCluster(
  { stack, cluster }: Pick<PointSystems, "stack" | "cluster">,
  what: string,
  use: Use,
): Promise<ClusterClient> {
  if (cluster.state !== "open") {
    throw new UnknownError(
      `It is unknown ${what}: ${whyUnread(cluster, "The cluster was not opened.")}`,
    );
  }
  const own = stack.site.cluster.namespace;
  const product = await lastingNamespaces(cluster.client, stack.site.product.namespaces);
  const rights = RIGHTS.filter(({ uses }) => uses.includes(use));
  const missing = await missingRights(cluster.client, rightsAt(rights, { own, product }));
  if (missing.length > 0) {
    throw new Error([...missing, `Nothing was changed. ${GRANT}`].join("\n"));
  }
  return cluster.client;
}

/**
 * A name from a person, before it becomes a part of a path, an object's name or a label.
 *
 * @throws UsageError when it could not be the name of a restore point
 */
export function requirePointName(name: string): void {
  if (!isPointName(name)) {
    throw new UsageError(
      `${JSON.stringify(name)} is no name of a restore point. Allowed: ${String(pointName["form"])}. Nothing was changed.`,
    );
  }
}

/**
 * Does the changing part of a command alone: no other machine's command works on the stack's points meanwhile.
 *
 * @throws Error while a rollback is not ended, which needs its snapshots and claims, for every other command
 */
export function alone<T>(
  { stack, reporter, signal }: PointSystems,
  client: ClusterClient,
  work: (signal: AbortSignal) => Promise<T>,
  { during }: { readonly during?: "rollback" } = {},
): Promise<T> {
  const { namespace } = stack.site.cluster;
  const request = {
    namespace,
    stack: stack.name,
    signal,
    onWait: (text: string) => reporter.info(text),
  };
  return withLease(client, request, async (held) => {
    if (during === undefined) {
      await requireNoRollback(stack, client);
    }
    return work(held);
  });
}

/**
 * The same with the catalog. Where the cluster is lost, nothing can be held or written there: then with the catalog's copy
 * off the cluster alone.
 */
export function aloneIfThere<T>(
  systems: PointSystems,
  client: ClusterClient | undefined,
  work: (signal: AbortSignal, catalog: Catalog) => Promise<T>,
): Promise<T> {
  const { stack, reporter, signal } = systems;
  if (client !== undefined) {
    return alone(systems, client, (held) => work(held, pointCatalog(stack, client)));
  }
  reporter.warn("No lease keeps other machines' commands off meanwhile: see that none runs.");
  return work(signal, copyCatalog(stack));
}

async function requireNoRollback(stack: PointStack, client: ClusterClient): Promise<void> {
  const listed = pointCatalog(stack, client).list();
  const { points } = await listed.catch((error: unknown) => {
    if (error instanceof CatalogError) {
      // Whoever has to write into it says so; who starts the product again need not.
      return { points: [] };
    }
    throw error;
  });
  const left = unfinishedRollback(points.flatMap(({ record }) => record ?? []));
  if (left !== undefined) {
    const { name } = left.point;
    throw new Error(
      `A rollback to ${name} was begun at ${left.rollback.at} and not ended: run ./atom rollback ${name} again, or with ` +
        "--undo. Nothing was changed.",
    );
  }
}

/** How long a task of vCenter may take. */
export function taskLimit({ virtualMachines }: Site): TaskWatch {
  return { timeoutMs: (virtualMachines?.apiTimeoutMinutes ?? 60) * 60_000 };
}

/** Ends the process at a numbered moment; in the lab only, for its tests. */
export function killPoint(stack: PointStack): () => void {
  return killListener(stack);
}

export function pointCatalog(stack: PointStack, client: ClusterClient): Catalog {
  const { root, name, site } = stack;
  const own = { client, stack: name, namespace: site.cluster.namespace };
  return siteCatalog(
    own,
    { root, catalogDir: site.catalogDir },
    () => new Date(),
    killPoint(stack),
  );
}

/** The catalog's copy off the cluster alone; the cluster's is brought up to date by the next command. */
export function copyCatalog(stack: PointStack): Catalog {
  const { root, name, site } = stack;
  const side = new FolderSide(catalogFolder(root, site.catalogDir, name), name);
  return new Catalog(side, side, { now: () => new Date(), onWrite: killPoint(stack) });
}

export function releaseStore(
  { root, name, site }: PointStack,
  client: ClusterClient,
): ReleaseStore {
  const own = { client, stack: name, namespace: site.cluster.namespace };
  return new ReleaseStore(own, catalogFolder(root, site.catalogDir, name));
}
