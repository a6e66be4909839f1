/** Number of the point at which a deployment kills itself; for tests of the lab. */
export const KILL_VARIABLE = "ATOM_KILL_AT";

/** Moments of a step between which a deployment can be killed. */
export type StepMoment = "planned" | "begun" | "done" | "recorded";

/** Called at every moment of every step. */
export type StepListener = (moment: StepMoment, urn: string) => void;

/**
 * Ends this process with SIGKILL at the n-th moment, so that tests can show that a deployment may be killed anywhere.
 * Only the lab's executor asks for it.
 */
export function killListener(env: NodeJS.ProcessEnv = process.env): StepListener {
  const at = Number(env[KILL_VARIABLE] ?? 0);
  let passed = 0;
  return () => {
    passed += 1;
    if (passed === at) {
      process.kill(process.pid, "SIGKILL");
    }
  };
}
