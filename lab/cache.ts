import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { LabError } from "./error";
import { makeDir } from "./files";

/** Environment variables of the command; only these modules read them. */
export type Environment = Readonly<Record<string, string | undefined>>;

function given(value: string | undefined): string | undefined {
  return value === undefined || value === "" ? undefined : value;
}

/** Whether a home directory is named, where Go and caches usually lie. */
export function hasHome(env: Environment): boolean {
  return given(env["HOME"]) !== undefined;
}

/**
 * Folder of everything that is kept outside the checkout: `$XDG_CACHE_HOME/atom-backup`, else
 * `$HOME/.cache/atom-backup`, and without a home a folder of this user in the system's temporary folder.
 */
export function cacheRoot(env: Environment): string {
  const xdg = given(env["XDG_CACHE_HOME"]);
  if (xdg !== undefined && path.isAbsolute(xdg)) {
    return path.join(xdg, "atom-backup");
  }
  const home = given(env["HOME"]);
  if (home !== undefined) {
    return path.join(home, ".cache", "atom-backup");
  }
  return path.join(os.tmpdir(), `atom-backup-${process.getuid?.() ?? 0}`);
}

/** Makes the cache folder. @throws LabError if it cannot be made or others may write to it. */
export function makeCacheRoot(env: Environment): string {
  makeDir(cacheRoot(env));
  return ownCacheRoot(env);
}

/** The cache folder, if there is one with nothing in it that others put there. @throws LabError if they may have. */
export function ownCacheRoot(env: Environment): string {
  const dir = cacheRoot(env);
  // The folder and, where it is a link, the link, which its owner can lead elsewhere at any time.
  for (const look of [fs.lstatSync, fs.statSync]) {
    const stat = look(dir, { throwIfNoEntry: false });
    if (stat !== undefined && stat.uid !== process.getuid?.()) {
      throw new LabError(
        `The cache folder ${dir} belongs to another user, whose programs are not run. Set XDG_CACHE_HOME to a folder of your own.`,
      );
    }
    if (stat?.isDirectory() === true && (stat.mode & 0o022) !== 0) {
      throw new LabError(
        `Others may write to the cache folder ${dir}, and their programs are not run. Erase it, or set XDG_CACHE_HOME to a folder of your own.`,
      );
    }
  }
  return dir;
}

/** Changes when the way of building changes in a manner that the hashed sources do not show. */
const RECIPE = "1";

/**
 * Identifies what is built from one Go module of the lab: a hash over its module files and sources, and the kind
 * of machine. A change of one module leaves the binaries of the others as they are.
 */
export function moduleHash(project: string, module: string): string {
  const hash = createHash("sha256").update(`${RECIPE} ${process.platform} ${process.arch}\n`);
  for (const name of goFiles(path.join(project, "lab", module))) {
    hash.update(`${name}\n`).update(fs.readFileSync(path.join(project, "lab", module, name)));
  }
  return hash.digest("hex").slice(0, 16);
}

/** Files of a module that decide what is built, relative to its folder, in a fixed order. */
function goFiles(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.go$|^go\.(mod|sum)$/.test(name) && !name.endsWith("_test.go"))
    .sort();
}
