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
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

let written = 0;

/**
 * Replaces a file in one step: a reader, or a crash, sees the old content or the new one, never a part. The new one is
 * on the disk before it takes the name, and the name is there after a power cut. Mode and, for a symbolic link, the
 * link itself are kept. Folders are made.
 */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  const target = resolveLink(path);
  mkdirSync(dirname(target), { recursive: true });
  written += 1;
  const draft = join(dirname(target), `.${basename(target)}.${process.pid}.${written}.tmp`);
  const old = statSync(target, { throwIfNoEntry: false });
  // Taking its name would pass over it.
  if (old !== undefined && (old.mode & 0o222) === 0) {
    throw new Error(
      `${path} is read-only and was not changed: make it writable (chmod u+w) first.`,
    );
  }
  try {
    const file = openSync(draft, "wx", 0o666);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (old !== undefined) {
      chmodSync(draft, old.mode & 0o7777);
    }
    renameSync(draft, target);
    syncFolder(dirname(target));
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Until the folder is on the disk as well, a power cut can bring the old file back. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function resolveLink(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
