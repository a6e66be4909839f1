/**
 * What went wrong with a live system.
 * - `configuration`: a file that opens it is missing or wrong
 * - `identity`: another cluster answers than the stack file pins
 * - `unreachable`: no answer: refused, timed out, unknown host, untrusted certificate
 * - `certificate`: vCenter shows a certificate that nobody known here has signed
 * - `login`: vCenter does not accept user or password
 * - `answer`: it answered with an error; `status` and `reason` say which
 * - `notServed`: the API server does not know the kind, its CRD is not installed
 * - `timeout`: a task did not end within its time
 */
export type Failure =
  | "configuration"
  | "identity"
  | "unreachable"
  | "certificate"
  | "login"
  | "answer"
  | "notServed"
  | "timeout";

/** An error of a live system in one sentence; never with a secret, a header or a request in it. */
export abstract class SystemError extends Error {
  constructor(
    readonly failure: Failure,
    message: string,
    /** HTTP status of an `answer`. */
    readonly status?: number,
    /** The API server's reason, e.g. `AlreadyExists`; the type of vCenter's fault, e.g. `TaskInProgress`. */
    readonly reason?: string,
  ) {
    super(message);
  }
}

/** Attempts after the first, each after twice the pause of the one before: a busy system, not one that is down. */
const RETRIES = 3;

/** Whether an answer says that the same request may be sent again: busy, or a failure on the way. */
export function isPassing(error: unknown): boolean {
  const status = error instanceof SystemError ? (error.status ?? 0) : 0;
  return status === 429 || status >= 500;
}

/**
 * Runs again what failed in passing. A silent or unreachable system is not asked again: its time-out has been waited
 * for once, and "unknown" has to come soon.
 *
 * @param attempt gets its number, from 1
 * @param firstPauseMs before the second attempt
 */
export async function withRetries<T>(
  attempt: (number: number) => Promise<T>,
  again: (error: unknown) => boolean = isPassing,
  firstPauseMs = 200,
): Promise<T> {
  const { default: pRetry } = await import("p-retry");
  return pRetry(attempt, {
    retries: RETRIES,
    minTimeout: firstPauseMs,
    factor: 2,
    shouldRetry: ({ error }) => again(error),
  });
}

/** Text of another program as part of a sentence: one line without the full stop. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().replace(/\.$/, "");
}
