import type { Reporter } from "../clients/reporter";
import { openStack, type OpenStack } from "../site/stack";

/** Opens a stack for a command that works on volumes; the lab is started with its data plane. */
export async function openPointStack(name: string, reporter: Reporter): Promise<OpenStack> {
  const stack = openStack(name, []);
  if (!stack.isLab) {
    return stack;
  }
  const { startLab } = await import("./startLab.js");
  const { ensureProduct } = await import("../lab/product.js");
  const opened = await startLab(stack, [], reporter, ["cluster", "vcenter", "data"]);
  await ensureProduct(opened.root, reporter);
  return opened;
}
