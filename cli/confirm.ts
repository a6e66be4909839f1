import { UsageError } from "../site/exit";

/** How a changing command learns whether it may go on. */
interface Confirmation {
  /** `--yes` was given. */
  readonly yes: boolean;
  /** The lab stack needs no answer: it is the embedded default and holds nobody's data. */
  readonly lab: boolean;
  /** Whether a person can be asked. Default: on a terminal. */
  readonly interactive?: boolean;
}

/**
 * Asks before a change. Answers itself for `--yes` and for the lab.
 *
 * @returns whether to go on
 * @throws UsageError without a terminal and without `--yes`; nothing has been changed then
 */
export async function confirmChange(
  question: string,
  { yes, lab, interactive = process.stdin.isTTY && process.stderr.isTTY }: Confirmation,
): Promise<boolean> {
  if (yes || lab) {
    return true;
  }
  if (!interactive) {
    throw new UsageError(
      "Nothing was changed: this command changes things and there is no terminal to ask on. " +
        "Look at the preview above and run it again with --yes.",
    );
  }
  const { default: confirm } = await import("@inquirer/confirm");
  return confirm({ message: question, default: false }, { output: process.stderr });
}
