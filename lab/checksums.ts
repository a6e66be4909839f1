import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { readIfThere, writeFile } from "./files";

/** What a program was when it was built. */
interface Noted {
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
  /** When the system last changed anything of the file (ctime), in milliseconds: nobody can set it. */
  readonly changedAt: number;
}

function listOf(file: string): string {
  return path.join(path.dirname(file), "checksums.json");
}

function read(file: string): Readonly<Record<string, Noted>> {
  try {
    return JSON.parse(readIfThere(listOf(file)) ?? "{}") as Record<string, Noted>;
  } catch (error) {
    if (error instanceof SyntaxError) {
      return {};
    }
    throw error;
  }
}

/** Notes the checksum of a program that was just built, in `checksums.json` beside it. */
export function noteChecksum(file: string): void {
  note(file, sha256(file));
}

function note(file: string, sum: string): void {
  const { size, ctimeMs } = fs.statSync(file);
  const noted: Noted = { sha256: sum, size, changedAt: ctimeMs };
  const all = { ...read(file), [path.basename(file)]: noted };
  writeFile(listOf(file), `${JSON.stringify(all, null, 2)}\n`);
}

/**
 * Whether a program is what was built. Its bytes, a gigabyte of all, are only read where the system says that something
 * of the file has changed since.
 */
export function isIntact(file: string): boolean {
  const noted = read(file)[path.basename(file)];
  const { size, ctimeMs } = fs.statSync(file);
  if (noted?.size !== size) {
    return false;
  }
  if (noted.changedAt === ctimeMs) {
    return true;
  }
  if (sha256(file) !== noted.sha256) {
    return false;
  }
  // A copy, another name or other rights for the same bytes.
  note(file, noted.sha256);
  return true;
}

const CHUNK_BYTES = 1024 * 1024;

function sha256(file: string): string {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const descriptor = fs.openSync(file, "r");
  try {
    for (let count; (count = fs.readSync(descriptor, chunk)) > 0;) {
      hash.update(chunk.subarray(0, count));
    }
  } finally {
    fs.closeSync(descriptor);
  }
  return hash.digest("hex");
}
