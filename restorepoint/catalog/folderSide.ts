import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

import { writeAtomically } from "../../config/atomicFile";
import { parseLedger, printLedger } from "./document";
import type { LedgerSide, StoredLedger } from "./side";
import type { LedgerDocument } from "./types";
import { LedgerError } from "./types";

const SUFFIX = ".json";

/** Folder of a stack's ledger copies. @param ledgerDir relative to the project, or absolute */
export function ledgerFolder(root: string, ledgerDir: string, stack: string): string {
  return join(resolve(root, ledgerDir), stack);
}

/** The copy off the cluster: one file for each point. It counts when etcd was lost or reverted. */
export class FolderSide implements LedgerSide {
  /** @param folder of `ledgerFolder` */
  constructor(
    private readonly folder: string,
    private readonly stack: string,
  ) {}

  describe(point: string): string {
    return join(this.folder, `${point}${SUFFIX}`);
  }

  async read(point: string): Promise<StoredLedger | undefined> {
    const where = this.describe(point);
    let json: string;
    try {
      json = readFileSync(where, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") {
        return undefined;
      }
      throw new LedgerError(
        `The ledger ${where} cannot be read: ${(error as Error).message}. Nothing was changed.`,
      );
    }
    const remedy =
      "Take it from a backup of that folder, or move it away: then what is in the cluster counts.";
    const document = parseLedger(json, { stack: this.stack, point, where, remedy });
    return { document, token: undefined };
  }

  async write(document: LedgerDocument): Promise<undefined> {
    const where = this.describe(document.point);
    const json = printLedger(document);
    try {
      writeAtomically(where, json);
    } catch (error) {
      throw new LedgerError(
        `The ledger ${where} cannot be written: ${(error as Error).message}. The step was not begun.`,
      );
    }
  }

  async list(): Promise<ReadonlyMap<string, StoredLedger | LedgerError>> {
    const found = new Map<string, StoredLedger | LedgerError>();
    for (const point of this.points()) {
      try {
        const stored = await this.read(point);
        if (stored !== undefined) {
          found.set(point, stored);
        }
      } catch (error) {
        if (!(error instanceof LedgerError)) {
          throw error;
        }
        found.set(point, error);
      }
    }
    return found;
  }

  async remove(point: string): Promise<void> {
    rmSync(this.describe(point), { force: true });
  }

  private points(): readonly string[] {
    try {
      return readdirSync(this.folder)
        .filter((file) => file.endsWith(SUFFIX) && !file.startsWith("."))
        .map((file) => file.slice(0, -SUFFIX.length))
        .sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") {
        return [];
      }
      throw new LedgerError(
        `The folder ${this.folder} of the ledger cannot be read: ${(error as Error).message}.`,
      );
    }
  }
}
