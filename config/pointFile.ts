import { readdirSync, readFileSync } from "node:fs";
import { basename, isAbsolute, join, relative, resolve, sep } from "node:path";

import type { PointMember, PointState, RestorePointFile } from "../planning/site";
import { writeAtomically } from "./atomicFile";
import { buildPoint } from "./buildSite";
import { pointDigest } from "./pointDigest";
import { pointProblems } from "./pointShape";
import { ConfigurationError, formatProblem } from "./problems";
import type { KeyPath, RawPoint } from "./rawConfiguration";
import { editYaml } from "./yamlEdit";
import { readYaml } from "./yamlText";

export { pointDigest } from "./pointDigest";

// Everything here is synchronous on purpose: a hook writes members while others are being cut, and a read, a change
// and a write that nothing comes between need no lock.

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

function parsePoint(text: string, path: string): RestorePointFile {
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

/**
 * Allows the cut: the next deployment takes the members.
 *
 * @throws Error when the point was cut already or is past it.
 */
export function markCutting(path: string): void {
  change(path, (point) => {
    if (point.state === "cutting") {
      return [];
    }
    if (point.cutAt !== undefined || !["planned", "failed"].includes(point.state)) {
      const when = point.cutAt === undefined ? `is ${point.state}` : `was cut at ${point.cutAt}`;
      throw new Error(`Restore point ${point.name} ${when} and is never cut again`);
    }
    return [[["state"], "cutting"]];
  });
}

/** A member, as the cut made it. */
export interface CutMember {
  /** Kubernetes node name. */
  readonly node: string;
  /** BIOS UUID of the VM. */
  readonly uuid: string;
  /** Reference of the snapshot, e.g. `snapshot-123`. */
  readonly handle: string;
}

/** Writes down a member that was cut. The same member again changes nothing; another handle for it is an error. */
export function recordMember(path: string, member: CutMember): void {
  change(path, (point) => {
    const uuid = member.uuid.toLowerCase();
    const known = point.members.find((one) => one.uuid === uuid);
    if (known?.handle === member.handle) {
      return [];
    }
    if (known !== undefined || point.cutAt !== undefined) {
      const recorded = known === undefined ? "without it" : `with ${known.handle}`;
      throw new Error(
        `Restore point ${point.name} is recorded ${recorded}; ${member.handle} of ${member.node} is not written down`,
      );
    }
    const added = { kind: "virtualMachine" as const, ...member, uuid };
    // By node: members are cut at once, and the order in which they end is no part of the record.
    const members = [...point.members, added]
      .sort((one, other) => (one.node < other.node ? -1 : 1))
      .map(({ kind, node, uuid, handle }) => ({ kind, node, uuid, handle }));
    return [[["members"], members]];
  });
}

/**
 * Ends the cut: state `ready`, the time and the digest, in one write.
 *
 * @param cutAt - RFC 3339.
 */
export function completeCut(path: string, cutAt: string): void {
  change(path, (point) => {
    if (point.cutAt !== undefined) {
      throw new Error(`Restore point ${point.name} was cut at ${point.cutAt} already`);
    }
    const digest = pointDigest({ ...point, cutAt });
    return [
      [["state"], "ready"],
      [["cutAt"], cutAt],
      [["digest"], digest],
    ];
  });
}

/** Writes down that a member was found missing. @param at - RFC 3339. */
export function markLost(path: string, node: string, at: string): void {
  markMember(path, node, "lost", at);
}

/** Writes down that a member was removed on purpose. @param at - RFC 3339. */
export function markExpired(path: string, node: string, at: string): void {
  markMember(path, node, "expiredAt", at);
}

/** Sets the state. */
export function setState(path: string, state: PointState): void {
  change(path, () => [[["state"], state]]);
}

function markMember(path: string, node: string, key: keyof PointMember, at: string): void {
  change(path, (point) => {
    const position = point.members.findIndex((member) => member.node === node);
    if (position < 0) {
      throw new Error(`Restore point ${point.name} has no member of node ${node}`);
    }
    return point.members[position]?.[key] === undefined ? [[["members", position, key], at]] : [];
  });
}

type Change = readonly [KeyPath, Parameters<typeof editYaml>[1][number]["value"]];

function change(path: string, decide: (point: RestorePointFile) => readonly Change[]): void {
  const text = readFileSync(path, "utf8");
  const changes = decide(parsePoint(text, path));
  if (changes.length === 0) {
    return;
  }
  const next = editYaml(
    text,
    changes.map(([at, value]) => ({ path: at, value })),
  );
  // What is written must be readable: a fault here would lose the only record of a cut.
  parsePoint(next, path);
  writeAtomically(path, next);
}
