import type { FailureDomainSite } from "../../../planning/site";
import { assertTold } from "../../support/told";
import { refusals } from "../support/refusals";
import { dataSite, siteOf, THREE_SITES, witnessSite, ZONE } from "../../support/sites";

function refused(...sites: readonly FailureDomainSite[]): readonly string[] {
  return refusals(siteOf({ survive: "node", topology: { siteLabel: ZONE, sites } }));
}

describe("a topology", () => {
  it("of three data sites is accepted", () => {
    assertTold(refused(...THREE_SITES), []);
  });

  const cases: readonly (readonly [string, readonly FailureDomainSite[], readonly string[]])[] = [
    ["no site at all", [], ["topology.sites:"]],
    ["witnesses only", [witnessSite("w", 1)], ["topology.sites:"]],
    [
      "a data site without nodes",
      [dataSite("a", 2), dataSite("b", 0)],
      ["topology.sites[1].storageNodes = []:"],
    ],
    [
      "a name twice",
      [dataSite("a", 2), dataSite("a", 1, { storageNodes: ["x"] })],
      ['topology.sites[1].name = "a":'],
    ],
    [
      "a node in two sites, and twice in one",
      [dataSite("a", 2), dataSite("b", 2, { storageNodes: ["b-1", "a-2", "b-1"] })],
      ['topology.sites[1].storageNodes[1] = "a-2":', 'topology.sites[1].storageNodes[2] = "b-1":'],
    ],
    [
      "a witness in an unknown building",
      [dataSite("a", 2), dataSite("b", 2), witnessSite("w", 1, { locatedIn: "c" })],
      ['topology.sites[2].locatedIn = "c":'],
    ],
    [
      "a witness in itself",
      [dataSite("a", 2), witnessSite("w", 1, { locatedIn: "w" })],
      ['topology.sites[1].locatedIn = "w":'],
    ],
    [
      "a data site in another",
      [dataSite("a", 2), dataSite("b", 2, { locatedIn: "a" })],
      ['topology.sites[1].locatedIn = "a":'],
    ],
    [
      "a witness in a witness in a site",
      [
        dataSite("a", 2),
        witnessSite("w", 1, { locatedIn: "a" }),
        witnessSite("v", 1, { locatedIn: "w" }),
      ],
      ['topology.sites[2].locatedIn = "w":'],
    ],
  ];
  for (const [title, sites, expected] of cases) {
    it(`with ${title} is refused`, () => {
      assertTold(refused(...sites), expected);
    });
  }
});
