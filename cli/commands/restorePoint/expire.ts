import { requirePointName } from "../../../restorepoint/pointStack";
import { expirePoints } from "../../../restorepoint/expire/expirePoints";
import { EXPIRE_COMMAND } from "../../../restorepoint/expire/facts";
import { exitCode, UsageError, type ExitCode } from "../../../site/exit";
import { writeDocument } from "../../print/documents";
import { withSystems } from "./systems";

interface ExpireOptions {
  readonly stack: string;
  readonly due: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly json: boolean;
  /** Seconds that every wait may take; default 300. */
  readonly timeout?: number;
}

/** Removes restore points, or what of them is due: previewed, asked, journalled, and repeatable after any kill. */
export async function expire(name: string | undefined, options: ExpireOptions): Promise<ExitCode> {
  if ((name === undefined) !== options.due) {
    throw new UsageError(
      name === undefined
        ? "Name a restore point, or give --due for all that is due now. Nothing was changed."
        : "Either a name or --due: --due chooses by itself. Nothing was changed.",
    );
  }
  if (name !== undefined) {
    requirePointName(name);
  }
  return withSystems(options.stack, options.yes, async (systems) => {
    const request = { name, dryRun: options.dryRun, timeoutSeconds: options.timeout };
    const { result, review, left } = await expirePoints(request, systems);
    if (options.json) {
      const points = review.plans.map(({ point, ...plan }) => ({ point: point.name, ...plan }));
      const fields = { result, against: review.against, left, points };
      await writeDocument(EXPIRE_COMMAND, systems.stack, fields);
    }
    return result === "refused" || result === "unknown" ? exitCode.failed : exitCode.done;
  });
}
