import { operator } from "../../clients/process";
import type { OwnNamespace } from "../../clients/kubernetes/ownObjects";
import { ClusterSide } from "./clusterSide";
import { FolderSide, catalogFolder } from "./folderSide";
import { Journal } from "./journal";
import { MirroredCatalog, type CatalogList } from "./mirror";
import type { CatalogSide } from "./side";
import { CatalogError } from "./errors";
import type { PointRecord } from "../../planning/pointRecord";

export type { CatalogList } from "./mirror";

export interface CatalogOptions {
  /** Who runs commands; default user and machine. */
  readonly who?: string;
  readonly now: () => Date;
  /** Called before and after each write; tests end the process from it. */
  readonly onWrite?: (() => void) | undefined;
}

/** Records and journals of a stack's restore points, in the cluster and in a copy off it. */
export class Catalog extends MirroredCatalog {
  constructor(
    copy: CatalogSide,
    cluster: CatalogSide,
    private readonly options: CatalogOptions,
  ) {
    super(copy, cluster);
  }

  /**
   * Begins a command on a point.
   *
   * @param point as it is known where the catalog has nothing yet: a new point, or one taken by plain `pulumi up`
   * @throws CatalogError when the record is damaged or forked
   */
  async open(point: PointRecord, command: string): Promise<Journal> {
    const { who = operator(), now, onWrite } = this.options;
    const stored = await this.stored(point.name);
    const journal = new Journal({ mirror: this, command, who, now, onWrite }, stored, point);
    await journal.opened();
    return journal;
  }
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
