import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

let written = 0;

/**
 * Replaces a file in one step: a reader, or a crash, sees the old text or the new one, never a part. The new text is
 * on the disk before it takes the name. Mode and, for a symbolic link, the link itself are kept. Folders are made.
 */
export function writeAtomically(path: string, text: string): void {
  const target = resolveLink(path);
  mkdirSync(dirname(target), { recursive: true });
  written += 1;
  const draft = join(dirname(target), `.${basename(target)}.${process.pid}.${written}.tmp`);
  try {
    const file = openSync(draft, "wx", 0o666);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    const old = statSync(target, { throwIfNoEntry: false });
    if (old !== undefined) {
      chmodSync(draft, old.mode & 0o7777);
    }
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function resolveLink(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
