import assert from "node:assert/strict";
import * as fc from "fast-check";
import { checkSite, planSite } from "../../planning";
import type { SitePlan } from "../../planning/plan";
import type { Site } from "../../planning/site";
import { placeableSites } from "./support/randomSites";
import { pointFile } from "../support/points";
import { MACHINES, siteOf } from "../support/sites";

const acceptedSites = placeableSites.filter((site) => checkSite(site).length === 0);

/** A site with its sites, nodes, and lists in another order. */
function shuffled(site: Site, seed: number): Site {
  const mix = <T>(items: readonly T[]): readonly T[] =>
    items
      .map((item, index) => ({ item, key: Math.imul(seed + index * 7919, 2654435761) >>> 0 }))
      .sort((one, two) => one.key - two.key)
      .map(({ item }) => item);
  return {
    ...site,
    topology: {
      ...site.topology,
      sites: mix(site.topology.sites).map((place) => ({
        ...place,
        storageNodes: mix(place.storageNodes),
      })),
    },
  };
}

function substance(plan: SitePlan): unknown {
  return {
    classes: plan.classes,
    companions: plan.companions,
    replicas: Object.fromEntries(Object.entries(plan.topology.replicasPerSite).sort()),
    survived: Object.fromEntries(
      plan.survival.verdicts
        .map((verdict): [string, boolean] => [key(verdict.loss), verdict.survived])
        .sort(),
    ),
  };
}

function key(loss: SitePlan["survival"]["verdicts"][number]["loss"]): string {
  return loss.kind === "link" ? `link ${[...loss.between].sort().join(" ")}` : JSON.stringify(loss);
}

describe("a plan", () => {
  it("is the same for the same site", () => {
    fc.assert(
      fc.property(acceptedSites, (site) => {
        assert.deepEqual(planSite(structuredClone(site)), planSite(site));
      }),
      { numRuns: 50 },
    );
  }).timeout(20_000);

  it("does not depend on the order of sites and nodes", () => {
    fc.assert(
      fc.property(acceptedSites, fc.nat(), (site, seed) => {
        assert.deepEqual(substance(planSite(shuffled(site, seed))), substance(planSite(site)));
      }),
      { numRuns: 50 },
    );
  }).timeout(20_000);

  it("is refused for the same reasons in any order", () => {
    const paths = (site: Site): readonly string[] =>
      checkSite(site)
        .map((problem) => problem.path.replace(/\d+/g, "N"))
        .sort();
    fc.assert(
      fc.property(placeableSites, fc.nat(), (site, seed) => {
        assert.deepEqual(paths(shuffled(site, seed)), paths(site));
      }),
      { numRuns: 100 },
    );
  }).timeout(20_000);

  it("gives all class parameters as texts, and none is empty", () => {
    fc.assert(
      fc.property(acceptedSites, (site) => {
        for (const planned of planSite(site).classes) {
          for (const value of Object.values(planned.parameters)) {
            assert.equal(typeof value, "string");
            assert.notEqual(value, "");
          }
        }
      }),
      { numRuns: 50 },
    );
  }).timeout(20_000);

  it("gives every VM snapshot a resource of its own and a chain without a loop", () => {
    const pointName = fc.stringMatching(/^[a-z]([a-z0-9.-]{0,20}[a-z0-9])?$/);
    const names = fc.uniqueArray(pointName, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(names, (points) => {
        const site = siteOf({
          virtualMachines: MACHINES,
          restorePoints: points.map((name) => pointFile({ name, state: "taking" })),
        });
        fc.pre(checkSite(site).length === 0);
        const members = planSite(site).restorePoints.flatMap((point) => point.virtualMachines);
        assert.equal(new Set(members.map((member) => member.resourceName)).size, members.length);
        const seen = new Set<string>();
        for (const member of members) {
          assert.ok(member.after === undefined || seen.has(member.after));
          seen.add(member.resourceName);
        }
        assert.equal(members.length, points.length * 6);
      }),
      { numRuns: 100 },
    );
  }).timeout(20_000);
});
