import { readLabRecord, updateLabRecord } from "../../lab/index";
import { settleHooks } from "../../drift/hooks";
import { takeWatch } from "../../engine/takeWatch";
import { EngineDeployment } from "../../engine/deployment";
import type { PulumiInstallation } from "../../engine/findPulumi";
import type { Reporter } from "../../clients/reporter";
import { labStack } from "../../cli/stack";
import type { Deployer } from "./deployer";

/** Deploys through the Pulumi CLI, the way of every real site. */
export function pulumiDeployer(options: {
  readonly root: string;
  readonly stack: string;
  readonly installation: PulumiInstallation;
  readonly reporter: Reporter;
}): Deployer {
  const { root, stack, installation, reporter } = options;
  const { path: executable, version } = installation;
  const env = process.env;
  const engine = new EngineDeployment({ executable, folder: root, stack, env, reporter });
  const deployed = (): void => {
    if (stack === labStack && readLabRecord(root) !== undefined) {
      updateLabRecord(root, { deployedBy: "pulumi" });
    }
  };
  return {
    way: "pulumi",
    title: `pulumi ${version}`,
    load: (file) => engine.load(file),
    check: (file, confirmed) => engine.check(file, confirmed),
    exclusively: (work) => work(),
    apply: async ({ file, desired, steps, access }) => {
      const watch = takeWatch(desired, steps, access.cluster);
      await engine.apply(file, { desired, steps }, watch);
      // The engine calls hooks for what it makes itself, and in the program's own process.
      await settleHooks(desired, steps, ["same", "adopt"]);
      deployed();
    },
    adopt: async ({ file, desired, steps }) => {
      await engine.adopt(file, { desired, steps });
      deployed();
    },
    remove: (application) => engine.remove(application.file, application.steps),
  };
}
