import { join } from "node:path";

import { withLock } from "../lab/lock";

/** Another deployment is under way. */
export class DeployLockedError extends Error {
  override readonly name = "DeployLockedError";

  constructor(readonly pid: number) {
    super(
      `Another deployment of this lab is running (process ${pid}); nothing was changed. Wait for it to end, then run ` +
        "the command again.",
    );
  }
}

/**
 * Does work while no other deployment of the lab runs. The lock of a process that died is taken over.
 *
 * @param labDir `.lab`
 * @throws DeployLockedError at once when another process holds it
 */
export async function withDeployLock<T>(labDir: string, work: () => Promise<T>): Promise<T> {
  const waiting = new AbortController();
  let holder: number | undefined;
  const onWait = (pid: number): void => {
    holder = pid;
    waiting.abort();
  };
  try {
    return await withLock(join(labDir, "deploy.lock"), { onWait, signal: waiting.signal }, work);
  } catch (error) {
    throw holder === undefined ? error : new DeployLockedError(holder);
  }
}
