import type { Reporter } from "../clients/reporter";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A command's way to end early. */
interface Interruption {
  /** Aborted by the first interrupt: what is waited for is abandoned. */
  readonly signal: AbortSignal;
  /** Puts the signals back to what they are without a command. */
  readonly end: () => void;
}

/**
 * The first interrupt (Ctrl-C, TERM or a terminal that went away) is acknowledged at once and lets the command clean up
 * after itself; a second Ctrl-C or TERM ends it.
 */
export function interruption(reporter: Reporter): Interruption {
  const stop = new AbortController();
  const note = (name: string): void => {
    stop.abort();
    process.off("SIGINT", note);
    process.off("SIGTERM", note);
    reporter.warn(
      `Stopping (${name}): what was begun is put back first; once more ends it at once.`,
    );
  };
  SIGNALS.forEach((name) => process.on(name, note));
  return {
    signal: stop.signal,
    end: () => {
      SIGNALS.forEach((name) => process.off(name, note));
    },
  };
}
