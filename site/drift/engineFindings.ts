import { found, type Finding } from "../../drift/types";
import type { Engine } from "../../engine/engine";
import { EngineFailure } from "../../engine/failure";
import { liveSteps, type EngineStep } from "../../engine/preview";
import type { OpenStack } from "../stack";
import { runOf } from "../up/prepare";
import { stageFiles } from "../up/stagedFiles";
import type { Drift } from "./readDrift";

const OBJECT = "pulumi preview --refresh";

const KINDS: Partial<Record<EngineStep["op"], Finding["kind"]>> = {
  create: "missing",
  delete: "undeclared",
};

/**
 * What the engine's own preview would change and is no finding yet. What it leaves out, as `up` does, are snapshots that
 * were taken: nothing of them may change, and the provider's refresh ends in an error where one is lost.
 */
export async function engineFindings(
  stack: OpenStack,
  engine: Engine | undefined,
  { reading, findings }: Drift,
): Promise<readonly Finding[]> {
  if (engine === undefined) {
    return [
      found("unknown", OBJECT, "There is no Pulumi CLI on this machine: leave --engine out."),
    ];
  }
  const staged = stageFiles(stack, { taking: [], lost: [] }, new Date());
  try {
    const { plan: _, ...run } = runOf({ staged, reading });
    const preview = await engine.preview({ ...run, file: staged.file });
    const known = new Set(findings.flatMap(({ urn, kind }) => (kind === "same" ? [] : [urn])));
    return liveSteps(preview)
      .filter(({ urn }) => !known.has(urn))
      .map(({ urn, type, name, op, changes }) => ({
        ...found(
          KINDS[op] ?? "differs",
          `${type.slice(type.lastIndexOf(":") + 1)} ${name}`,
          `The engine would ${op} it.`,
          changes,
        ),
        urn,
        type,
      }));
  } catch (error) {
    if (error instanceof EngineFailure) {
      return [found("unknown", OBJECT, error.message)];
    }
    throw error;
  } finally {
    staged.remove();
  }
}
