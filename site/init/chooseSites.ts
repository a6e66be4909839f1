import type { FailureDomainSite, SiteTopology } from "../../planning/site";
import { listed } from "../../planning/words";
import type { ObservedNode } from "./observe";
import type { Refusal } from "./refusal";

const ZONE = "topology.kubernetes.io/zone";

/** Name of the one site of a cluster whose nodes carry no site label. */
const ONLY_SITE = "main";

/** Labels that every cluster has and that say nothing about a place. */
const NO_PLACE = /(^|[./-])(hostname|os|arch|instance-type)$|^node-role\.|^beta\.kubernetes\.io\//;

/**
 * The failure-domain sites by the nodes' site label. Every node that holds copies or votes has to carry it: one without
 * would count as a site of its own with some backends, and nobody would see it. Where none carries it, nor any label that
 * could be one, they are one site, of whose loss nothing is promised.
 */
export function chooseSites(
  nodes: readonly ObservedNode[],
  driver: string,
  asked: string | undefined,
): SiteTopology | Refusal {
  const siteLabel = asked ?? ZONE;
  const placed = nodes.filter((node) => node.controlPlane || isStorage(node, driver));
  const counted = placed.length > 0 ? placed : nodes;
  const values = [...new Set(counted.map(({ labels }) => labels[siteLabel] ?? ""))].sort();
  const unlabelled = values.every((value) => value === "");
  const others = candidateLabels(counted).filter((label) => label !== siteLabel);
  if (values.includes("") && !(unlabelled && asked === undefined && others.length === 0)) {
    return missingLabel(counted, siteLabel, others);
  }
  return {
    siteLabel,
    sites: (unlabelled ? [ONLY_SITE] : values).map((name) => {
      const here = counted.filter(
        ({ labels }) => values.length === 1 || labels[siteLabel] === name,
      );
      return failureDomain(name, here, driver);
    }),
  };
}

/** Undefined for a node of no site, which holds no copy and does not vote; where there is one site it is every node's. */
export function siteOf(
  { labels }: ObservedNode,
  { siteLabel, sites }: SiteTopology,
): string | undefined {
  return sites.length === 1 ? sites[0]?.name : labels[siteLabel];
}

/** While it is open which driver it is, any makes a storage node. */
function isStorage({ drivers }: ObservedNode, driver: string): boolean {
  return driver === "" ? drivers.length > 0 : drivers.includes(driver);
}

function failureDomain(
  name: string,
  here: readonly ObservedNode[],
  driver: string,
): FailureDomainSite {
  const storage = here.filter((node) => isStorage(node, driver));
  return {
    name,
    storageNodes: storage.map((node) => node.name),
    controlPlaneNodes: here.filter(({ controlPlane }) => controlPlane).length,
    converged: storage.some(({ controlPlane }) => controlPlane),
    // Without a node that the driver runs on a site can hold no copy; it can only vote.
    role: storage.length > 0 ? "data" : "witness",
  };
}

function missingLabel(
  nodes: readonly ObservedNode[],
  siteLabel: string,
  others: readonly string[],
): Refusal {
  const without = nodes.filter(({ labels }) => (labels[siteLabel] ?? "") === "");
  const which =
    without.length === nodes.length
      ? `no node carries the label ${siteLabel}.`
      : `the label ${siteLabel} is missing on ${listed(without.map(({ name }) => name))}.`;
  const known = others.length === 0 ? "" : ` Labels that every node carries: ${listed(others)}.`;
  return {
    key: "topology.siteLabel",
    found: `${which}${known}`,
    remedy:
      `Label the nodes (kubectl label node NODE ${siteLabel}=SITE)` +
      (others.length === 0 ? "." : ", or name another label with --site-label LABEL."),
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
