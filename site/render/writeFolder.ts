import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join, sep } from "node:path";

import { writeAtomically } from "../../config/atomicFile";
import { UsageError } from "../../planning/errors";

/** The folder cannot be written to; nothing in it was changed. */
export class RenderFolderError extends UsageError {
  override readonly name = "RenderFolderError";
}

interface FolderFile {
  /** Path below the folder, with `/`. */
  readonly file: string;
  readonly text: string;
}

/** What was rendered into a folder, so that the next rendering knows its own files from those of others. */
interface FolderIndex {
  readonly version: 1;
  readonly stack: string;
  /** SHA-256 by file. */
  readonly files: Readonly<Record<string, string>>;
}

/** The folder's index; hidden, and with no ending that `kubectl apply -f DIR` would read. */
export const indexFile = ".atom-render";

/**
 * Makes a folder hold exactly these files: written again they are the same bytes, and files of the last rendering that
 * are no longer declared go. Files that are not ours stay; one of them in the place of ours is refused.
 *
 * @throws RenderFolderError for a folder with files in it that no rendering of this stack made, or edited ones
 */
export function writeFolder(folder: string, stack: string, files: readonly FolderFile[]): void {
  const before = readIndex(folder, stack);
  requireOurs(folder, before, files);
  const digests: Record<string, string> = {};
  mkdirSync(folder, { recursive: true });
  // Before the first file: killed anywhere, the next run still knows the folder as its own.
  const index = (known: Readonly<Record<string, string>>): string =>
    `${JSON.stringify({ version: 1, stack, files: known } satisfies FolderIndex, null, 2)}\n`;
  files.forEach(({ file, text }) => (digests[file] = digest(text)));
  writeAtomically(join(folder, indexFile), index({ ...before, ...digests }));
  for (const { file, text } of files) {
    writeAtomically(join(folder, ...file.split("/")), text);
  }
  for (const file of Object.keys(before).filter((name) => digests[name] === undefined)) {
    rmSync(join(folder, ...file.split("/")), { force: true });
  }
  writeAtomically(join(folder, indexFile), index(digests));
}

/** @returns digests of the last rendering; none for a folder that is empty or not there */
function readIndex(folder: string, stack: string): Readonly<Record<string, string>> {
  if (!existsSync(folder)) {
    return {};
  }
  if (!statSync(folder).isDirectory()) {
    throw new RenderFolderError(
      `--out = ${folder}: it is a file. Allowed: an empty or new folder.`,
    );
  }
  const path = join(folder, indexFile);
  if (!existsSync(path)) {
    const [first, ...others] = readdirSync(folder).sort();
    if (first !== undefined) {
      const more = others.length === 0 ? "" : ` and ${others.length} more`;
      throw new RenderFolderError(
        `--out = ${folder}: it holds ${first}${more}, which no rendering made. Nothing was written. ` +
          "Allowed: an empty or new folder, or one of an earlier rendering of this stack.",
      );
    }
    return {};
  }
  const index = parseIndex(path);
  if (index.stack !== stack) {
    throw new RenderFolderError(
      `--out = ${folder}: it holds the rendering of stack ${index.stack}. Nothing was written. ` +
        `Allowed: another folder for stack ${stack}.`,
    );
  }
  return index.files;
}

function parseIndex(path: string): FolderIndex {
  try {
    const value = JSON.parse(readFileSync(path, "utf8")) as Partial<FolderIndex> | null;
    if (value?.version === 1 && typeof value.stack === "string" && isDigests(value.files)) {
      return { version: 1, stack: value.stack, files: value.files };
    }
  } catch {
    // Told below: no JSON is as damaged as other JSON.
  }
  throw new RenderFolderError(
    `${path} is damaged, so that it cannot be told which files are ours. Nothing was written. Remove the folder, or ` +
      "render into another one.",
  );
}

/** Paths that lead out of the folder never came from here. */
function isDigests(files: unknown): files is Readonly<Record<string, string>> {
  return (
    typeof files === "object" &&
    files !== null &&
    Object.entries(files).every(
      ([file, text]) =>
        typeof text === "string" &&
        !file.includes(sep === "/" ? "\\" : sep) &&
        file.split("/").every((part) => part !== "" && part !== "." && part !== ".."),
    )
  );
}

function requireOurs(
  folder: string,
  before: Readonly<Record<string, string>>,
  files: readonly FolderFile[],
): void {
  const now = new Map(files.map(({ file, text }) => [file, digest(text)]));
  const changed = [...new Set([...Object.keys(before), ...now.keys()])].filter((file) => {
    const path = join(folder, ...file.split("/"));
    const found = existsSync(path) ? digest(readFileSync(path, "utf8")) : undefined;
    return found !== undefined && found !== before[file] && found !== now.get(file);
  });
  if (changed.length > 0) {
    throw new RenderFolderError(
      `--out = ${folder}: ${changed.sort().join(", ")} was changed by hand or is not ours. Nothing was written. ` +
        "Write the change into the stack file and remove the file, or render into another folder.",
    );
  }
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
