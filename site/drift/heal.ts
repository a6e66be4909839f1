import { join } from "node:path";
import { isKubernetes, isSnapshot } from "../../drift/resources";
import type { Finding } from "../../drift/types";
import type { Engine, EngineRun } from "../../engine/engine";
import { liveSteps, type EngineStep } from "../../engine/preview";
import type { OpenStack } from "../stack";
import { stageFiles, writeConfirmed, type StagedFiles } from "../up/stagedFiles";
import type { Drift } from "./readDrift";

/** What of drift is mended by itself. */
export interface Healable {
  /** URNs of declared objects that are missing or were changed, and that a deployment puts right. */
  readonly targets: readonly string[];
  /** Points whose snapshots the storage may still have, and the cluster does not lead to any more. */
  readonly points: readonly string[];
}

const REPAIR = /^\.\/atom restore-point repair (\S+)/;

/** What can be mended without risk to data: declared objects, and bindings of what was taken. Pure; takes no snapshot. */
export function healable(findings: readonly Finding[]): Healable {
  const mended = findings.filter(
    ({ kind, type, blocked, command }) =>
      isKubernetes(type) &&
      (kind === "missing" || kind === "differs") &&
      blocked !== true &&
      command === undefined,
  );
  const points = findings.flatMap(({ command = "" }) => REPAIR.exec(command)?.[1] ?? []);
  return { targets: mended.map(({ urn }) => urn), points: [...new Set(points)] };
}

/** A deployment of the targets alone, previewed. */
export interface PreparedHeal {
  readonly staged: StagedFiles;
  readonly run: Omit<EngineRun, "file">;
  readonly steps: readonly EngineStep[];
  /** What the engine would do besides; nothing is mended then. */
  readonly others: readonly EngineStep[];
}

/** Previews what a deployment of the targets does, on a copy of the operator's files, which the caller removes. */
export async function prepareHeal(
  stack: OpenStack,
  { reading: { desired, state } }: Drift,
  targets: readonly string[],
  engine: Engine,
): Promise<PreparedHeal> {
  const staged = stageFiles(stack, { taking: [], lost: [] }, new Date());
  // Left out rather than chosen: what the engine is to deploy it has to refresh, and chosen ones it takes as recorded.
  const exclude = [...desired.registrations, ...state.resources]
    .filter(({ type, urn }) => (isKubernetes(type) || isSnapshot(type)) && !targets.includes(urn))
    .map(({ urn }) => urn);
  const run = { plan: join(staged.folder, "plan.json"), exclude: [...new Set(exclude)] };
  try {
    const steps = liveSteps(await engine.preview({ ...run, file: staged.file }));
    const others = steps.filter(({ urn }) => !targets.includes(urn));
    return { staged, run, steps, others };
  } catch (error) {
    staged.remove();
    throw error;
  }
}

/** Does exactly what was previewed. */
export async function applyHeal(
  stack: OpenStack,
  { staged, run }: PreparedHeal,
  engine: Engine,
): Promise<void> {
  writeConfirmed(stack, staged, { taking: [], lost: [] }, new Date());
  await engine.up({ ...run, file: stack.stackFile.path });
}
