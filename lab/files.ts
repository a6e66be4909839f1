import * as fs from "node:fs";
import * as path from "node:path";
import { explainFileError, isMissing } from "./error";

/** Creates a folder that only its owner may enter. */
export function makeDir(dir: string): void {
  try {
    fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw explainFileError(error, `The folder ${dir} cannot be made`);
  }
}

/**
 * Writes a file as a whole or not at all, readable by its owner only: whoever is killed in between leaves
 * the earlier one.
 */
export function writeFile(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    fs.writeFileSync(temporary, text, { mode: 0o600 });
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw explainFileError(error, `${file} cannot be written`);
  }
}

/** Text of a file, or undefined if there is none. */
export function readIfThere(file: string): string | undefined {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (error) {
    if (isMissing(error)) {
      return undefined;
    }
    throw explainFileError(error, `${file} cannot be read`);
  }
}

/** Text of a file, which is written with `make` if there is none yet. */
export function readOrWrite(file: string, make: () => string): string {
  const text = readIfThere(file);
  if (text !== undefined) {
    return text;
  }
  const made = make();
  writeFile(file, made);
  return made;
}
