import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

import { writeAtomically } from "../../config/atomicFile";
import { isPointName } from "../../config/pointFile";
import { parseRecord, printRecord } from "./record";
import { readEach, type CatalogSide, type StoredRecord } from "./side";
import type { PointRecord } from "../../planning/pointRecord";
import { CatalogError } from "./errors";

const SUFFIX = ".json";

/** Folder of a stack's catalog. @param catalogDir relative to the project, or absolute */
export function catalogFolder(root: string, catalogDir: string, stack: string): string {
  return join(resolve(root, catalogDir), stack);
}

/** The copy off the cluster: one file for each point. It counts when etcd was lost or reverted. */
export class FolderSide implements CatalogSide {
  /** @param folder of `catalogFolder` */
  constructor(
    private readonly folder: string,
    private readonly stack: string,
  ) {}

  describe(point: string): string {
    return join(this.folder, `${point}${SUFFIX}`);
  }

  async read(point: string): Promise<StoredRecord | undefined> {
    const where = this.path(point);
    let json: string;
    try {
      json = readFileSync(where, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") {
        return undefined;
      }
      throw new CatalogError(
        `The record ${where} cannot be read: ${(error as Error).message}. Nothing was changed.`,
      );
    }
    const remedy =
      "Take it from a backup of that folder, or move it away: then what is in the cluster counts.";
    const document = parseRecord(json, { stack: this.stack, point, where, remedy });
    return { document, token: undefined };
  }

  async write(document: PointRecord): Promise<undefined> {
    const where = this.path(document.name);
    const json = printRecord(document);
    try {
      writeAtomically(where, json);
    } catch (error) {
      throw new CatalogError(
        `The record ${where} cannot be written: ${(error as Error).message}. Make room or mend the folder, and run the command again.`,
      );
    }
  }

  list(): Promise<ReadonlyMap<string, StoredRecord | CatalogError>> {
    return readEach(this.points(), String, (point) => this.read(point));
  }

  async remove(point: string): Promise<void> {
    rmSync(this.path(point), { force: true });
  }

  /** @throws CatalogError for a name that could lead out of the folder */
  private path(point: string): string {
    if (!isPointName(point)) {
      throw new CatalogError(`${JSON.stringify(point)} is no name of a restore point.`);
    }
    return this.describe(point);
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
      throw new CatalogError(
        `The folder ${this.folder} of the catalog cannot be read: ${(error as Error).message}.`,
      );
    }
  }
}
