import { UsageError } from "../site/exit";

/** How a changing command learns whether it may go on. */
export interface Confirmation {
  /** `--yes` was given. */
  readonly yes: boolean;
  /** The lab stack needs no answer: it is the embedded default and holds nobody's data. */
  readonly lab: boolean;
  /** Whether a person can be asked. */
  readonly interactive: boolean;
}

/**
 * Asks before a change. Answers itself for `--yes` and for the lab.
 *
 * @returns whether to go on
 * @throws UsageError without a terminal and without `--yes`; nothing has been changed then
 */
export async function confirmChange(question: string, how: Confirmation): Promise<boolean> {
  if (how.yes || how.lab) {
    return true;
  }
  if (!how.interactive) {
    throw new UsageError(
      "Nothing was changed: this command changes things and there is no terminal to ask on. " +
        "Look at the preview above and run it again with --yes.",
    );
  }
  const { default: confirm } = await import("@inquirer/confirm");
  return confirm({ message: question, default: false }, { output: process.stderr });
}
