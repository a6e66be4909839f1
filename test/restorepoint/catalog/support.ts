import type { CatalogOptions } from "../../../restorepoint/catalog/catalog";
import { Catalog } from "../../../restorepoint/catalog/catalog";
import { readEach, type CatalogSide, type StoredRecord } from "../../../restorepoint/catalog/side";
import { parseRecord, printRecord } from "../../../restorepoint/catalog/record";
import { CatalogConflict } from "../../../restorepoint/catalog/errors";
import { emptyRecord, type PointRecord } from "../../../planning/pointRecord";

/** A place of the catalog in memory, as text, with the conflicts of a real one when it hands out tokens. */
export class MemorySide implements CatalogSide {
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

  async read(point: string): Promise<StoredRecord | undefined> {
    const text = this.texts.get(point);
    if (text === undefined) {
      return undefined;
    }
    const source = { stack: "lab", point, where: this.describe(point), remedy: "Mend it." };
    return { document: parseRecord(text, source), token: this.token(point) };
  }

  async write(document: PointRecord, token: string | undefined): Promise<string | undefined> {
    const { name: point } = document;
    this.beforeWrite();
    if (this.tokens && token !== this.token(point)) {
      throw new CatalogConflict(`${this.describe(point)} was changed by another run`);
    }
    this.put(point, printRecord(document));
    return this.token(point);
  }

  list(): ReturnType<CatalogSide["list"]> {
    return readEach([...this.texts.keys()], String, (point) => this.read(point));
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

/** What the record of a point begins as. */
export function seed(name: string): PointRecord {
  return emptyRecord({
    name,
    stack: "lab",
    release: "24.1",
    state: "planned",
    consistency: "crash",
    expires: "2031-01-01T00:00:00Z",
    volumes: [],
  });
}

/** A catalog over two places, and a clock that goes on a second at every look. */
export function catalogOver(
  copy: CatalogSide,
  cluster: CatalogSide,
  options: Partial<CatalogOptions> = {},
): Catalog {
  let seconds = 0;
  const now = (): Date => new Date(Date.UTC(2026, 10, 25, 12, 0, seconds++));
  return new Catalog(copy, cluster, { who: "ops@jump", now, ...options });
}
