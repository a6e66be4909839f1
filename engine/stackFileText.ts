import { readFile } from "node:fs/promises";
import { writeAtomically } from "../config/atomicFile";

/** What the CLI adds to a stack file with the first use of its secrets provider. */
const added = /^(encryptionsalt|encryptedkey|secretsprovider): .*$/gm;

/**
 * Lets the CLI write into an operator's stack file and keeps of it only what it added. It would rewrite the whole file
 * otherwise: other spacing in lists, and `"2"` for 2.
 */
export async function keepingText(file: string, write: () => Promise<void>): Promise<void> {
  const before = await readFile(file, "utf8");
  await write();
  const after = await readFile(file, "utf8");
  if (after !== before) {
    const known = new Set([...before.matchAll(added)].map(([line]) => line));
    const lines = [...after.matchAll(added)]
      .map(([line]) => line)
      .filter((line) => !known.has(line));
    writeAtomically(file, [before.trimEnd(), ...lines, ""].join("\n"));
  }
}
