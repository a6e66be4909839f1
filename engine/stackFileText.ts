import { readFileSync } from "node:fs";
import { writeAtomically } from "../config/atomicFile";

/** What the CLI adds to a stack file with the first use of its secrets provider. */
const additions = /^(encryptionsalt|encryptedkey|secretsprovider): .*$/gm;

/**
 * Adds to a stack file what the CLI has added to a copy of it, and nothing else: the CLI rewrites the whole file, with
 * other spacing in lists and `"2"` for 2.
 *
 * @param copy absolute path of the copy
 * @param file absolute path of the stack file
 */
export function takeAdditions(copy: string, file: string): void {
  const text = readFileSync(file, "utf8");
  const known = new Set([...text.matchAll(additions)].map(([, key]) => key));
  const lines = [...readFileSync(copy, "utf8").matchAll(additions)]
    .filter(([, key]) => !known.has(key))
    .map(([line]) => line);
  if (lines.length > 0) {
    writeAtomically(file, [text.trimEnd(), ...lines, ""].join("\n"));
  }
}
