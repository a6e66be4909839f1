import { readFileSync, statSync } from "node:fs";

/** Errors of the file system that people meet, in their words. */
const WORDS: Readonly<Record<string, string>> = {
  EACCES: "this user may not read it",
  EISDIR: "it is a folder",
  ELOOP: "its links lead in a circle",
  ENOENT: "it is not there",
  ENOTDIR: "its path leads through a file",
};

/**
 * Text of a file that a person wrote. What is no file, a pipe say, would be waited for without end.
 *
 * @throws Error with the reason, which goes on after the name of the file
 */
export function readPlainFile(path: string): string {
  let bytes: Buffer;
  try {
    const found = statSync(path);
    if (!found.isFile()) {
      throw new Error(
        found.isDirectory() ? WORDS["EISDIR"] : "it is no file but a pipe or a device",
      );
    }
    bytes = readFileSync(path);
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw new Error(WORDS[code] ?? message, { cause: error });
  }
  if (bytes.includes(0)) {
    throw new Error("it is no UTF-8 text, as if saved as UTF-16: save it as UTF-8");
  }
  return bytes.toString("utf8");
}
