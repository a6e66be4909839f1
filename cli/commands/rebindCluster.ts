import { rebindCluster as rebind } from "../../restorepoint/rebindCluster";
import { exitCode, type ExitCode } from "../../site/exit";
import { openLive } from "../live";
import { withSystems } from "./restorePoint/systems";

/** Moves the identity that the stack file pins to a cluster that was rebuilt. */
export async function rebindCluster(options: {
  readonly stack: string;
  readonly yes: boolean;
}): Promise<ExitCode> {
  const stack = openLive(options.stack);
  const { clusterUid, ...cluster } = stack.site.cluster;
  const unpinned = {
    ...stack,
    site: { ...stack.site, cluster: { ...cluster, clusterUid: undefined } },
  };
  return withSystems(unpinned, options.yes, async (systems) => {
    await rebind(systems, clusterUid);
    return exitCode.done;
  });
}
