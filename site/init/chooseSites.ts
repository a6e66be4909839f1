import type { FailureDomainSite, SiteTopology } from "../../planning/site";
import type { ObservedNode } from "./observe";
import type { Refusal } from "./refusal";
import { names } from "./refusal";

const ZONE = "topology.kubernetes.io/zone";

/** Labels that every cluster has and that say nothing about a place. */
const NO_PLACE = /(^|[./-])(hostname|os|arch|instance-type)$|^node-role\.|^beta\.kubernetes\.io\//;

/**
 * The failure-domain sites by the nodes' site label. Every node has to carry it: a node without would count as a site
 * of its own with some backends, and nobody would see it.
 */
export function chooseSites(
  nodes: readonly ObservedNode[],
  driver: string,
  asked: string | undefined,
): SiteTopology | Refusal {
  const siteLabel = asked ?? ZONE;
  const without = nodes.filter(({ labels }) => (labels[siteLabel] ?? "") === "");
  if (without.length > 0) {
    return missingLabel(nodes, siteLabel, without);
  }
  const values = [...new Set(nodes.map((node) => siteOf(node, siteLabel)))].sort();
  return {
    siteLabel,
    sites: values.map((name) => {
      const here = nodes.filter((node) => siteOf(node, siteLabel) === name);
      return failureDomain(name, here, driver);
    }),
  };
}

export function siteOf({ labels }: ObservedNode, siteLabel: string): string {
  return labels[siteLabel] ?? "";
}

function failureDomain(
  name: string,
  here: readonly ObservedNode[],
  driver: string,
): FailureDomainSite {
  const storageNodes = here
    .filter(({ drivers }) => drivers.includes(driver))
    .map((node) => node.name);
  return {
    name,
    locatedIn: undefined,
    storageNodes,
    controlPlaneNodes: here.filter(({ controlPlane }) => controlPlane).length,
    // Without a node that the driver runs on a site can hold no copy; it can only vote.
    role: storageNodes.length > 0 ? "data" : "witness",
  };
}

function missingLabel(
  nodes: readonly ObservedNode[],
  siteLabel: string,
  without: readonly ObservedNode[],
): Refusal {
  const which =
    without.length === nodes.length
      ? `no node carries the label ${siteLabel}.`
      : `the label ${siteLabel} is missing on ${names(without.map(({ name }) => name))}.`;
  const candidates = candidateLabels(nodes).filter((label) => label !== siteLabel);
  const others =
    candidates.length === 0 ? "" : ` Labels that every node carries: ${names(candidates)}.`;
  return {
    key: "topology.siteLabel",
    found: `${which}${others}`,
    remedy:
      `Label the nodes (kubectl label node NODE ${siteLabel}=SITE)` +
      (candidates.length === 0 ? "." : ", or name another label with --site-label LABEL."),
  };
}

/** Labels on every node that tell some nodes apart, but not each from all others. */
function candidateLabels(nodes: readonly ObservedNode[]): string[] {
  const [first] = nodes;
  return Object.keys(first?.labels ?? {})
    .filter((label) => !NO_PLACE.test(label))
    .filter((label) => nodes.every(({ labels }) => (labels[label] ?? "") !== ""))
    .filter((label) => {
      const values = new Set(nodes.map(({ labels }) => labels[label]));
      return values.size > 1 && values.size < nodes.length;
    })
    .sort();
}
