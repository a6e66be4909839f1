import { killListener } from "../../clients/killPoints";
import { pointFilePath, recordVm, setPointState } from "../../config/pointFile";
import { takenPoints } from "../../drift/points";
import type { Reporter } from "../../clients/reporter";
import type { Engine } from "../../engine/engine";
import type { StateEdit } from "../../engine/stateEdit";
import { openStack } from "../stack";
import { runOf, stateEditOf, type Prepared } from "./prepare";
import { writeConfirmed } from "./stagedFiles";

/**
 * Deploys exactly what was confirmed: writes the confirmed values to the operator's files, then lets the engine do what
 * its preview planned and nothing else.
 *
 * @throws EngineFailure when anything else would happen
 */
export async function applyPrepared(
  prepared: Prepared,
  engine: Engine,
  now: Date,
  reporter: Reporter,
): Promise<void> {
  const { stack, staged, changes, reading, preview } = prepared;
  const { path } = stack.stackFile;
  const moment = killListener(stack);
  moment();
  writeConfirmed(stack, staged, changes, now);
  const edit = stateEditOf(reading);
  const places = placesOf(reading, edit);
  if (edit !== undefined && places.length > 0) {
    await engine.up({ file: path, targets: places });
    await engine.editState(reading.desired.registrations, edit);
  }
  if ((preview?.steps.length ?? 0) > 0) {
    await engine.up({ ...runOf(prepared), file: path });
  }
  if (edit !== undefined) {
    await engine.editState(reading.desired.registrations, edit);
  }
  await settlePoints(stack.name, prepared, engine, reporter);
  moment();
}

/**
 * Providers and components of imports that something declared depends on, e.g. CRDs after `down`: the engine saves no
 * state with an entry that depends on a missing one, so that these imports come before the deployment, and what they
 * belong to before them. Empty where no import has to be first.
 */
function placesOf(
  { desired: { registrations } }: Prepared["reading"],
  edit: StateEdit | undefined,
): readonly string[] {
  const imports = edit?.imports ?? new Map<string, string>();
  if (!registrations.some(({ dependsOn }) => dependsOn.some((urn) => imports.has(urn)))) {
    return [];
  }
  const places = registrations
    .filter(({ urn }) => imports.has(urn))
    .flatMap(({ provider, parent }) => [provider, parent])
    .filter((urn) => urn !== undefined);
  return [...new Set(places)];
}

/** Completes the files of points whose members are all there; the program's own hook did so for those it took. */
async function settlePoints(
  name: string,
  { reading, changes }: Prepared,
  engine: Engine,
  reporter: Reporter,
): Promise<void> {
  const stack = openStack(name, []);
  const { root, site } = stack;
  const taking = site.restorePoints.filter(({ state }) => state === "taking");
  if (taking.length === 0) {
    changes.taking.forEach((point) => reporter.info(`restore point ${point} is taken`));
    return;
  }
  const state = await engine.state();
  for (const point of takenPoints(reading.desired, state, taking)) {
    const path = pointFilePath(root, site.restorePointsDir, name, point.name);
    const takenAt = new Date().toISOString();
    point.vms.forEach((vm) => recordVm(path, vm, takenAt));
    killListener(stack)();
    setPointState(path, "ready");
    reporter.info(`restore point ${point.name} is taken: ${point.vms.length} VM snapshots`);
  }
}
