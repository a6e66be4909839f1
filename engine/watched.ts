import { EngineFailure } from "./failure";

/** Looks on while the engine deploys. */
export interface Watch {
  /**
   * @param signal ends the watch
   * @returns why the deployment cannot succeed, as soon as that is certain; undefined when nothing speaks against it
   */
  look(signal: AbortSignal): Promise<string | undefined>;
}

/**
 * Deploys under a watch. The engine waits for what it made to be ready, and knows no failure but the end of its time.
 *
 * @param deploy ends in order when its signal says stop
 * @throws EngineFailure with the watch's reason when that ended the deployment; else what the deployment throws
 */
export async function watched(
  watch: Watch | undefined,
  deploy: (stop: AbortSignal | undefined) => Promise<void>,
): Promise<void> {
  if (watch === undefined) {
    return deploy(undefined);
  }
  const over = new AbortController();
  const stop = new AbortController();
  const looking = look(watch, over.signal, stop);
  try {
    await deploy(stop.signal);
  } catch (error) {
    over.abort();
    const why = await looking;
    throw why === undefined ? error : new EngineFailure("failed", why);
  }
  over.abort();
  // The engine got to its end: what it waited for was ready after all.
  await looking;
}

async function look(
  watch: Watch,
  over: AbortSignal,
  stop: AbortController,
): Promise<string | undefined> {
  try {
    const why = await watch.look(over);
    if (why !== undefined) {
      stop.abort();
    }
    return why;
  } catch (error) {
    // A watch that cannot go on is no reason to end the deployment, only to say so where that fails.
    return over.aborted ? undefined : `The cut could not be watched: ${(error as Error).message}`;
  }
}
