/** Number of the point at which a deployment kills itself; for tests of the lab. */
export const KILL_VARIABLE = "ATOM_KILL_AT";

/** Moments of a step between which a deployment can be killed. */
export type StepMoment = "planned" | "begun" | "done" | "recorded";

/** Called at every moment of every step. */
export type StepListener = (moment: StepMoment, urn: string) => void;

/** Counted over the whole process: a command is several deployments, and what lies between them. */
let passed = 0;

/**
 * Ends this process with SIGKILL at the n-th moment, so that tests can show that a command may be killed anywhere.
 * Without the variable it does nothing.
 */
export function killListener(env: NodeJS.ProcessEnv = process.env): StepListener {
  const at = Number(env[KILL_VARIABLE] ?? 0);
  return () => {
    passed += 1;
    if (passed === at) {
      process.kill(process.pid, "SIGKILL");
    }
  };
}
