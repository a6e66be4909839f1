import { readFrom } from "../../clients/access";
import type { OwnNamespace } from "../../clients/kubernetes/ownObjects";
import { operator } from "../../clients/process";
import { canonicalJson } from "../../config/canonicalJson";
import type { PointRecord } from "../../planning/pointRecord";
import { compareText } from "../../planning/words";
import { ClusterSide, CONFIG_MAP_BYTES } from "./clusterSide";
import { compact } from "./entries";
import { CatalogConflict, CatalogError } from "./errors";
import { catalogFolder, FolderSide } from "./folderSide";
import { Journal, type JournalOptions } from "./journal";
import { reconcile, type Reconciled } from "./reconcile";
import { printRecord } from "./record";
import type { CatalogSide, StoredRecord } from "./side";

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

export interface CatalogOptions {
  /** Who runs commands; default user and machine. */
  readonly who?: string;
  readonly now: () => Date;
  /** Called before and after each write; tests end the process from it. */
  readonly onWrite?: (() => void) | undefined;
}

/**
 * Records and journals of a stack's restore points, in the cluster and in a copy off it, kept equal. The copy is always
 * written first.
 */
export class Catalog {
  constructor(
    readonly copy: CatalogSide,
    readonly cluster: CatalogSide,
    private readonly options: CatalogOptions,
  ) {}

  /**
   * Begins a command on a point.
   *
   * @param point as it is known where the catalog has nothing yet: a new point, or one taken by plain `pulumi up`
   * @throws CatalogError when the record is damaged or forked
   */
  async open(point: PointRecord, command: string): Promise<Journal> {
    const write: JournalOptions["write"] = (document, before) => this.write(document, before);
    const options = { who: operator(), ...this.options, command, write };
    const journal = new Journal(options, await this.stored(point.name), point);
    await journal.opened();
    return journal;
  }

  /**
   * The newer of a point's two records; writes nothing, so that a command at work on the point is not disturbed.
   *
   * @throws CatalogError when one is damaged, or both went different ways; ClusterError when the cluster does not answer
   */
  async read(point: string): Promise<PointRecord | undefined> {
    return (await this.stored(point))?.document;
  }

  /** The same with what a write has to name. */
  private async stored(point: string): Promise<StoredRecord | undefined> {
    const [copy, cluster] = [await this.copy.read(point), await this.cluster.read(point)];
    const reconciled = reconcile(copy?.document, cluster?.document);
    if (reconciled.state === "forked") {
      throw new CatalogError(this.forked(point, reconciled));
    }
    return "document" in reconciled
      ? { document: believed(reconciled.document, copy?.document).record, token: cluster?.token }
      : undefined;
  }

  /**
   * Writes to both places, the copy first.
   *
   * @param before what both places have, with the token of the cluster's
   * @throws CatalogConflict when another run was faster; the copy is as before then
   */
  private async write(
    document: PointRecord,
    before: StoredRecord | undefined,
  ): Promise<StoredRecord> {
    const compacted = compact(document, printRecord, CONFIG_MAP_BYTES);
    await this.copy.write(compacted, undefined);
    try {
      const token = await this.cluster.write(compacted, before?.token);
      return { document: compacted, token };
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
    const cluster = await readFrom({ state: "open", client: this.cluster }, (side) => side.list());
    const found = cluster.state === "read" ? cluster.value : new Map<string, never>();
    const unread = cluster.state === "unknown" ? cluster.why : undefined;
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
    const { record, claimsProof } =
      "document" in reconciled
        ? believed(reconciled.document, off)
        : { record: undefined, claimsProof: false };
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
function believed(
  record: PointRecord,
  copy: PointRecord | undefined,
): { readonly record: PointRecord; readonly claimsProof: boolean } {
  if (record === copy) {
    return { record, claimsProof: false };
  }
  const known = copy?.verifications ?? [];
  const keys = new Set(known.map((one) => canonicalJson(one)));
  const others = record.verifications.filter((one) => !keys.has(canonicalJson(one)));
  const more = others.filter(({ result }) => result !== "proven");
  const verifications = [...known, ...more].sort((one, other) => compareText(one.at, other.at));
  return { record: { ...record, verifications }, claimsProof: more.length < others.length };
}

/** The catalog of a site: ConfigMaps in its own namespace, files under `catalogDir`. */
export function siteCatalog(
  own: OwnNamespace,
  place: { readonly root: string; readonly catalogDir: string },
  now: () => Date,
  onWrite?: () => void,
): Catalog {
  const { stack } = own;
  const copy = new FolderSide(catalogFolder(place.root, place.catalogDir, stack), stack);
  return new Catalog(copy, new ClusterSide(own), { now, onWrite });
}

/** The mirror alone: what is left of the catalog when there is no cluster any more. @param why it is not read */
export async function readMirror(folder: string, stack: string, why: string): Promise<CatalogList> {
  const replicas = await new FolderSide(folder, stack).list();
  return {
    clusterUnread: why,
    points: [...replicas].map(([point, copy]) =>
      copy instanceof CatalogError
        ? { point, record: undefined, claimsProof: false, notes: [copy.message] }
        : { point, record: copy.document, claimsProof: false, notes: [] },
    ),
  };
}
