import { hostname, userInfo } from "node:os";

import type { OwnNamespace } from "../../clients/kubernetes/ownObjects";
import { ClusterSide } from "./clusterSide";
import { FolderSide, ledgerFolder } from "./folderSide";
import { Journal } from "./journal";
import type { LedgerList } from "./pair";
import { LedgerPair } from "./pair";
import type { CatalogueSeed, LedgerDocument } from "./types";
import { emptyCatalogue } from "./types";

export interface LedgerOptions {
  readonly pair: LedgerPair;
  readonly stack: string;
  /** Who runs commands; default user and machine. */
  readonly who?: string;
  readonly now: () => Date;
  /** Called before and after each write; tests end the process from it. */
  readonly onWrite?: (() => void) | undefined;
}

/** Catalogue and journals of a stack's restore points, in the cluster and in a copy off it. */
export class Ledger {
  constructor(private readonly options: LedgerOptions) {}

  /** What is known of a point; undefined when nothing is. The older place is brought up to date. */
  async read(point: string): Promise<LedgerDocument | undefined> {
    return (await this.options.pair.read(point))?.document;
  }

  /** All points by one LIST and one read of the folder; writes nothing. */
  list(): Promise<LedgerList> {
    return this.options.pair.list();
  }

  /**
   * Begins a command on a point.
   *
   * @param seed what the catalogue begins as where there is none yet, e.g. of a point cut by plain `pulumi up`
   * @throws LedgerError when the ledger is damaged or forked
   */
  async open(point: string, command: string, seed: CatalogueSeed): Promise<Journal> {
    const { pair, stack, who = operator(), now, onWrite } = this.options;
    const stored = await pair.read(point);
    const journal = new Journal(
      { pair, command, who, now, onWrite },
      stored,
      empty(stack, point, seed),
    );
    await journal.opened();
    return journal;
  }

  /** Forgets a point: the last step of `expire`. Repeatable. */
  remove(point: string): Promise<void> {
    return this.options.pair.remove(point);
  }
}

/** The ledger of a site: ConfigMaps in its own namespace, files under `ledgerDir`. */
export function siteLedger(
  own: OwnNamespace,
  place: { readonly root: string; readonly ledgerDir: string },
  now: () => Date,
  onWrite?: () => void,
): Ledger {
  const { stack } = own;
  const copy = new FolderSide(ledgerFolder(place.root, place.ledgerDir, stack), stack);
  return new Ledger({ pair: new LedgerPair(copy, new ClusterSide(own)), stack, now, onWrite });
}

/** User of this process and its machine, e.g. `ops@jump-1`. */
export function operator(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container may run under a number that has no name.
    return `uid ${process.getuid?.() ?? "unknown"}@${hostname()}`;
  }
}

function empty(stack: string, point: string, seed: CatalogueSeed): LedgerDocument {
  const catalogue = emptyCatalogue(seed);
  return { version: 1, stack, point, sequence: 0, catalogue, summaries: [], entries: [] };
}
