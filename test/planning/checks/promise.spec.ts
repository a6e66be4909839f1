import assert from "node:assert/strict";
import { planSite } from "../../../planning";
import type { FailureDomainSite, Site } from "../../../planning/site";
import { tells } from "../support/refusals";
import {
  dataSite,
  linstorSite,
  longhornSite,
  siteOf,
  THREE_SITES,
  witnessSite,
} from "../../support/sites";

const TWO = [dataSite("a", 2), dataSite("b", 2)];

function withControlPlane(...counts: readonly number[]): readonly FailureDomainSite[] {
  return THREE_SITES.map((site, index) => ({ ...site, controlPlaneNodes: counts[index] ?? 0 }));
}

describe("a promise", () => {
  tells([
    ["to survive a site, with three", linstorSite(THREE_SITES), []],
    ["to survive a site, with two and a witness", linstorSite([...TWO, witnessSite("c", 1)]), []],
    [
      "to survive a site, with one",
      linstorSite([dataSite("a", 3)]),
      ['survive = "site": … there is 1'],
    ],
    ["to survive a site, with two", linstorSite(TWO), ['survive = "site": … there are 2']],
    [
      "to survive a site, with a witness in one of two",
      linstorSite([...TWO, witnessSite("w", 1, { locatedIn: "a" })]),
      ['survive = "site": … there are 2'],
    ],
    [
      "to survive a site that a raise to three copies would break",
      linstorSite([...TWO, witnessSite("c", 1)], { replicationFactor: 3 }),
      [
        'survive = "site": … site a is lost … 1 of 3 votes … and 1 more case … 2 of 3 votes … Allowed: node; replicationFactor 2 or 4; other sites or nodes.',
      ],
    ],
    [
      "to survive a site that four copies over three sites break",
      linstorSite(THREE_SITES, { replicationFactor: 4 }),
      [
        'survive = "site": … site a is lost … 2 of 4 votes … 2 of 3 control-plane … and 2 more cases … 2 of 3 votes … 2 of 3 control-plane … Allowed: node; replicationFactor 2, 3, 5 or 6; other sites or nodes.',
      ],
    ],
    [
      "to survive a node, with two nodes and no tie-breaker",
      linstorSite([dataSite("a", 2)], { survive: "node" }),
      ['survive = "node": … node a-1 (site a) is lost … and 1 more case'],
    ],
    [
      "to survive a node, with two sites and no witness",
      linstorSite(TWO, { survive: "node" }),
      [
        'survive = "node": … node a-1 (site a) is lost … and 3 more cases … Allowed: replicationFactor 3 or 4; other sites or nodes.',
      ],
    ],
    [
      "to survive a node, with majority forced on two votes",
      linstorSite([dataSite("a", 2)], {
        survive: "node",
        backendOptions: { storagePool: "thin", poolKind: "ZFS", quorum: "majority" },
      }),
      ['survive = "node": … node a-1 (site a) is lost … 1 of 2 votes … and 1 more case'],
    ],
    [
      "to survive a node, with two sites and a witness in one of them",
      linstorSite([...TWO, witnessSite("w", 1, { locatedIn: "a" })], { survive: "node" }),
      [],
    ],
    [
      "to survive a site that holds the control plane's majority",
      longhornSite(withControlPlane(2, 1, 0)),
      ['survive = "site": … site a is lost … 1 of 2 copies … 1 of 3 control-plane'],
    ],
    [
      "to survive a witness that holds the control plane",
      linstorSite([...TWO, witnessSite("c", 1, { controlPlaneNodes: 3 })]),
      ['survive = "site": … witness c is lost … 2 of 3 votes … 0 of 3 control-plane'],
    ],
    [
      "of automatic fail-over without a mechanism",
      siteOf({ failover: "automatic" }),
      ['failover = "automatic": … Allowed: manual.'],
    ],
  ]);
});

describe("the summary of a plan", () => {
  const cases: readonly (readonly [string, Site, string])[] = [
    [
      "three sites",
      linstorSite(THREE_SITES),
      "Survives the loss of any one node, any one site and any one link between sites, unattended",
    ],
    [
      "the lab",
      siteOf(),
      "Survives the loss of any one node, any one site and any one link between sites, with a person's help",
    ],
    [
      "two sites and a witness, control plane not stated",
      linstorSite([...TWO, witnessSite("c", 1)]),
      "Survives the loss of any one node, any one site, the witness and any one link between sites, unattended; " +
        "the majority of the control plane is not proven: no site states controlPlaneNodes",
    ],
    [
      "a site of its own with one control-plane node",
      linstorSite([dataSite("a", 3, { controlPlaneNodes: 1 })], { survive: "node" }),
      "Survives the loss of any one node, unattended; not survived: site a is lost; " +
        "the loss of the only control-plane node stops the API server, and with it fail-over",
    ],
    [
      "two sites on Longhorn",
      longhornSite(TWO, { survive: "node" }),
      "Survives the loss of any one node, unattended; not survived: site a is lost; site b is lost; " +
        "the link between a and b is cut; " +
        "the majority of the control plane is not proven: no site states controlPlaneNodes",
    ],
  ];
  for (const [title, site, expected] of cases) {
    it(`says what ${title} survive and what not`, () => {
      assert.equal(planSite(site).survival.summary, expected);
    });
  }
});
