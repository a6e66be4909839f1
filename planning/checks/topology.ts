import type { Problem } from "../problem";
import type { FailureDomainSite, SiteTopology } from "../site";
import { listed, shown } from "../words";

/** Everything that is wrong with the sites themselves, whatever the factor and the backend. */
export function topologyProblems(topology: SiteTopology): readonly Problem[] {
  return [
    ...(topology.sites.some((site) => site.role === "data")
      ? []
      : [
          {
            path: "topology.sites",
            value: undefined,
            message: "no site holds data",
            allowed: "Allowed: one site with role: data or more",
          },
        ]),
    ...topology.sites.flatMap((site, index) => [
      ...duplicateSite(topology, site, index),
      ...emptySite(site, index),
      ...locationProblems(topology, site, index),
    ]),
    ...duplicateNodes(topology),
  ];
}

function duplicateSite(
  { sites }: SiteTopology,
  site: FailureDomainSite,
  index: number,
): readonly Problem[] {
  const first = sites.findIndex((other) => other.name === site.name);
  return first === index
    ? []
    : [
        {
          path: `topology.sites[${index}].name`,
          value: shown(site.name),
          message: `topology.sites[${first}] has this name already`,
          allowed: "Allowed: a name of its own, the value of the site label on its nodes",
        },
      ];
}

function emptySite(site: FailureDomainSite, index: number): readonly Problem[] {
  return site.role === "data" && site.storageNodes.length === 0
    ? [
        {
          path: `topology.sites[${index}].storageNodes`,
          value: "[]",
          message: `site ${site.name} is to hold data and has no storage node`,
          allowed: "Allowed: one node name or more, or role: witness",
        },
      ]
    : [];
}

function locationProblems(
  { sites }: SiteTopology,
  site: FailureDomainSite,
  index: number,
): readonly Problem[] {
  const { locatedIn } = site;
  if (locatedIn === undefined) {
    return [];
  }
  const others = sites.map((other) => other.name).filter((name) => name !== site.name);
  const host = sites.find((other) => other.name === locatedIn);
  const refuse = (message: string, allowed: string): readonly Problem[] => [
    {
      path: `topology.sites[${index}].locatedIn`,
      value: shown(locatedIn),
      message,
      allowed: `Allowed: ${allowed}`,
      candidates: others,
    },
  ];
  if (locatedIn === site.name) {
    return refuse(
      "a site cannot stand in itself",
      "another site, or no locatedIn for a building of its own",
    );
  }
  if (host === undefined) {
    return refuse(
      "there is no site of this name",
      others.length === 0 ? "no locatedIn" : listed(others, "or"),
    );
  }
  if (site.role === "data") {
    return refuse(
      "only a witness may stand in another site's building: two data sites that fall together are one site",
      "one site with the nodes of both, or no locatedIn",
    );
  }
  return host.locatedIn === undefined
    ? []
    : refuse(
        `site ${locatedIn} itself stands in ${host.locatedIn}`,
        `the site whose building it is, such as ${host.locatedIn}`,
      );
}

/** A node stands in one place; named twice it would be counted twice. */
function duplicateNodes({ sites }: SiteTopology): readonly Problem[] {
  const seen = new Map<string, string>();
  return sites.flatMap((site, index) =>
    site.storageNodes.flatMap((node, position) => {
      const first = seen.get(node);
      if (first === undefined) {
        seen.set(node, site.name);
        return [];
      }
      return [
        {
          path: `topology.sites[${index}].storageNodes[${position}]`,
          value: shown(node),
          message: `this node is named already in site ${first}`,
          allowed: "Allowed: each node once",
        },
      ];
    }),
  );
}
