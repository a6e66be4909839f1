import assert from "node:assert/strict";
import { planSite } from "../../../planning";
import { assertTold } from "../../support/told";
import { judged, refusals, tells } from "../support/refusals";
import {
  dataSite,
  linstorSite,
  longhornSite,
  siteOf,
  THREE_SITES,
  waiver,
  ZONE,
} from "../../support/sites";

const WAIVER = waiver("single-copy", "replicationFactor");

const SINGLE = "replicationFactor = 1: … Allowed: 2 or more. … Rule single-copy.";

describe("a replication factor", () => {
  tells([
    ["2 over three sites", siteOf(), []],
    ["3 over three sites", siteOf({ replicationFactor: 3 }), []],
    ["1", siteOf({ replicationFactor: 1 }), [SINGLE]],
    [
      "more than the sites have room for",
      siteOf({ replicationFactor: 7 }),
      ["replicationFactor = 7: … Allowed: 2, 3, 4, 5 or 6, or more storage nodes."],
    ],
    [
      "more than an uneven pair of sites has room for",
      siteOf({
        survive: "node",
        replicationFactor: 4,
        topology: { siteLabel: ZONE, sites: [dataSite("a", 1), dataSite("b", 5)] },
      }),
      ["replicationFactor = 4: … Allowed: 2 or 3, or more storage nodes."],
    ],
    [
      "more than the nodes of one site",
      siteOf({
        survive: "node",
        replicationFactor: 3,
        topology: { siteLabel: ZONE, sites: [dataSite("a", 2)] },
      }),
      ["replicationFactor = 3:"],
    ],
    [
      "two copies on one node",
      siteOf({
        survive: "node",
        topology: { siteLabel: ZONE, sites: [dataSite("a", 1)] },
      }),
      ["replicationFactor = 2:"],
    ],
    [
      "more than the backend keeps",
      linstorSite(
        ["a", "b", "c"].map((name) => dataSite(name, 5)),
        { replicationFactor: 8 },
      ),
      ["replicationFactor = 8: … Allowed: 2, 3, 4, 5, 6 or 7, or more storage nodes."],
    ],
    [
      "more than Longhorn holds hard",
      longhornSite([dataSite("a", 3), dataSite("b", 3)], { survive: "node", replicationFactor: 3 }),
      ["replicationFactor = 3:"],
    ],
  ]);
});

describe("a waiver of the single copy", () => {
  const site = siteOf({ replicationFactor: 1, waivers: [WAIVER] });

  it("lets it pass, and is shown", () => {
    const { problems, waived } = judged(site);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      waived.map(({ problem, waiver }) => [problem.rule, problem.path, waiver?.who]),
      [["single-copy", "replicationFactor", "Ada"]],
    );
  });

  it("does not make the plan promise anything", () => {
    assert.equal(
      planSite(site).survival.summary,
      "Survives the loss of any one link between sites, with a person's help; " +
        "not survived: 6 of 6 nodes; 3 of 3 sites",
    );
  });

  it("passes nothing but its own rule and subject", () => {
    for (const changes of [{ rule: "failover" }, { subject: "survive" }]) {
      const other = { ...site, waivers: [{ ...WAIVER, ...changes }] };
      assert.equal(judged(other).problems.length, 1);
      assert.deepEqual(judged(other).waived, []);
    }
    const wide = { ...site, replicationFactor: 7, waivers: [WAIVER] };
    assert.equal(judged(wide).problems.length, 1);
  });

  it("is needed by linstor too, whatever survive says", () => {
    assertTold(refusals(linstorSite(THREE_SITES, { replicationFactor: 1 })), [SINGLE]);
  });
});
