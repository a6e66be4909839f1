import type { ClusterCheck, StorageRequest } from "./backend";

/**
 * Every storage node carries its site's label, where copies spread over sites: an unlabelled node counts as a site of
 * its own in LINSTOR, and all unlabelled nodes as one shared zone in Longhorn.
 *
 * @param witnesses Whether witness nodes count too.
 */
export function siteLabelChecks(
  { topology }: StorageRequest,
  witnesses: boolean,
): readonly ClusterCheck[] {
  if (topology.spread === "nodes") {
    return [];
  }
  const sites = witnesses ? [...topology.dataSites, ...topology.witnessSites] : topology.dataSites;
  return sites
    .filter((site) => site.storageNodes.length > 0)
    .map((site) => ({
      id: `site-label-${site.name}`,
      title: `the nodes of site ${site.name} are labelled ${topology.siteLabel}=${site.name}`,
      requires: {
        kind: "nodeLabel",
        key: topology.siteLabel,
        nodes: site.storageNodes,
        value: site.name,
      },
      severity: "error",
      remedy: `kubectl label node ${site.storageNodes.join(" ")} ${topology.siteLabel}=${site.name}`,
    }));
}
