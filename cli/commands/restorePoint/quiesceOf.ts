import type { ClusterClient } from "../../../clients/kubernetes/client";
import { killListener } from "../../../drift/killPoints";
import type { Journal } from "../../../restorepoint/catalog/journal";
import { readWorkloads } from "../../../restorepoint/product/workloads";
import type { Reporter } from "../../../clients/reporter";
import type { ProductVolumes } from "../../../restorepoint/productVolumes";
import { frozen, noQuiesce, stopped, type Quiesce } from "../../../restorepoint/quiesce";
import type { RestorePointFile, Site } from "../../../planning/site";

export interface QuiesceRequest {
  readonly client: ClusterClient;
  readonly site: Site;
  readonly point: RestorePointFile;
  readonly volumes: ProductVolumes;
  readonly journal: Journal;
  readonly reporter: Reporter;
}

/** How the product is made still for a point. */
export async function quiesceOf(request: QuiesceRequest): Promise<Quiesce> {
  const { client, site, point, volumes, journal, reporter } = request;
  const kill = killListener();
  const onStep = (): void => kill("begun", "");
  const now = (): Date => new Date();
  const options = { client, journal, site, point: point.name, reporter, now, onStep };
  switch (point.consistency) {
    case "crash":
      return noQuiesce;
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
