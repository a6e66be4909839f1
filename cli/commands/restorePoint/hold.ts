import { holdPoint } from "../../../restorepoint/hold";
import { requirePointName } from "../../../restorepoint/pointStack";
import { exitCode, type ExitCode } from "../../../site/exit";
import { withSystems } from "./systems";

interface HoldOptions {
  readonly stack: string;
  readonly off: boolean;
  readonly yes: boolean;
}

/** Keeps a point whatever its `expires`, `retention` and age say; `--off` lets it go, after asking. */
export async function hold(name: string, options: HoldOptions): Promise<ExitCode> {
  requirePointName(name);
  return withSystems(options.stack, options.yes, async (systems) => {
    const { reporter, ask } = systems;
    const question = `Let ${name} go, so that \`restore-point expire --due\` may remove it?`;
    if (options.off && !(await ask(question))) {
      reporter.info("Nothing was changed.");
      return exitCode.done;
    }
    const changed = await holdPoint(name, !options.off, systems);
    reporter.info(
      `Restore point ${name} is ${changed ? "" : "already "}${options.off ? "not on hold" : "on hold"}.`,
    );
    return exitCode.done;
  });
}
