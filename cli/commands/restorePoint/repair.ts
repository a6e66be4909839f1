import { requirePointName } from "../../../restorepoint/pointStack";
import { repairPoint } from "../../../restorepoint/rollback/repair";
import { exitCode, type ExitCode } from "../../../site/exit";
import { printAnswer } from "../../print/answer";
import { withSystems } from "./systems";

/** Binds the snapshots of a point again that are still in the storage. */
export async function repair(
  name: string,
  options: { readonly stack: string; readonly yes: boolean },
): Promise<ExitCode> {
  requirePointName(name);
  return withSystems(options.stack, options.yes, async (systems) => {
    const { state } = await repairPoint(name, systems, printAnswer);
    return state === "refused" ? exitCode.failed : exitCode.done;
  });
}
