import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineConfiguration } from "../../config/engineConfiguration";
import { projectRoot } from "../../config/projectRoot";
import { readConfiguration } from "../../config/readConfiguration";
import { collect } from "../../engine/program/collect";
import type { DesiredState } from "../../engine/program/desiredState";

/** What the engine hands to the program for a stack of `stacks/`. */
export interface StackInput {
  readonly root: string;
  readonly stack: string;
  /** Keys with namespace. */
  readonly config: Record<string, string>;
  readonly secretKeys: string[];
}

/** A committed stack, with `secrets` in the place of its sealed ones. */
export function stackInput(
  stack: string,
  secrets: Readonly<Record<string, string>> = {},
): StackInput {
  const { raw } = readConfiguration(stack);
  return { root: projectRoot(), stack, ...engineConfiguration(raw, secrets) };
}

export function collectInput(input: StackInput): Promise<DesiredState> {
  return collect({ ...input, values: input.config });
}

/**
 * The lab stack with its example point in a folder of its own, in the state `taking`; the folder is removed afterwards.
 */
export async function withTaking<T>(
  action: (input: StackInput, pointFile: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "atom-points-"));
  try {
    cpSync(join(projectRoot(), "stacks", "restore-points"), folder, { recursive: true });
    const pointFile = join(folder, "lab", "pre-24.1.yaml");
    const text = readFileSync(pointFile, "utf8");
    writeFileSync(pointFile, text.replace("state: planned", "state: taking"));
    const input = stackInput("lab");
    input.config["atom-backup:restorePointsDir"] = folder;
    return await action(input, pointFile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
