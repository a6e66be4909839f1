import assert from "node:assert/strict";
import { planSite } from "../../../planning";
import type { FailureDomainSite, Site } from "../../../planning/site";
import { refusals } from "../support/refusals";
import {
  dataSite,
  linstorSite,
  longhornSite,
  siteOf,
  THREE_SITES,
  witnessSite,
} from "../support/sites";

const TWO = [dataSite("a", 2), dataSite("b", 2)];
const NO_THIRD =
  "2 copies without a tie-breaker cannot tell node a-1 from a cut network, so LINSTOR turns quorum off " +
  "and both copies may be written; a third place for the tie-breaker is needed";

function withControlPlane(...counts: readonly number[]): readonly FailureDomainSite[] {
  return THREE_SITES.map((site, index) => ({ ...site, controlPlaneNodes: counts[index] ?? 0 }));
}

describe("a promise", () => {
  const cases: readonly (readonly [string, Site, readonly string[]])[] = [
    ["to survive a site, with three", linstorSite(THREE_SITES), []],
    ["to survive a site, with two and a witness", linstorSite([...TWO, witnessSite("c", 1)]), []],
    [
      "to survive a site, with one",
      linstorSite([dataSite("a", 3)]),
      [
        'survive = "site": the loss of a site is survived only where three sites or more fall independently; ' +
          "there is 1 (a). Allowed: node, or a third site (a witness in a building of its own is enough).",
      ],
    ],
    [
      "to survive a site, with two",
      linstorSite(TWO),
      [
        'survive = "site": the loss of a site is survived only where three sites or more fall independently; ' +
          "there are 2 (a and b). When b no longer sees a, it cannot tell a lost site from a cut link. " +
          "Allowed: node, or a third site (a witness in a building of its own is enough).",
      ],
    ],
    [
      "to survive a site, with a witness in one of two",
      linstorSite([...TWO, witnessSite("w", 1, { locatedIn: "a" })]),
      [
        'survive = "site": the loss of a site is survived only where three sites or more fall independently; ' +
          "there are 2 (a and b); w stands in a and falls with it. " +
          "When b no longer sees a, it cannot tell a lost site from a cut link. " +
          "Allowed: node, or a third site (a witness in a building of its own is enough).",
      ],
    ],
    [
      "to survive a site that a raise to three copies would break",
      linstorSite([...TWO, witnessSite("c", 1)], { replicationFactor: 3 }),
      [
        'survive = "site": site a is lost: 1 of 3 votes stays (2 needed): 1 copy, so reads and writes stop ' +
          "(and 1 more case like it). With replicationFactor 2 the same loss is survived: " +
          "2 of 3 votes stay (2 needed): 1 copy and the tie-breaker. " +
          "Allowed: node; replicationFactor 2 or 4; other sites or nodes.",
      ],
    ],
    [
      "to survive a site that four copies over three sites break",
      linstorSite(THREE_SITES, { replicationFactor: 4 }),
      [
        'survive = "site": site a is lost: 2 of 4 votes stay (3 needed): 2 copies, so reads and writes stop; ' +
          "2 of 3 control-plane nodes stay (2 needed) (and 2 more cases like it). " +
          "With replicationFactor 3 the same loss is survived: 2 of 3 votes stay (2 needed): 2 copies; " +
          "2 of 3 control-plane nodes stay (2 needed). " +
          "Allowed: node; replicationFactor 2, 3, 5 or 6; other sites or nodes.",
      ],
    ],
    [
      "to survive a node, with two nodes and no tie-breaker",
      linstorSite([dataSite("a", 2)], { survive: "node" }),
      [
        `survive = "node": node a-1 (site a) is lost: ${NO_THIRD} (and 1 more case like it). ` +
          "Allowed: other sites or nodes.",
      ],
    ],
    [
      "to survive a node, with two sites and no witness",
      linstorSite(TWO, { survive: "node" }),
      [
        `survive = "node": node a-1 (site a) is lost: ${NO_THIRD} (and 3 more cases like it). ` +
          "Allowed: replicationFactor 3 or 4; other sites or nodes.",
      ],
    ],
    [
      "to survive a node, with majority forced on two votes",
      linstorSite([dataSite("a", 2)], {
        survive: "node",
        backendOptions: { storagePool: "thin", poolKind: "ZFS", quorum: "majority" },
      }),
      [
        'survive = "node": node a-1 (site a) is lost: 1 of 2 votes stays (2 needed): 1 copy, so reads and writes stop ' +
          "(and 1 more case like it). Allowed: other sites or nodes.",
      ],
    ],
    [
      "to survive a node, with two sites and a witness in one of them",
      linstorSite([...TWO, witnessSite("w", 1, { locatedIn: "a" })], { survive: "node" }),
      [],
    ],
    [
      "to survive a site that holds the control plane's majority",
      longhornSite(withControlPlane(2, 1, 0)),
      [
        'survive = "site": site a is lost: 1 of 2 copies stays; no quorum is kept, one copy is enough; ' +
          "1 of 3 control-plane nodes stays (2 needed), so no pod can be started elsewhere. " +
          "Allowed: node; other sites or nodes.",
      ],
    ],
    [
      "to survive a witness that holds the control plane",
      linstorSite([...TWO, witnessSite("c", 1, { controlPlaneNodes: 3 })]),
      [
        'survive = "site": witness c is lost: 2 of 3 votes stay (2 needed): 2 copies, the tie-breaker is lost; ' +
          "0 of 3 control-plane nodes stay (2 needed), so no pod can be started elsewhere. " +
          "Allowed: node; other sites or nodes.",
      ],
    ],
    [
      "of automatic fail-over without a mechanism",
      siteOf({ failover: "automatic" }),
      [
        'failover = "automatic": the backend lab has nothing that moves a workload from a lost node. Allowed: manual.',
      ],
    ],
  ];
  for (const [title, site, expected] of cases) {
    it(`${title} is ${expected.length === 0 ? "kept" : "refused"}`, () => {
      assert.deepEqual(refusals(site), expected);
    });
  }
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
