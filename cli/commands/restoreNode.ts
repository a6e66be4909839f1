import { previewNode, restoreNode as bringBack } from "../../restorepoint/images/restoreNode";
import type { NodePlan, NodeWish } from "../../restorepoint/images/planNode";
import { exitCode, type ExitCode } from "../../site/exit";
import { printAnswer } from "../print/answer";
import { withSystems } from "./restorePoint/systems";

interface RestoreNodeOptions extends Omit<NodeWish, "node"> {
  readonly stack: string;
  readonly preview: boolean;
  readonly powerOn: boolean;
  readonly yes: boolean;
}

/** Brings the VM of a node back from an image, or shows how it would. */
export async function restoreNode(node: string, options: RestoreNodeOptions): Promise<ExitCode> {
  const { stack, preview, yes, ...wish } = options;
  return withSystems(stack, yes, async (systems) => {
    if (preview) {
      const plan = await previewNode({ ...wish, node }, systems);
      printAnswer([...plan.steps, ...plan.refusals, ...plan.after]);
      return plan.refusals.length === 0 ? exitCode.done : exitCode.failed;
    }
    const show = ({ steps }: NodePlan): void => printAnswer([...steps]);
    const result = await bringBack({ ...wish, node }, systems, show);
    return result === "refused" ? exitCode.failed : exitCode.done;
  });
}
