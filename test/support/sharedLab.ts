import { LabSystems } from "./labSystems";

let shared: Promise<LabSystems> | undefined;

/** One lab for all test files of a run, brought up at the first question. Tests leave it as they found it. */
export function sharedLab(): Promise<LabSystems> {
  shared ??= LabSystems.up();
  return shared;
}

// Loaded by a test file, this is a hook of the whole run.
after(async () => {
  await (await shared)?.down();
});
