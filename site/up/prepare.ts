import { join } from "node:path";
import { blocking, hasUnknown, lostMembers } from "../../drift/findings";
import { isSnapshot } from "../../drift/resources";
import { interruptedTakes, takenPoints } from "../../drift/points";
import { judgeVelero } from "../../drift/veleroBackup";
import type { Engine, EngineRun } from "../../engine/engine";
import { liveSteps, type EnginePreview } from "../../engine/preview";
import type { StateEdit } from "../../engine/stateEdit";
import { planSite } from "../../planning/index";
import { stops, type Finding as Check } from "../preflight/finding";
import { preflight } from "../preflight/preflight";
import { judgeRules, type JudgedRule } from "../preflight/rules/judge";
import { stackOption } from "../../config/stackNames";
import type { OpenStack } from "../stack";
import type { OpenAccess } from "./access";
import { readAll, type Reading } from "./reading";
import { pointsToTake, stageFiles, type FileChanges, type StagedFiles } from "./stagedFiles";

/** What is put before the operator: what was found, and what the engine would do on a copy of the files. */
export interface Prepared {
  readonly stack: OpenStack;
  readonly staged: StagedFiles;
  readonly changes: FileChanges;
  readonly reading: Reading;
  /** Whether the live systems can take what is planned. */
  readonly checks: readonly Check[];
  /** Undefined where something stands against a deployment, so that none was previewed. */
  readonly preview: EnginePreview | undefined;
  /** Why nothing may be deployed, a sentence each; empty when it may. */
  readonly against: readonly string[];
}

/**
 * Works out what `up` would do, on a copy of the operator's files: the program is run once, the live systems are read by
 * one pass of LISTs, and the engine previews. Nothing is changed but the copy, which the caller removes.
 */
export async function prepare(
  stack: OpenStack,
  engine: Engine,
  access: OpenAccess,
  now: Date,
): Promise<Prepared> {
  const read = async (changes: FileChanges): Promise<Staged> => {
    const staged = stageFiles(stack, changes, now);
    const reading = await orRemove(staged, () =>
      readAll({ ...staged, root: stack.root }, engine, access),
    );
    return { staged, changes, reading };
  };
  let found = await read({ taking: pointsToTake(stack.site.restorePoints), lost: [] });
  const lost = lostMembers(found.reading.findings);
  if (lost.length > 0) {
    // They are declared no more, so that everything else can be deployed; that they are lost stays said.
    const gone = found.reading.findings.filter((finding) => finding.lost !== undefined);
    found.staged.remove();
    const again = await read({ ...found.changes, lost });
    const findings = [...gone, ...again.reading.findings];
    found = { ...again, reading: { ...again.reading, findings } };
  }
  return orRemove(found.staged, () => judge(stack, engine, access, found, now));
}

type Staged = Pick<Prepared, "staged" | "changes" | "reading">;

/** The copy does not outlive a failure. */
async function orRemove<T>(staged: StagedFiles, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    staged.remove();
    throw error;
  }
}

async function judge(
  stack: OpenStack,
  engine: Engine,
  access: OpenAccess,
  found: Staged,
  now: Date,
): Promise<Prepared> {
  const { staged, reading } = found;
  const { desired } = reading;
  const plan = planSite(staged.site);
  const checks = await preflight({ plan, desired, ...access, now });
  const problems = stack.waived;
  const drift = [...reading.findings, ...judgeVelero(plan.site, reading.live, now)];
  const rules = judgeRules({ plan, problems, checks, drift, now });
  const against = objections(stack, found, checks, rules);
  const preview =
    against.length > 0 ? undefined : await engine.preview({ ...runOf(found), file: staged.file });
  return { ...found, stack, checks, preview, against };
}

function objections(
  stack: OpenStack,
  { staged, reading }: Staged,
  checks: readonly Check[],
  rules: readonly JudgedRule[],
): string[] {
  const { findings } = reading;
  const broken = rules.filter(({ verdict, mended }) => verdict === "fail" && mended !== true);
  return [
    ...(hasUnknown(findings) ? ["Something could not be read."] : []),
    ...blocking(findings).map(({ kind, object }) => `${object} is in the way (${kind}).`),
    ...(stops(checks) ? ["A check failed."] : []),
    ...(broken.length > 0
      ? [
          `Broken: ${broken.map(({ number, id }) => `rule ${number} (${id})`).join(", ")}; ` +
            `./atom preflight${stackOption(stack.name)} tells them.`,
        ]
      : []),
    ...interruptedTakes(staged.site.restorePoints).map(
      (point) =>
        `The taking of restore point ${point.name} was interrupted: run ./atom restore-point create ${point.name}${stackOption(stack.name)}, ` +
        "which completes it or gives it up.",
    ),
  ];
}

/**
 * How the engine is run for preview and deployment alike. What lives and is missing in the state is left out, since the
 * engine would create it; so are VM snapshots that were taken: nothing of them may change, and a refresh of one that is
 * lost is an error of the provider.
 */
export function runOf({
  staged,
  reading,
}: Pick<Staged, "staged" | "reading">): Omit<EngineRun, "file"> {
  const { findings, state } = reading;
  const taken = state.resources.filter(({ type }) => isSnapshot(type));
  const found = findings.filter((one) => one.state === "import");
  const exclude = [...new Set([...taken, ...found].map(({ urn }) => urn))];
  return { plan: join(staged.folder, "plan.json"), ...(exclude.length === 0 ? {} : { exclude }) };
}

/** What only an edit of the state can bring: objects that live and are missing in it, and entries that ended. */
export function stateEditOf({ findings, state }: Reading): StateEdit | undefined {
  const imports = new Map(
    findings.flatMap(({ urn, id, state: lacks }) =>
      lacks === "import" && id !== undefined ? [[urn, id] as const] : [],
    ),
  );
  const remove = findings.flatMap(({ urn, state: lacks }) => (lacks === "remove" ? [urn] : []));
  return imports.size + remove.length + state.pendingCreations.length === 0
    ? undefined
    : { imports, remove, forgetPendingCreations: true };
}

/** Whether anything is to be done: in the live systems, in the state, or in the operator's files. */
export function isChange({ stack, staged, changes, reading, preview }: Prepared): boolean {
  const { desired, state } = reading;
  return (
    (preview?.steps.length ?? 0) > 0 ||
    stack.edits.length > 0 ||
    changes.taking.length > 0 ||
    changes.lost.length > 0 ||
    stateEditOf(reading) !== undefined ||
    // All members of a point were taken by a run that was interrupted before it could write so.
    takenPoints(desired, state, staged.site.restorePoints).length > 0
  );
}

/** Whether live systems are as declared, as far as both the comparison and the engine see. */
export function hasChanges({ reading, preview }: Prepared): boolean {
  return (
    reading.findings.some(({ kind }) => kind !== "same" && kind !== "unknown") ||
    (preview !== undefined && liveSteps(preview).length > 0)
  );
}
