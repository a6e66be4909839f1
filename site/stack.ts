import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../config/projectRoot";
import { checkConfiguration } from "../config/parseSite";
import { ConfigurationError } from "../config/problems";
import type { RawConfiguration } from "../config/rawConfiguration";
import { readConfiguration } from "../config/readConfiguration";
import { labStack } from "../config/stackNames";
import type { Edit, StackFile } from "../config/stackFile";
import type { Problem } from "../planning/problem";
import type { Site } from "../planning/site";

/** A stack as a command opened it: read, `-c` values applied in memory, validated; nothing written. */
export interface OpenStack {
  readonly root: string;
  readonly name: string;
  readonly isLab: boolean;
  readonly site: Site;
  readonly raw: RawConfiguration;
  readonly stackFile: StackFile;
  /** What `-c` changes; written to the stack file when the operator confirms. */
  readonly edits: readonly Edit[];
  /** Failing rules that a waiver passes. */
  readonly waived: readonly Problem[];
}

/**
 * Reads and validates a stack. The lab runs on the copy of its stack file that its first start leaves in `.lab/`.
 *
 * @throws ConfigurationError with all problems at once
 */
export function openStack(name: string, overrides: readonly string[]): OpenStack {
  const root = projectRoot();
  const copy = join(root, ".lab", "stacks", `Pulumi.${labStack}.yaml`);
  const isLab = name === labStack;
  const file = isLab && existsSync(copy) ? copy : undefined;
  const { raw, stackFile, edits } = readConfiguration(name, {
    root,
    overrides: [...overrides],
    ...(file === undefined ? {} : { file }),
  });
  const { site, problems, waived } = checkConfiguration(raw);
  if (site === undefined || problems.length > 0) {
    throw new ConfigurationError(problems, raw.file);
  }
  return {
    root,
    name,
    isLab,
    site,
    raw,
    stackFile,
    edits,
    waived: waived.map(({ problem }) => problem),
  };
}
