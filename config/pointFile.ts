import { readdirSync, readFileSync } from "node:fs";
import { basename, isAbsolute, join, relative, resolve, sep } from "node:path";

import type { RestorePointFile } from "../planning/site";
import { buildPoint } from "./buildSite";
import { pointProblems } from "./pointShape";
import { ConfigurationError, formatProblem } from "./problems";
import type { RawPoint } from "./rawConfiguration";
import { readYaml } from "./yamlText";

/** Folder of a stack's points. @param restorePointsDir - Relative to the project, or absolute. */
export function pointFolder(root: string, restorePointsDir: string, stack: string): string {
  return join(resolve(root, restorePointsDir), stack);
}

/** Absolute path of a point's file. */
export function pointFilePath(
  root: string,
  restorePointsDir: string,
  stack: string,
  name: string,
): string {
  return join(pointFolder(root, restorePointsDir, stack), `${name}.yaml`);
}

/** Reads all point files of a stack; a file that cannot be read is there with its problem. */
export function gatherPoints(
  root: string,
  restorePointsDir: string,
  stack: string,
): readonly RawPoint[] {
  const folder = pointFolder(root, restorePointsDir, stack);
  let files: readonly string[];
  try {
    files = readdirSync(folder);
  } catch {
    // No folder: a stack without points needs none, and a listed point is then reported as missing.
    return [];
  }
  return files
    .filter((file) => file.endsWith(".yaml") && !file.startsWith("."))
    .sort()
    .map((file) => readRaw(root, join(folder, file)));
}

function readRaw(root: string, path: string): RawPoint {
  const inside = relative(root, path);
  const file = inside.startsWith("..") || isAbsolute(inside) ? path : inside.split(sep).join("/");
  const name = basename(path, ".yaml");
  try {
    const { value, problems } = readYaml(readFileSync(path, "utf8"));
    return problems.length === 0
      ? { file, name, document: value, problem: undefined }
      : { file, name, document: value, problem: problems.map(formatProblem).join(" ") };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { file, name, document: undefined, problem: `cannot be read: ${why}` };
  }
}

/**
 * Reads and checks one point file.
 *
 * @throws ConfigurationError with all problems of the file.
 */
export function readPointFile(path: string): RestorePointFile {
  return parsePoint(readFileSync(path, "utf8"), path);
}

/** @throws ConfigurationError with all problems of the text. */
export function parsePoint(text: string, path: string): RestorePointFile {
  const { value, problems } = readYaml(text);
  const all =
    value === undefined
      ? problems
      : [...problems, ...pointProblems(value, path, basename(path, ".yaml"))];
  if (all.length > 0) {
    throw new ConfigurationError(all, path);
  }
  return buildPoint(value);
}
