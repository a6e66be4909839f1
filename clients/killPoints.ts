/** Number of the kill point at which a command of the lab ends itself, from 1; for tests of the lab. */
export const KILL_VARIABLE = "ATOM_KILL_AT";

/** Id of the process that is ended then in the place of the command, e.g. of the lab's API server. */
export const VICTIM_VARIABLE = "ATOM_KILL_PID";

/** Counted over the whole process: a command is several deployments, and what lies between them. */
let passed = 0;

/**
 * A function that is called at every moment at which a command may be killed, with the moment's name. In the lab it
 * ends this process, or another, with SIGKILL at the n-th call, so that tests can show that a command may be killed anywhere. On
 * any other stack, and without the variable, it does nothing.
 */
export function killListener(
  { isLab }: { readonly isLab: boolean },
  env: NodeJS.ProcessEnv = process.env,
): (...moment: readonly string[]) => void {
  const at = isLab ? Number(env[KILL_VARIABLE] ?? 0) : 0;
  return () => {
    passed += 1;
    if (passed === at) {
      process.kill(Number(env[VICTIM_VARIABLE] ?? process.pid), "SIGKILL");
    }
  };
}
