/** Why the Pulumi CLI could not do what was asked, as far as its exit code and messages tell. */
export type EngineFailureKind =
  /** Something in the program, a provider or a live system; the messages say what. */
  | "failed"
  /** Another run holds the stack's lock, or one died holding it. */
  | "locked"
  /** The passphrase is missing or wrong, or the backend refused the login. */
  | "credentials"
  | "noStack"
  | "cancelled"
  | "timeOut"
  /** The CLI could not be started, is too old, or lacks a plugin. */
  | "setup";

/** A run of the Pulumi CLI that ended badly. `message` is for people and holds no secret. */
export class EngineFailure extends Error {
  override readonly name = "EngineFailure";

  constructor(
    readonly kind: EngineFailureKind,
    message: string,
    /** Exit code of the CLI; undefined when it was not started or ended by a signal. */
    readonly exitCode: number | undefined = undefined,
  ) {
    super(message);
  }
}

/** How a run ended, as {@link explainFailure} needs it. */
export interface FailedRun {
  /** What was asked, e.g. `preview`. */
  readonly what: string;
  readonly stack: string;
  readonly exitCode: number | undefined;
  /** Whether the run was interrupted through this process. */
  readonly interrupted?: boolean;
  /** Error diagnostics of the engine, in order. */
  readonly diagnostics: readonly string[];
  /** What the CLI wrote on stderr. */
  readonly stderr: string;
}

// Exit codes of the CLI have a meaning of their own since 3.227; messages are looked at where the code is the general 1.
const authenticationError = 3;
const stackNotFound = 6;
const cancelled = 8;

const messageRules: readonly (readonly [RegExp, EngineFailureKind, (run: FailedRun) => string])[] =
  [
    [
      /the stack is currently locked|is currently locked by \d+ lock|already another update in progress/i,
      "locked",
      (run) =>
        `Another run holds the lock of stack ${run.stack}. Wait for the process named below; if it does not run any ` +
        `more, remove the stale lock with: pulumi cancel --stack ${run.stack}`,
    ],
    [
      /passphrase must be set|incorrect passphrase|PULUMI_CONFIG_PASSPHRASE/i,
      "credentials",
      (run) =>
        `The passphrase of stack ${run.stack} is missing or wrong: set PULUMI_CONFIG_PASSPHRASE or ` +
        "PULUMI_CONFIG_PASSPHRASE_FILE.",
    ],
    [
      /no (language|resource) plugin|could not (find|load) plugin|plugin .* not found|no such plugin/i,
      "setup",
      () =>
        "The CLI lacks a plugin. With internet it fetches plugins itself; without, put the plugin " +
        "on PATH or install it from a file with: pulumi plugin install --file FILE resource NAME VERSION",
    ],
  ];

/** Turns the end of a run into a failure that says what happened and what to do. */
export function explainFailure(run: FailedRun): EngineFailure {
  const { what, stack, exitCode } = run;
  const failure = (kind: EngineFailureKind, message: string): EngineFailure =>
    new EngineFailure(kind, `${message}${quoted(run)}`, exitCode);
  if (exitCode === cancelled || run.interrupted === true) {
    const left =
      what === "preview"
        ? "Nothing was changed."
        : "What was under way is finished and recorded; the same command goes on from there.";
    return failure("cancelled", `pulumi ${what} was interrupted. ${left}`);
  }
  if (exitCode === stackNotFound) {
    return failure("noStack", `Stack ${stack} does not exist in the state backend.`);
  }
  const words = [...run.diagnostics, run.stderr].join("\n");
  const rule = messageRules.find(([pattern]) => pattern.test(words));
  if (rule !== undefined) {
    return failure(rule[1], rule[2](run));
  }
  if (exitCode === authenticationError) {
    return failure("credentials", "The state backend refused the login; see pulumi login.");
  }
  return failure(
    "failed",
    exitCode === undefined
      ? `pulumi ${what} was killed before it ended. Run the command again: what it made already is found ` +
          "and taken over, not made twice."
      : `pulumi ${what} ended with exit code ${exitCode}.`,
  );
}

/** The engine's own words, each line once, indented. */
function quoted(run: FailedRun): string {
  const source = run.diagnostics.length > 0 ? run.diagnostics : [run.stderr];
  const lines = source
    .flatMap((text) => text.split("\n"))
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== "");
  return [...new Set(lines)].map((line) => `\n  ${line}`).join("");
}
