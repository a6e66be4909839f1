import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { writeAtomically } from "../../config/atomicFile";
import { pointFilePath } from "../../config/pointFile";
import { markTaking, markExpired, markExpiring, markLost } from "../../config/pointRecord";
import { parseSite } from "../../config/parseSite";
import { readConfiguration } from "../../config/readConfiguration";
import type { RawConfiguration } from "../../config/rawConfiguration";
import { editStackText, writeStackFile } from "../../config/stackFile";
import type { LostMember } from "../../drift/types";
import type { RestorePointFile, Site } from "../../planning/site";
import type { OpenStack } from "../../cli/stack";

/** The whole text of a point's file. */
export interface PointText {
  readonly name: string;
  readonly text: string;
}

/** What a command changes in the operator's files once it is confirmed. */
export interface FileChanges {
  /** Point files to write anew, before anything else. */
  readonly written?: readonly PointText[];
  /** Points to set to `taking`. */
  readonly taken: readonly string[];
  readonly lost: readonly LostMember[];
  /** Points whose removal begins. */
  readonly expiring?: readonly string[];
  /** Members that end while their point stays. */
  readonly ended?: readonly EndedMembers[];
}

/** Members of one point by `memberKey`. */
export interface EndedMembers {
  readonly point: string;
  readonly keys: readonly string[];
}

/**
 * A copy of the stack file and its point files with the changes that are up for confirmation: preview runs on it, so
 * that a refused or unconfirmed value never reaches the operator's files.
 */
export interface Candidate {
  readonly file: string;
  readonly raw: RawConfiguration;
  readonly site: Site;
  remove(): void;
}

/** Points that `up` cuts: planned ones of VMs alone. `restore-point create` cuts volumes and freezes the product. */
export function pointsToTake(points: readonly RestorePointFile[]): string[] {
  return points
    .filter(
      ({ state, volumes, consistency }) =>
        state === "planned" && volumes.length === 0 && consistency !== "frozen",
    )
    .map(({ name }) => name);
}

/** Makes the copy in a private temporary folder, owner-readable only. */
export function makeCandidate(stack: OpenStack, changes: FileChanges, now: Date): Candidate {
  const dir = mkdtempSync(join(tmpdir(), "atom-preview-"));
  try {
    const pointsDir = join(dir, "restore-points");
    const original = pointsFolder(stack);
    mkdirSync(join(pointsDir, stack.name), { recursive: true });
    if (existsSync(original)) {
      cpSync(original, join(pointsDir, stack.name), { recursive: true });
    }
    applyToPoints(dir, "restore-points", stack.name, changes, now);
    const file = join(dir, `Pulumi.${stack.name}.yaml`);
    writeStackFile(
      file,
      editStackText(stack.stackFile, [
        ...stack.edits,
        { path: ["restorePointsDir"], value: pointsDir },
      ]),
    );
    const { raw } = readConfiguration(stack.name, { root: stack.root, file });
    return {
      file,
      raw,
      site: parseSite(raw),
      remove: () => rmSync(dir, { recursive: true, force: true }),
    };
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

/** Writes the confirmed changes to the operator's own files, before the first change to a live system. */
export function writeConfirmed(stack: OpenStack, changes: FileChanges, now: Date): void {
  if (stack.edits.length > 0) {
    writeStackFile(stack.stackFile.path, editStackText(stack.stackFile, [...stack.edits]));
  }
  applyToPoints(stack.root, stack.site.restorePointsDir, stack.name, changes, now);
}

function applyToPoints(
  root: string,
  restorePointsDir: string,
  stack: string,
  changes: FileChanges,
  now: Date,
): void {
  for (const { name, text } of changes.written ?? []) {
    writeAtomically(pointFilePath(root, restorePointsDir, stack, name), text);
  }
  for (const name of changes.taken) {
    markTaking(pointFilePath(root, restorePointsDir, stack, name));
  }
  for (const { point, key } of changes.lost) {
    markLost(pointFilePath(root, restorePointsDir, stack, point), key, now.toISOString());
  }
  for (const name of changes.expiring ?? []) {
    markExpiring(pointFilePath(root, restorePointsDir, stack, name));
  }
  for (const { point, keys } of changes.ended ?? []) {
    markExpired(pointFilePath(root, restorePointsDir, stack, point), keys, now.toISOString());
  }
}

function pointsFolder(stack: OpenStack): string {
  const dir = stack.site.restorePointsDir;
  return join(isAbsolute(dir) ? dir : join(stack.root, dir), stack.name);
}
