import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const made: string[] = [];

/** A fresh folder, which `removeTemporary` removes. */
export function temporary(): string {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "atom-lab-test-"));
  made.push(dir);
  return fs.realpathSync(dir);
}

/** Removes all folders that `temporary` made; for `afterEach`. */
export function removeTemporary(): void {
  for (const dir of made.splice(0)) {
    fs.rmSync(dir, { recursive: true, force: true });
  }
}
