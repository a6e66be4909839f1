import assert from "node:assert/strict";
import type { FailureDomainSite } from "../../../planning/site";
import { refusals } from "../support/refusals";
import { dataSite, siteOf, THREE_SITES, witnessSite, ZONE } from "../support/sites";

function refused(...sites: readonly FailureDomainSite[]): readonly string[] {
  return refusals(siteOf({ survive: "node", topology: { siteLabel: ZONE, sites } }));
}

describe("a topology", () => {
  it("of three data sites is accepted", () => {
    assert.deepEqual(refused(...THREE_SITES), []);
  });

  const cases: readonly (readonly [string, readonly FailureDomainSite[], readonly string[]])[] = [
    [
      "no site at all",
      [],
      ["topology.sites: no site holds data. Allowed: one site with role: data or more."],
    ],
    [
      "witnesses only",
      [witnessSite("w", 1)],
      ["topology.sites: no site holds data. Allowed: one site with role: data or more."],
    ],
    [
      "a data site without nodes",
      [dataSite("a", 2), dataSite("b", 0)],
      [
        "topology.sites[1].storageNodes = []: site b is to hold data and has no storage node. " +
          "Allowed: one node name or more, or role: witness.",
      ],
    ],
    [
      "a name twice",
      [dataSite("a", 2), dataSite("a", 1, { storageNodes: ["x"] })],
      [
        'topology.sites[1].name = "a": topology.sites[0] has this name already. ' +
          "Allowed: a name of its own, the value of the site label on its nodes.",
      ],
    ],
    [
      "a node in two sites, and twice in one",
      [dataSite("a", 2), dataSite("b", 2, { storageNodes: ["b-1", "a-2", "b-1"] })],
      [
        'topology.sites[1].storageNodes[1] = "a-2": this node is named already in site a. Allowed: each node once.',
        'topology.sites[1].storageNodes[2] = "b-1": this node is named already in site b. Allowed: each node once.',
      ],
    ],
    [
      "a witness in an unknown building",
      [dataSite("a", 2), dataSite("b", 2), witnessSite("w", 1, { locatedIn: "c" })],
      ['topology.sites[2].locatedIn = "c": there is no site of this name. Allowed: a or b.'],
    ],
    [
      "a witness in itself",
      [dataSite("a", 2), witnessSite("w", 1, { locatedIn: "w" })],
      [
        'topology.sites[1].locatedIn = "w": a site cannot stand in itself. ' +
          "Allowed: another site, or no locatedIn for a building of its own.",
      ],
    ],
    [
      "a data site in another",
      [dataSite("a", 2), dataSite("b", 2, { locatedIn: "a" })],
      [
        'topology.sites[1].locatedIn = "a": only a witness may stand in another site\'s building: ' +
          "two data sites that fall together are one site. Allowed: one site with the nodes of both, or no locatedIn.",
      ],
    ],
    [
      "a witness in a witness in a site",
      [
        dataSite("a", 2),
        witnessSite("w", 1, { locatedIn: "a" }),
        witnessSite("v", 1, { locatedIn: "w" }),
      ],
      [
        'topology.sites[2].locatedIn = "w": site w itself stands in a. ' +
          "Allowed: the site whose building it is, such as a.",
      ],
    ],
  ];
  for (const [title, sites, expected] of cases) {
    it(`with ${title} is refused`, () => {
      assert.deepEqual(refused(...sites), expected);
    });
  }
});
