import assert from "node:assert/strict";
import { backendOf, planSite, planTopology, survivalTable } from "../../../planning";
import type { Verdict } from "../../../planning/plan";
import type { Site } from "../../../planning/site";
import { onHosts } from "../support/vms";
import {
  dataSite,
  genericSite,
  linstorSite,
  longhornSite,
  THREE_SITES,
  witnessSite,
} from "../../support/sites";

const KINDS = ["nodes", "nodeAndWitness", "sites"];

function pairs(site: Site): readonly Verdict[] {
  return planSite(site).survival.verdicts.filter(({ loss }) => KINDS.includes(loss.kind));
}

function lines(site: Site): readonly string[] {
  return pairs(site).map(({ title, survived }) => `${title}: ${survived ? "survived" : "NOT"}`);
}

describe("two losses at once", () => {
  it("are not spoken of with two copies", () => {
    assert.deepEqual(pairs(longhornSite(THREE_SITES)), []);
  });

  it("of nodes are survived by three copies without a quorum, told for each two sites", () => {
    assert.deepEqual(lines(longhornSite(THREE_SITES, { replicationFactor: 3 })), [
      "two nodes of site a are lost at once: survived",
      "a node of site a and one of site b are lost at once: survived",
      "a node of site a and one of site c are lost at once: survived",
      "two nodes of site b are lost at once: survived",
      "a node of site b and one of site c are lost at once: survived",
      "two nodes of site c are lost at once: survived",
    ]);
  });

  it("stop LINSTOR's three copies but in one site, and five survive any", () => {
    const three = lines(linstorSite(THREE_SITES, { replicationFactor: 3 }));
    assert.deepEqual(
      three.filter((line) => line.endsWith(": survived")),
      ["a", "b", "c"].map((site) => `two nodes of site ${site} are lost at once: survived`),
    );
    const five = ["a", "b", "c", "d", "e"].map((name) =>
      dataSite(name, 1, { controlPlaneNodes: 1 }),
    );
    const site = linstorSite(five, { replicationFactor: 5 });
    assert.ok(pairs(site).every(({ survived, unattended }) => survived && unattended));
    assert.equal(pairs(site).length, 20);
    assert.match(planSite(site).survival.summary, /any two nodes and any two sites, unattended$/);
  });

  it("show the limit by the worst of them alone where none is survived", () => {
    const single = linstorSite([dataSite("a", 3)], { replicationFactor: 3, survive: "node" });
    assert.deepEqual(
      pairs(single).map(({ title, rule }) => `${title}: ${rule}`),
      [
        "two nodes of site a are lost at once: 1 of 3 votes stays (2 needed): 1 copy, so reads and writes stop",
      ],
    );
  });

  it("of a node and the witness leave a majority of three copies", () => {
    const sites = [dataSite("a", 2), dataSite("b", 2), witnessSite("w", 1)];
    const site = linstorSite(sites, { replicationFactor: 3, survive: "node" });
    assert.deepEqual(
      pairs(site)
        .filter(({ loss }) => loss.kind === "nodeAndWitness")
        .map(({ title, rule }) => `${title}: ${rule}`),
      ["a", "b"].map(
        (name) =>
          `a node of site ${name} and witness w are lost at once: 2 of 3 votes stay (2 needed): 2 copies`,
      ),
    );
  });

  it("are never a reason to refuse, and never claimed of a storage that nobody knows", () => {
    assert.deepEqual(pairs(genericSite({}, { replicationFactor: 3 })), []);
  });

  it("cost no more judgements than nodes and hosts, with 300 of them", () => {
    const sites = ["a", "b", "c"].map((name) => dataSite(name, 100, { controlPlaneNodes: 1 }));
    const site = onHosts(longhornSite(sites, { replicationFactor: 3 }), {});
    const backend = backendOf("longhorn");
    assert.ok(backend !== undefined);
    let judged = 0;
    const counting = {
      ...backend,
      survival: (...args: Parameters<typeof backend.survival>) => {
        judged += 1;
        return backend.survival(...args);
      },
    };
    const table = survivalTable(counting, { site, topology: planTopology(site.topology, 3) });
    // 300 nodes, 303 hosts and datastores of their own, three sites, three links, six pairs of sites.
    assert.equal(judged, 300 + 303 + 303 + 3 + 3 + 6);
    assert.equal(table.verdicts.length, judged);
  });
});
