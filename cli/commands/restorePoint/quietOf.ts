import type { ClusterClient } from "../../../clients/kubernetes/client";
import { killListener } from "../../../drift/killPoints";
import type { Journal } from "../../../restorepoint/catalog/journal";
import { readWorkloads } from "../../../restorepoint/product/workloads";
import type { Reporter } from "../../../clients/reporter";
import type { ProductVolumes } from "../../../restorepoint/productVolumes";
import { frozen, noQuiet, stopped, type Quiet } from "../../../restorepoint/quiet";
import type { RestorePointFile, Site } from "../../../planning/site";

export interface QuietRequest {
  readonly client: ClusterClient;
  readonly site: Site;
  readonly point: RestorePointFile;
  readonly volumes: ProductVolumes;
  readonly journal: Journal;
  readonly reporter: Reporter;
}

/** How the product is made still for a point. */
export async function quietOf(request: QuietRequest): Promise<Quiet> {
  const { client, site, point, volumes, journal, reporter } = request;
  const kill = killListener();
  const onStep = (): void => kill("begun", "");
  const now = (): Date => new Date();
  const options = { client, journal, site, point: point.name, reporter, now, onStep };
  switch (point.consistency) {
    case "crash":
      return noQuiet;
    case "frozen":
      return frozen(options, site.product.hooks);
    case "stopped": {
      const workloads = await readWorkloads(client, site.product);
      return stopped(
        options,
        workloads,
        volumes.covered.map(({ volume }) => volume),
      );
    }
  }
}
