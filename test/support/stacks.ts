import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineConfiguration } from "../../config/engineConfiguration";
import { projectRoot } from "../../config/projectRoot";
import { readConfiguration } from "../../config/readConfiguration";
import type { ProgramInput } from "../../engine/program/collect";

/** What the engine hands to the program for a stack of `stacks/`. */
export interface StackInput extends ProgramInput {
  readonly config: Record<string, string>;
}

/** A committed stack, with `secrets` in the place of its sealed ones. */
export function stackInput(
  stack: string,
  secrets: Readonly<Record<string, string>> = {},
): StackInput {
  const { raw } = readConfiguration(stack);
  return { root: projectRoot(), stack, ...engineConfiguration(raw, secrets) };
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
