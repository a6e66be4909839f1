import assert from "node:assert/strict";
import * as fc from "fast-check";
import { defaultSurvive, planTopology } from "../../planning";
import type { FailureDomainSite, SiteTopology } from "../../planning/site";
import { siteCapacity, totalCapacity } from "../../planning/topology";
import { placeableSites } from "./support/randomSites";
import { dataSite, THREE_SITES, witnessSite, ZONE } from "../support/sites";

function topology(...sites: readonly FailureDomainSite[]): SiteTopology {
  return { siteLabel: ZONE, sites };
}

describe("the placement of copies", () => {
  it("spreads over sites where there are two data sites or more", () => {
    const plan = planTopology(topology(...THREE_SITES), 2);
    assert.equal(plan.spread, "sites");
    assert.equal(plan.maxPerSite, 1);
    assert.deepEqual(plan.replicasPerSite, { a: 1, b: 1, c: 0 });
    assert.equal(plan.independentSites, 3);
  });

  it("spreads over nodes alone with one data site, witness or not", () => {
    const plan = planTopology(topology(dataSite("a", 4), witnessSite("w", 1)), 3);
    assert.equal(plan.spread, "nodes");
    assert.equal(plan.maxPerSite, 3);
    assert.deepEqual(plan.replicasPerSite, { a: 3 });
    assert.deepEqual(
      plan.witnessSites.map((site) => site.name),
      ["w"],
    );
  });

  it("puts ceil(factor / sites) copies into a site at most", () => {
    const sites = topology(dataSite("a", 3), dataSite("b", 3));
    assert.deepEqual(
      [2, 3, 4, 5].map((factor) => planTopology(sites, factor).maxPerSite),
      [1, 2, 2, 3],
    );
    assert.deepEqual(planTopology(sites, 3).replicasPerSite, { a: 2, b: 1 });
  });

  it("fills what a small site cannot hold into the others", () => {
    const plan = planTopology(topology(dataSite("a", 1), dataSite("b", 5)), 3);
    assert.deepEqual(plan.replicasPerSite, { a: 1, b: 2 });
  });

  it("counts the room by site share and nodes, which does not always grow with the factor", () => {
    const sites = topology(dataSite("a", 1), dataSite("b", 5));
    assert.deepEqual(
      [2, 3, 4, 5, 6].map((factor) => totalCapacity(sites, factor)),
      [2, 3, 3, 4, 4],
    );
  });

  it("never puts two copies into one site while another that has room holds none", () => {
    fc.assert(
      fc.property(placeableSites, (site) => {
        const plan = planTopology(site.topology, site.replicationFactor);
        const counts = plan.dataSites.map((place) => ({
          replicas: plan.replicasPerSite[place.name] ?? 0,
          room: siteCapacity(place, plan.maxPerSite),
        }));
        const total = counts.reduce((sum, { replicas }) => sum + replicas, 0);
        assert.equal(total, site.replicationFactor);
        for (const { replicas, room } of counts) {
          assert.ok(replicas <= room);
          assert.ok(
            replicas < 2 || counts.every((other) => other.replicas > 0 || other.room === 0),
          );
        }
      }),
    );
  }).timeout(20_000);
});

describe("independent sites", () => {
  it("leave out a witness that stands in another site's building", () => {
    const two = [dataSite("a", 2), dataSite("b", 2)];
    const inside = topology(...two, witnessSite("w", 1, { locatedIn: "a" }));
    assert.equal(planTopology(inside, 2).independentSites, 2);
    assert.equal(defaultSurvive(inside), "node");
    const outside = topology(...two, witnessSite("w", 1));
    assert.equal(planTopology(outside, 2).independentSites, 3);
    assert.equal(defaultSurvive(outside), "site");
  });
});
