import { ClusterError } from "../../clients/kubernetes/error";
import { canonicalJson } from "../../config/canonicalJson";
import { compareText } from "../../planning/words";
import { compact } from "./entries";
import { CONFIG_MAP_BYTES } from "./clusterSide";
import { printRecord } from "./record";
import { reconcile, type Reconciled } from "./reconcile";
import type { CatalogSide, StoredRecord } from "./side";
import type { PointRecord } from "../../planning/pointRecord";
import { CatalogConflict, CatalogError } from "./errors";

/** A point's record as both places have it. */
export interface ListedRecord {
  readonly point: string;
  /** Undefined when no place has one that can be used. */
  readonly record: PointRecord | undefined;
  /** Whether the cluster alone calls something of it proven; what it says is not in the record. */
  readonly claimsProof: boolean;
  /** What is wrong or differs, in sentences; empty when both places agree. */
  readonly notes: readonly string[];
}

export interface CatalogList {
  /** By name of the point. */
  readonly points: readonly ListedRecord[];
  /** Why the cluster's side could not be read; undefined when it was. */
  readonly clusterUnread: string | undefined;
}

/** The two places of the catalog, kept equal. The copy off the cluster is always written first. */
export class MirroredCatalog {
  constructor(
    readonly copy: CatalogSide,
    readonly cluster: CatalogSide,
  ) {}

  /**
   * The newer of a point's two records; writes nothing, so that a command at work on the point is not disturbed.
   *
   * @throws CatalogError when one is damaged, or both went different ways; ClusterError when the cluster does not answer
   */
  async read(point: string): Promise<PointRecord | undefined> {
    return (await this.stored(point))?.document;
  }

  /** The same with what a write has to name. */
  async stored(point: string): Promise<StoredRecord | undefined> {
    const [copy, cluster] = [await this.copy.read(point), await this.cluster.read(point)];
    const reconciled = reconcile(copy?.document, cluster?.document);
    if (reconciled.state === "forked") {
      throw new CatalogError(this.forked(point, reconciled));
    }
    return "document" in reconciled
      ? { document: believed(reconciled.document, copy?.document), token: cluster?.token }
      : undefined;
  }

  /**
   * Writes to both places, the copy first.
   *
   * @param before what both places have, with the token of the cluster's
   * @throws CatalogConflict when another run was faster; the copy is as before then
   */
  async write(document: PointRecord, before: StoredRecord | undefined): Promise<StoredRecord> {
    const compacted = compact(document, printRecord, CONFIG_MAP_BYTES);
    await this.copy.write(compacted, undefined);
    try {
      return {
        document: compacted,
        token: await this.cluster.write(compacted, before?.token),
      };
    } catch (error) {
      if (error instanceof CatalogConflict) {
        // Nothing was done under this entry, so it must not stand against what the other run wrote.
        await (before === undefined
          ? this.copy.remove(document.name)
          : this.copy.write(before.document, undefined));
      }
      throw error;
    }
  }

  /** All points, by one read of each place; nothing is written. A cluster that does not answer is told, not thrown. */
  async list(): Promise<CatalogList> {
    const replicas = await this.copy.list();
    const { found, unread } = await this.listCluster();
    const names = [...new Set([...replicas.keys(), ...found.keys()])].sort();
    return {
      points: names.map((name) => this.listed(name, replicas.get(name), found.get(name), unread)),
      clusterUnread: unread,
    };
  }

  /** Forgets a point in both places; repeatable. */
  async remove(point: string): Promise<void> {
    await this.cluster.remove(point);
    await this.copy.remove(point);
  }

  private async listCluster(): Promise<{
    readonly found: ReadonlyMap<string, StoredRecord | CatalogError>;
    readonly unread: string | undefined;
  }> {
    try {
      return { found: await this.cluster.list(), unread: undefined };
    } catch (error) {
      if (error instanceof ClusterError) {
        return { found: new Map(), unread: error.message };
      }
      throw error;
    }
  }

  private listed(
    point: string,
    copy: StoredRecord | CatalogError | undefined,
    cluster: StoredRecord | CatalogError | undefined,
    unread: string | undefined,
  ): ListedRecord {
    const damaged = [copy, cluster].flatMap((one) =>
      one instanceof CatalogError ? [one.message] : [],
    );
    const off = copy instanceof CatalogError ? undefined : copy?.document;
    const inside = cluster instanceof CatalogError ? undefined : cluster?.document;
    const reconciled = reconcile(off, inside);
    const found = "document" in reconciled ? reconciled.document : undefined;
    const record = found && believed(found, off);
    const claimsProof = record !== undefined && claimsMore(found ?? record, record);
    const notes =
      damaged.length > 0 || unread !== undefined ? damaged : this.difference(point, reconciled);
    return { point, record, claimsProof, notes };
  }

  private difference(point: string, reconciled: Reconciled): readonly string[] {
    const [copy, cluster] = [this.copy.describe(point), this.cluster.describe(point)];
    const soon = "the next command that changes the point brings it up to date";
    switch (reconciled.state) {
      case "copyNewer":
        return [`${cluster} is missing or older than ${copy}; ${soon}.`];
      case "clusterNewer":
        return [`${copy} is missing or older than ${cluster}; ${soon}.`];
      case "forked":
        return [this.forked(point, reconciled)];
      default:
        return [];
    }
  }

  private forked(point: string, { sequence }: { readonly sequence: number }): string {
    const [copy, cluster] = [this.copy.describe(point), this.cluster.describe(point)];
    return (
      `The record of restore point ${point} went two ways: ${copy} and ${cluster} both have an entry ${sequence}, ` +
      "and not the same one. Nothing was changed. Read both, and remove the one whose last entries did not happen."
    );
  }
}

/**
 * A record with the proofs that the copy off the cluster has, and no other: whoever may write into the namespace could have
 * written or removed them there, and what protects the product's data must not rest on that. What speaks against a member
 * is believed of either.
 */
function believed(record: PointRecord, copy: PointRecord | undefined): PointRecord {
  if (record === copy) {
    return record;
  }
  const known = copy?.verifications ?? [];
  const keys = new Set(known.map((one) => canonicalJson(one)));
  const more = record.verifications.filter(
    (one) => one.result !== "proven" && !keys.has(canonicalJson(one)),
  );
  const verifications = [...known, ...more].sort((one, other) => compareText(one.at, other.at));
  return { ...record, verifications };
}

/** Whether a record calls something proven that another does not. */
function claimsMore(record: PointRecord, { verifications }: PointRecord): boolean {
  const known = new Set(verifications.map((one) => canonicalJson(one)));
  return record.verifications.some(
    (one) => one.result === "proven" && !known.has(canonicalJson(one)),
  );
}
