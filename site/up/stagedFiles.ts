import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseSite } from "../../config/parseSite";
import { markVm, pointFilePath, pointFolder, setPointState } from "../../config/pointFile";
import type { RawConfiguration } from "../../config/rawConfiguration";
import { readConfiguration } from "../../config/readConfiguration";
import { editStackText, writeStackFile } from "../../config/stackFile";
import type { LostMember } from "../../drift/types";
import { takeAdditions } from "../../engine/stackFileText";
import type { PointFile, Site } from "../../planning/site";
import type { OpenStack } from "../stack";

/** What `up` changes in the operator's files once it is confirmed. */
export interface FileChanges {
  /** Points to set to `taking`. */
  readonly taking: readonly string[];
  /** Members to mark as lost. */
  readonly lost: readonly LostMember[];
}

/**
 * A copy of the stack file and its point files with the changes that are up for confirmation: preview runs on it, so
 * that a refused or unconfirmed value never reaches the operator's files.
 */
export interface StagedFiles {
  /** Absolute path of the copy of the stack file. */
  readonly file: string;
  /** Folder of the copy, for what lives as long; readable by the owner alone. */
  readonly folder: string;
  readonly raw: RawConfiguration;
  readonly site: Site;
  remove(): void;
}

/** Points that `up` takes: planned ones of VMs alone. `restore-point create` takes volumes. */
export function pointsToTake(points: readonly PointFile[]): string[] {
  return points
    .filter(
      ({ state, volumes, consistency }) =>
        state === "planned" && !volumes && consistency !== "frozen",
    )
    .map(({ name }) => name);
}

/** Makes the copy in a private temporary folder. */
export function stageFiles(stack: OpenStack, changes: FileChanges, now: Date): StagedFiles {
  const folder = mkdtempSync(join(tmpdir(), "atom-preview-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const pointsDir = join(folder, "restore-points");
    const original = pointFolder(stack.root, stack.site.restorePointsDir, stack.name);
    mkdirSync(join(pointsDir, stack.name), { recursive: true });
    if (existsSync(original)) {
      cpSync(original, join(pointsDir, stack.name), { recursive: true });
    }
    applyToPoints(folder, "restore-points", stack.name, changes, now);
    const file = join(folder, `Pulumi.${stack.name}.yaml`);
    const edits = [...stack.edits, { path: ["restorePointsDir"], value: pointsDir }];
    writeStackFile(file, editStackText(stack.stackFile, edits));
    const { raw } = readConfiguration(stack.name, { root: stack.root, file });
    return { file, folder, raw, site: parseSite(raw), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Writes the confirmed changes to the operator's own files, before the first change to a live system. */
export function writeConfirmed(
  stack: OpenStack,
  staged: StagedFiles,
  changes: FileChanges,
  now: Date,
): void {
  const { root, name, site, stackFile } = stack;
  if (stack.edits.length > 0) {
    writeStackFile(stackFile.path, editStackText(stackFile, [...stack.edits]));
  }
  takeAdditions(staged.file, stackFile.path);
  applyToPoints(root, site.restorePointsDir, name, changes, now);
}

function applyToPoints(
  root: string,
  dir: string,
  stack: string,
  { taking, lost }: FileChanges,
  now: Date,
): void {
  for (const name of taking) {
    setPointState(pointFilePath(root, dir, stack, name), "taking");
  }
  for (const { point, node } of lost) {
    markVm(pointFilePath(root, dir, stack, point), node, "lost", now.toISOString());
  }
}
