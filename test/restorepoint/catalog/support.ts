import type { LedgerOptions } from "../../../restorepoint/catalog/ledger";
import { Ledger } from "../../../restorepoint/catalog/ledger";
import { LedgerPair } from "../../../restorepoint/catalog/pair";
import type { LedgerSide, StoredLedger } from "../../../restorepoint/catalog/side";
import { parseLedger, printLedger } from "../../../restorepoint/catalog/document";
import type { LedgerDocument, LedgerError } from "../../../restorepoint/catalog/types";
import { LedgerConflict } from "../../../restorepoint/catalog/types";
import type { PointMember } from "../../../planning/pointRecord";

/** A place of the ledger in memory, as text, with the conflicts of a real one when it hands out tokens. */
export class MemorySide implements LedgerSide {
  readonly texts = new Map<string, string>();
  private readonly versions = new Map<string, number>();

  constructor(
    readonly name: string,
    private readonly tokens: boolean,
    /** Called before each change; a test throws from it. */
    readonly beforeWrite: () => void = () => {},
  ) {}

  describe(point: string): string {
    return `${this.name} ${point}`;
  }

  async read(point: string): Promise<StoredLedger | undefined> {
    const text = this.texts.get(point);
    if (text === undefined) {
      return undefined;
    }
    const source = { stack: "lab", point, where: this.describe(point), remedy: "Mend it." };
    return { document: parseLedger(text, source), token: this.token(point) };
  }

  async write(document: LedgerDocument, token: string | undefined): Promise<string | undefined> {
    const { point } = document;
    this.beforeWrite();
    if (this.tokens && token !== this.token(point)) {
      throw new LedgerConflict(`${this.describe(point)} was changed by another run`);
    }
    this.put(point, printLedger(document));
    return this.token(point);
  }

  async list(): Promise<ReadonlyMap<string, StoredLedger | LedgerError>> {
    const found = new Map<string, StoredLedger | LedgerError>();
    for (const point of this.texts.keys()) {
      try {
        found.set(point, (await this.read(point)) as StoredLedger);
      } catch (error) {
        found.set(point, error as LedgerError);
      }
    }
    return found;
  }

  async remove(point: string): Promise<void> {
    this.beforeWrite();
    this.texts.delete(point);
    this.versions.delete(point);
  }

  put(point: string, text: string): void {
    this.texts.set(point, text);
    this.versions.set(point, (this.versions.get(point) ?? 0) + 1);
  }

  private token(point: string): string | undefined {
    const version = this.versions.get(point);
    return this.tokens && this.texts.has(point) ? `v${version}` : undefined;
  }
}

export const SEED = { release: "24.1", consistency: "crash" } as const;

/** A ledger over two places, and a clock that goes on a second at every look. */
export function ledgerOver(
  copy: LedgerSide,
  cluster: LedgerSide,
  options: Partial<LedgerOptions> = {},
): Ledger {
  let seconds = 0;
  const now = (): Date => new Date(Date.UTC(2026, 10, 25, 12, 0, seconds++));
  const pair = new LedgerPair(copy, cluster);
  return new Ledger({ pair, stack: "lab", who: "ops@jump", now, ...options });
}

export function volumeMember(claim: string, createdAt: string): PointMember {
  return {
    kind: "volume",
    namespace: "atom",
    claim,
    uid: "0b1c2d3e-0000-4000-8000-000000000001",
    snapshot: `pre-24.1.${claim}`,
    content: `snapcontent-${claim}`,
    handle: `handle-${claim}`,
    createdAt,
    bytes: 1024,
    group: undefined,
    lost: undefined,
    expiredAt: undefined,
  };
}
