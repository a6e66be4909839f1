import { firstBroken, type Rule } from "../problem";
import type { FailureDomainSite, SiteTopology } from "../site";
import { listed } from "../words";

/** Everything that may be wrong with the sites themselves, whatever the factor and the backend. */
export function topologyRules({ sites }: SiteTopology): readonly Rule[] {
  return [
    [
      !sites.some((site) => site.role === "data"),
      "topology.sites",
      "no site holds data",
      "one site with role: data or more",
      { value: undefined },
    ],
    ...sites.flatMap((site, index) => siteRules(sites, site, index)),
    ...nodeRules(sites),
  ];
}

function siteRules(
  sites: readonly FailureDomainSite[],
  { name, role, storageNodes, locatedIn, converged, controlPlaneNodes }: FailureDomainSite,
  index: number,
): readonly Rule[] {
  const first = sites.findIndex((other) => other.name === name);
  const others = sites.map((other) => other.name).filter((other) => other !== name);
  const host = sites.find((other) => other.name === locatedIn);
  const beyond = String(host?.locatedIn);
  const path = `topology.sites[${index}]`;
  const place = `${path}.locatedIn`;
  const more = { candidates: others };
  return [
    [
      first !== index,
      `${path}.name`,
      `topology.sites[${first}] has this name already`,
      "a name of its own, the value of the site label on its nodes",
    ],
    [
      role === "data" && storageNodes.length === 0,
      `${path}.storageNodes`,
      `site ${name} is to hold data and has no storage node`,
      "one node name or more, or role: witness",
    ],
    [
      converged && controlPlaneNodes === 0,
      `${path}.controlPlaneNodes`,
      `the control-plane nodes of site ${name} are said to be storage nodes (converged), and it has none`,
      "their number, or converged: false",
    ],
    ...firstBroken([
      [
        locatedIn === name,
        place,
        "a site cannot stand in itself",
        "another site, or no locatedIn for a building of its own",
        more,
      ],
      [
        locatedIn !== undefined && host === undefined,
        place,
        "there is no site of this name",
        others.length === 0 ? "no locatedIn" : listed(others, "or"),
        more,
      ],
      [
        locatedIn !== undefined && role === "data",
        place,
        "only a witness may stand in another site's building: two data sites that fall together are one site",
        "one site with the nodes of both, or no locatedIn",
        more,
      ],
      [
        host?.locatedIn !== undefined,
        place,
        `site ${String(locatedIn)} itself stands in ${beyond}`,
        `the site whose building it is, such as ${beyond}`,
        more,
      ],
    ]),
  ];
}

/** A node stands in one place; named twice it would be counted twice. */
function nodeRules(sites: readonly FailureDomainSite[]): readonly Rule[] {
  const seen = new Map<string, string>();
  return sites.flatMap((site, index) =>
    site.storageNodes.map((node, position): Rule => {
      const first = seen.get(node);
      seen.set(node, first ?? site.name);
      return [
        first !== undefined,
        `topology.sites[${index}].storageNodes[${position}]`,
        `this node is named already in site ${String(first)}`,
        "each node once",
      ];
    }),
  );
}
