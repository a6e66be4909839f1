import assert from "node:assert/strict";
import * as fc from "fast-check";
import { backendOf, checkSite, planTopology } from "../../../planning";
import type { Loss, TopologyPlan } from "../../../planning/plan";
import type { Site } from "../../../planning/site";
import { buildings, losses } from "../../../planning/survival/losses";
import { opinion, placements } from "../support/oracle";
import { placeableSites } from "../support/randomSites";

/** Cannot prove that the drivers behave as both models say: that is what the facts behind them are for. */
describe("verdicts, against a brute-force oracle", () => {
  it("agree on every loss of random sites, for each backend", () => {
    fc.assert(
      fc.property(placeableSites, (site) => {
        for (const loss of [...listed(site), ...pairs(site)]) {
          const request = { site, topology: topologyOf(site) };
          const verdict = backendOf(site.backend)?.survival(request, loss);
          assert.ok(verdict !== undefined);
          const { restorable, replicasGone, ...expected } = opinion(site, loss);
          assert.deepEqual(
            {
              readable: verdict.readable,
              unattended: verdict.unattended,
              splitBrain: verdict.splitBrain,
              acknowledgedWritesLost: verdict.acknowledgedWritesLost,
            },
            expected,
            `${verdict.title}: ${verdict.rule}`,
          );
          const points = `${verdict.title}: ${verdict.restorePointsRule}`;
          assert.ok(verdict.restorePointsReadable !== "yes" || restorable, points);
          assert.ok(verdict.restorePointsReadable === "no" || !replicasGone, points);
          assert.equal(verdict.writable, verdict.readable);
          assert.equal(
            verdict.survived,
            verdict.readable && !verdict.splitBrain && !verdict.acknowledgedWritesLost,
          );
        }
      }),
      { numRuns: 120 },
    );
  }).timeout(600_000);

  it("keep, in every accepted site, what the site promises", () => {
    let accepted = 0;
    fc.assert(
      fc.property(placeableSites, (site) => {
        if (checkSite(site).length > 0) {
          return;
        }
        accepted += 1;
        for (const loss of listed(site).filter((loss) => isPromised(site, loss))) {
          const after = opinion(site, loss);
          assert.ok(after.readable && !after.splitBrain && !after.acknowledgedWritesLost);
          assert.ok(after.unattended || site.failover === "manual");
        }
      }),
      { numRuns: 600 },
    );
    assert.ok(accepted > 100, `only ${accepted} sites were accepted`);
  }).timeout(600_000);

  it("refuse no site whose promise the oracle finds kept, unless a rule of the backend does", () => {
    let refused = 0;
    fc.assert(
      fc.property(placeableSites, (site) => {
        const problems = checkSite(site).filter((problem) => problem.path === "survive");
        if (problems.length === 0 || planTopology(site.topology, 1).independentSites < 3) {
          return;
        }
        refused += 1;
        const broken = listed(site)
          .filter((loss) => isPromised(site, loss))
          .map((loss) => opinion(site, loss))
          .filter(
            (after) =>
              !after.readable ||
              after.splitBrain ||
              after.acknowledgedWritesLost ||
              !(after.unattended || site.failover === "manual"),
          );
        assert.notEqual(broken.length, 0);
      }),
      { numRuns: 600 },
    );
    assert.ok(refused > 20, `only ${refused} sites were refused`);
  }).timeout(600_000);
});

describe("the oracle's placements", () => {
  it("are all sets of two nodes in different sites, for two copies over three sites of two", () => {
    const nodes = ["a", "b", "c"].flatMap((site) =>
      [1, 2].map((number) => ({
        name: `${site}-${number}`,
        site,
        building: site,
        data: true,
        storage: true,
        pods: true,
      })),
    );
    const site = {
      replicationFactor: 2,
      topology: { sites: ["a", "b", "c"].map(() => ({ role: "data" })) },
    } as unknown as Site;
    assert.equal(placements(site, nodes).length, 12);
  });
});

function listed(site: Site): readonly Loss[] {
  return losses(topologyOf(site), site.virtualMachines?.nodes);
}

/** Every two sites, every two nodes and every node with every witness, whether the table shows them or not. */
function pairs(site: Site): readonly Loss[] {
  const topology = topologyOf(site);
  const names = buildings(topology);
  const { dataSites, witnessSites } = topology;
  return [
    ...names.flatMap((one, index) =>
      names.slice(index + 1).map((two): Loss => ({ kind: "sites", sites: [one, two] })),
    ),
    ...dataSites.flatMap((one, index) =>
      dataSites
        .slice(index)
        .filter((two) => two !== one || one.storageNodes.length > 1)
        .map((two): Loss => ({ kind: "nodes", sites: [one.name, two.name] })),
    ),
    ...dataSites.flatMap(({ name }) =>
      witnessSites.map((witness): Loss => ({
        kind: "nodeAndWitness",
        site: name,
        witness: witness.name,
      })),
    ),
  ];
}

function topologyOf(site: Site): TopologyPlan {
  return planTopology(site.topology, site.replicationFactor);
}

function isPromised(site: Site, loss: Loss): boolean {
  return (
    loss.kind === "node" || (site.survive === "site" && ["site", "witness"].includes(loss.kind))
  );
}
