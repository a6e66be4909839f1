import { findPulumi, oldestPulumi } from "../../engine/findPulumi";
import type { Reporter } from "../../clients/reporter";
import { UsageError } from "../../cli/exit";
import type { OpenStack } from "../../cli/stack";
import type { Deployer } from "./deployer";
import { labDeployer } from "./labDeployer";

/**
 * The Pulumi CLI where there is one; else, for the lab alone, the lab's own executor.
 *
 * @throws UsageError for a real site without the CLI
 */
export async function chooseDeployer(stack: OpenStack, reporter: Reporter): Promise<Deployer> {
  const installation = await findPulumi(process.env);
  if (installation !== undefined) {
    const { pulumiDeployer } = await import("./pulumiDeployer.js");
    return pulumiDeployer({ root: stack.root, stack: stack.name, installation, reporter });
  }
  if (stack.isLab) {
    return labDeployer(stack.root, stack.name, reporter);
  }
  throw new UsageError(
    `Stack ${stack.name} is a real site and is deployed through the Pulumi CLI, which is neither on PATH nor in ` +
      `~/.pulumi/bin. Install pulumi ${oldestPulumi} or later, or look at what the program declares with ` +
      `./atom preview --offline --stack ${stack.name}. Nothing was changed.`,
  );
}
