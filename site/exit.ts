import { UnknownError, UsageError } from "../planning/errors";

export { UnknownError, UsageError };

/** Exit codes of `./atom`; 7 is the Pulumi CLI's number for changes where none were expected. */
export const exitCode = {
  /** Done, or no drift. */
  done: 0,
  /** Failed, or could not tell; wins over {@link exitCode.drift}. */
  failed: 1,
  /** Wrong usage or configuration; nothing was touched. */
  usage: 2,
  drift: 7,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Exit code for an error that ended a command. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) {
    return exitCode.usage;
  }
  return error instanceof Error && error.name === "ConfigurationError"
    ? exitCode.usage
    : exitCode.failed;
}

/** What people see of an error: its message; the stack only when asked for with ATOM_DEBUG. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  return process.env.ATOM_DEBUG === undefined ? error.message : (error.stack ?? error.message);
}
