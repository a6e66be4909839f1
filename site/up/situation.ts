import { engineConfiguration } from "../../config/engineConfiguration";
import type { RawConfiguration } from "../../config/rawConfiguration";
import { collect } from "../../engine/program/collect";
import type { DesiredState } from "../../engine/program/desiredState";
import { dryRunHooks } from "../../drift/hooks";
import { planSteps } from "../../drift/plan";
import type { DeployedState, LiveState, Step } from "../../drift/types";
import { readLive } from "../../drift/readLive";
import type { Site } from "../../planning/site";
import type { LiveAccess } from "./access";

/** Everything a command knows before it decides: what is declared, recorded and live, and what follows. */
export interface Situation {
  readonly site: Site;
  readonly desired: DesiredState;
  readonly deployed: DeployedState;
  readonly live: LiveState;
  readonly steps: readonly Step[];
}

/** Runs the program in this process and returns what it declares. */
export function collectDesired(root: string, raw: RawConfiguration): Promise<DesiredState> {
  const { config, secretKeys } = engineConfiguration(raw);
  return collect({ root, stack: raw.stack, values: config, secretKeys });
}

/** Reads the live systems and works out the steps of a deployment. */
export async function readSituation(options: {
  readonly root: string;
  readonly site: Site;
  readonly raw: RawConfiguration;
  readonly deployed: DeployedState;
  readonly access: LiveAccess;
}): Promise<Situation> {
  const { root, site, raw, deployed, access } = options;
  const desired = await collectDesired(root, raw);
  const live = await readLive({
    desired,
    deployed,
    cluster: access.cluster,
    vcenter: access.vcenter,
  });
  const planned = planSteps({ desired, deployed, live, points: site.restorePoints });
  const steps = await dryRunHooks(desired, planned);
  return { site, desired, deployed, live, steps };
}
