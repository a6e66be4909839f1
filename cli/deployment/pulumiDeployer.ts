import { readLabRecord, updateLabRecord } from "../../lab/index";
import type { PulumiInstallation } from "../../operations/engine/findPulumi";
import { PulumiCli } from "../../operations/engine/pulumiCli";
import type { Reporter } from "../../operations/reporter";
import { labStack } from "../stack";
import type { Deployer } from "./deployer";

/** Deploys through the Pulumi CLI, the way of every real site. */
export function pulumiDeployer(options: {
  readonly root: string;
  readonly stack: string;
  readonly installation: PulumiInstallation;
  readonly reporter: Reporter;
}): Deployer {
  const { root, stack, installation, reporter } = options;
  const cli = (configFile: string): PulumiCli =>
    new PulumiCli({ installation, root, stack, configFile, env: process.env, reporter });
  return {
    way: "pulumi",
    title: `pulumi ${installation.version}`,
    load: (file) => cli(file).exportState(),
    check: async (file) => (await cli(file).preview({ refresh: false })).lines,
    apply: async ({ file, desired, steps, points }) => {
      await cli(file).apply({ desired, steps, points });
      if (stack === labStack && readLabRecord(root) !== undefined) {
        updateLabRecord(root, { deployedBy: "pulumi" });
      }
    },
  };
}
