import { readdirSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

import { Type } from "@sinclair/typebox";
import { stringify } from "yaml";

import { pointName } from "../planning/schema/forms";
import { pointFileSchema } from "../planning/schema/pointFile";
import type { PointFile, TakenVmSnapshot } from "../planning/site";
import { writeAtomically } from "./atomicFile";
import { buildPoint, pointProblems } from "./pointShape";
import { readPlainFile } from "./plainFile";
import { ConfigurationError, formatProblem } from "./problems";
import { shownPath } from "./projectRoot";
import type { RawPoint } from "./rawConfiguration";
import { lostDigits, editYaml } from "./yamlEdit";
import { shapeProblems } from "./shape";
import { readYaml, type YamlReading } from "./yamlText";

/** Folder of a stack's points. @param restorePointsDir - Relative to the project, or absolute. */
export function pointFolder(root: string, restorePointsDir: string, stack: string): string {
  return join(resolve(root, restorePointsDir), stack);
}

/** Absolute path of a point's file. @throws Error for a name that could lead out of the folder */
export function pointFilePath(
  root: string,
  restorePointsDir: string,
  stack: string,
  name: string,
): string {
  if (!isPointName(name)) {
    throw new Error(`${JSON.stringify(name)} is no name of a restore point`);
  }
  return join(pointFolder(root, restorePointsDir, stack), `${name}.yaml`);
}

/** Reads all point files of a stack, which are its points; a file that cannot be used is there with its problem. */
export function gatherPoints(
  root: string,
  restorePointsDir: string,
  stack: string,
): readonly RawPoint[] {
  const folder = pointFolder(root, restorePointsDir, stack);
  let files: readonly string[];
  try {
    files = readdirSync(folder);
  } catch (error) {
    // A stack without points needs no folder. One that cannot be read must not be taken for one without points.
    return (error as NodeJS.ErrnoException).code === "ENOENT"
      ? []
      : [unusable(root, folder, error)];
  }
  return files
    .filter((file) => /\.ya?ml$/i.test(file) && !file.startsWith("."))
    .sort()
    .map((file) => readRaw(root, join(folder, file)));
}

function readRaw(root: string, path: string): RawPoint {
  const name = basename(path, ".yaml");
  if (!isPointName(name) || !path.endsWith(".yaml")) {
    const form = `${String(pointName["form"])}, and the ending .yaml`;
    return unusable(root, path, `has a name that is refused. Allowed: ${form}`);
  }
  try {
    const text = readPlainFile(path);
    const real = realpathSync(path);
    if (dirname(real) !== realpathSync(dirname(path))) {
      return unusable(
        root,
        path,
        `is a link to ${real}, out of its folder. Put the file itself there`,
      );
    }
    const { value, problems } = readPointText(text);
    const problem = problems.length === 0 ? undefined : problems.map(formatProblem).join(" ");
    return { file: shownPath(root, path), name, document: value, problem };
  } catch (error) {
    return unusable(root, path, error);
  }
}

/** Undefined where it is not YAML, or not what it looks like. */
function readPointText(text: string): Pick<YamlReading, "value" | "problems"> {
  const { document, value, problems } = readYaml(text);
  const lost = lostDigits(document, pointFileSchema);
  return lost.length === 0
    ? { value, problems }
    : { value: undefined, problems: [...problems, ...lost] };
}

/** Whether a name may become a part of a path, and of names in Kubernetes and vSphere. */
export function isPointName(name: string): boolean {
  return shapeProblems(Type.String(pointName), name).length === 0;
}

function unusable(root: string, path: string, why: unknown): RawPoint {
  const problem = why instanceof Error ? `cannot be read: ${why.message}` : String(why);
  const name = basename(path, ".yaml");
  return { file: shownPath(root, path), name, document: undefined, problem };
}

/**
 * Reads and checks one point file.
 *
 * @throws ConfigurationError with all problems of the file.
 */
export function readPointFile(path: string): PointFile {
  return parsePoint(readPlainFile(path), path);
}

/** @throws ConfigurationError with all problems of the text. */
export function parsePoint(text: string, path: string): PointFile {
  const { value, problems } = readPointText(text);
  const all =
    value === undefined
      ? problems
      : [...problems, ...pointProblems(value, path, basename(path, ".yaml"))];
  if (all.length > 0) {
    throw new ConfigurationError(all, path);
  }
  return buildPoint(value);
}

export function writePointFile(path: string, { vms, ...point }: PointFile): void {
  const head = `# VM snapshots of restore point ${point.name}, written by \`./atom restore-point create\`.\n`;
  writeAtomically(path, head + stringify({ ...point, vms: vms.map(written) }));
}

/**
 * Writes down a VM snapshot that was taken; synchronous, so that hooks of one program cannot come between.
 *
 * @param takenAt RFC 3339
 * @throws Error for a VM that is written down with another reference
 */
export function recordVm(
  path: string,
  taken: Pick<TakenVmSnapshot, "node" | "uuid" | "handle">,
  takenAt: string,
): void {
  const point = readPointFile(path);
  const there = point.vms.find(({ node }) => node === taken.node);
  if (there !== undefined && there.handle !== taken.handle) {
    throw new Error(
      `Restore point ${point.name} is recorded with ${there.handle}; ${taken.handle} of ${taken.node} is not written down`,
    );
  }
  if (there === undefined) {
    // By node: they are taken at once, and the order in which they end is no part of the record.
    const fresh = { ...taken, takenAt, lost: undefined, expiredAt: undefined };
    const vms = [...point.vms, fresh].sort((one, other) => (one.node < other.node ? -1 : 1));
    changePointFile(path, [{ path: ["vms"], value: vms.map(written) }]);
  }
}

export function setPointState(path: string, state: PointFile["state"]): void {
  if (readPointFile(path).state !== state) {
    changePointFile(path, [{ path: ["state"], value: state }]);
  }
}

/** Writes down, once, that a VM snapshot was found missing, or was removed. @param at RFC 3339 */
export function markVm(path: string, node: string, mark: "lost" | "expiredAt", at: string): void {
  const { vms } = readPointFile(path);
  const position = vms.findIndex((vm) => vm.node === node && vm[mark] === undefined);
  if (position >= 0) {
    changePointFile(path, [{ path: ["vms", position, mark], value: at }]);
  }
}

/** Comments and order stay. */
function changePointFile(path: string, changes: Parameters<typeof editYaml>[1]): void {
  const next = editYaml(readPlainFile(path), changes);
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
