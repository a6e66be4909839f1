import { readdirSync, readFileSync } from "node:fs";
import { basename, isAbsolute, join, relative, resolve, sep } from "node:path";

import { stringify } from "yaml";

import type { PointFile, TakenVmSnapshot } from "../planning/site";
import { writeAtomically } from "./atomicFile";
import { buildPoint } from "./buildSite";
import { pointProblems } from "./pointShape";
import { ConfigurationError, formatProblem } from "./problems";
import type { RawPoint } from "./rawConfiguration";
import { editYaml } from "./yamlEdit";
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
export function readPointFile(path: string): PointFile {
  return parsePoint(readFileSync(path, "utf8"), path);
}

/** @throws ConfigurationError with all problems of the text. */
export function parsePoint(text: string, path: string): PointFile {
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

/** Writes a point's file anew. */
export function writePointFile(path: string, { vms, ...point }: PointFile): void {
  const head = `# VM snapshots of restore point ${point.name}, written by \`./atom restore-point create\`.\n`;
  writeAtomically(path, head + stringify({ ...point, vms: vms.map(written) }));
}

/**
 * Writes down a VM snapshot that was taken; synchronous, so that hooks of one program cannot come between.
 *
 * @throws Error for a VM that is written down with another reference
 */
export function recordVm(path: string, taken: TakenVmSnapshot): void {
  const point = readPointFile(path);
  const there = point.vms.find(({ node }) => node === taken.node);
  if (there !== undefined && there.handle !== taken.handle) {
    throw new Error(
      `Restore point ${point.name} is recorded with ${there.handle}; ${taken.handle} of ${taken.node} is not written down`,
    );
  }
  if (there === undefined) {
    // By node: they are taken at once, and the order in which they end is no part of the record.
    const vms = [...point.vms, taken].sort((one, other) => (one.node < other.node ? -1 : 1));
    changePointFile(path, [{ path: ["vms"], value: vms.map(written) }]);
  }
}

/** Sets the state. */
export function setPointState(path: string, state: PointFile["state"]): void {
  if (readPointFile(path).state !== state) {
    changePointFile(path, [{ path: ["state"], value: state }]);
  }
}

/** Writes down that a VM snapshot was found missing. @param at RFC 3339 */
export function markVmLost(path: string, node: string, at: string): void {
  const position = readPointFile(path).vms.findIndex((vm) => vm.node === node);
  if (position >= 0) {
    changePointFile(path, [{ path: ["vms", position, "lost"], value: at }]);
  }
}

/** Comments and order stay. */
function changePointFile(path: string, changes: Parameters<typeof editYaml>[1]): void {
  const next = editYaml(readFileSync(path, "utf8"), changes);
  // What is written must be readable: a fault here would lose the only record of a snapshot.
  parsePoint(next, path);
  writeAtomically(path, next);
}

/** As it stands in the file: without keys that are not set. */
function written(vm: TakenVmSnapshot): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ ...vm, uuid: vm.uuid.toLowerCase() }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
}
