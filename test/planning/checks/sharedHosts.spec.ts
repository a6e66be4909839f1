import assert from "node:assert/strict";
import { judgeSite } from "../../../planning";
import type { Site } from "../../../planning/site";
import { vms, onHosts } from "../support/vms";
import { refusals } from "../support/refusals";
import {
  dataSite,
  linstorSite,
  longhornSite,
  siteOf,
  THREE_SITES,
  vsanSite,
  STRETCH_SITES,
} from "../support/sites";

const ONE_SITE = [dataSite("a", 4, { controlPlaneNodes: 3 })];
const OWN = "Rule shared-host.";

function oneSite(shared: Readonly<Record<string, string>>, changes: Partial<Site> = {}): Site {
  return onHosts(longhornSite(ONE_SITE, { survive: "node", ...changes }), shared);
}

describe("node VMs that share an ESXi host", () => {
  const cases: readonly (readonly [string, Site, readonly string[]])[] = [
    ["each on a host of its own", oneSite({}), []],
    [
      "two storage nodes that may hold both copies",
      oneSite({ "a-2": "esx-1", "a-4": "esx-1" }),
      [
        'virtualMachines.nodes[1].host = "esx-1": host esx-1 carries a-2 and a-4, and with it both copies are lost with host esx-1. ' +
          `Allowed: a-2 and a-4 on different hosts (move a-4, and keep them apart with a DRS anti-affinity rule). ${OWN}`,
      ],
    ],
    [
      "the same with three copies, of which one stays",
      oneSite({ "a-2": "esx-1", "a-4": "esx-1" }, { replicationFactor: 3 }),
      [],
    ],
    [
      "the same with LINSTOR's quorum, which one copy of three has not",
      onHosts(linstorSite(ONE_SITE, { survive: "node", replicationFactor: 3 }), {
        "a-1": "esx-1",
        "a-2": "esx-1",
        "a-3": "esx-1",
        "a-cp-1": "esx-1",
      }),
      [
        'virtualMachines.nodes[0].host = "esx-1": host esx-1 carries a-1, a-2 and a-3, and with it all 3 copies are lost with host ' +
          "esx-1. Allowed: a-1, a-2 and a-3 on different hosts (move a-2 and a-3, and keep them apart with a DRS anti-affinity rule). " +
          OWN,
      ],
    ],
    [
      "two of three control-plane nodes",
      oneSite({ "a-1": "esx-1", "a-cp-1": "esx-1", "a-cp-3": "esx-1" }),
      [
        'virtualMachines.nodes[4].host = "esx-1": host esx-1 carries a-cp-1 and a-cp-3, and with it 1 of 3 control-plane nodes stays ' +
          "(2 needed), so no pod can be started elsewhere. Allowed: a-cp-1 and a-cp-3 on different hosts (move a-cp-3, and keep them " +
          `apart with a DRS anti-affinity rule). ${OWN}`,
      ],
    ],
    [
      "the only control-plane node, which no other host would help",
      onHosts(longhornSite([dataSite("a", 3, { controlPlaneNodes: 1 })], { survive: "node" }), {
        "a-1": "esx-1",
        "a-cp": "esx-1",
      }),
      [],
    ],
    [
      "two storage nodes of one site, where copies are in different ones",
      onHosts(linstorSite(THREE_SITES), { "a-1": "esx-1", "a-2": "esx-1" }),
      [],
    ],
    [
      "storage nodes of two sites",
      onHosts(siteOf(), { "b-1": "esx-1", "c-2": "esx-1" }),
      [
        'virtualMachines.nodes[3].host = "esx-1": host esx-1 carries b-1 and c-2, and with it both copies are lost with host esx-1. ' +
          `Allowed: b-1 and c-2 on different hosts (move c-2, and keep them apart with a DRS anti-affinity rule). ${OWN}`,
      ],
    ],
    [
      "all nodes of a site on vSAN, whose copies are on hosts and not on nodes",
      onHosts(vsanSite(STRETCH_SITES), { "a-1": "esx-1", "a-2": "esx-1" }),
      [],
    ],
    [
      "and what a single node breaks already is said once",
      onHosts(linstorSite([dataSite("a", 2)], { survive: "node" }), {
        "a-1": "esx-1",
        "a-2": "esx-1",
      }),
      [
        'survive = "node": node a-1 (site a) is lost: 2 copies without a tie-breaker cannot tell node a-1 from a cut network, so LINSTOR ' +
          "turns quorum off and both copies may be written; a third place for the tie-breaker is needed (and 1 more case like it). " +
          "Allowed: other sites or nodes.",
      ],
    ],
  ];
  for (const [title, site, expected] of cases) {
    it(`${expected.length === 0 ? "may be" : "are refused:"} ${title}`, () => {
      assert.deepEqual(refusals(site), expected);
    });
  }

  it("are waived host by host", () => {
    const shared = { "a-1": "esx-1", "a-2": "esx-1", "a-3": "esx-2", "a-4": "esx-2" };
    const waiver = {
      rule: "shared-host",
      subject: "host esx-1",
      who: "Ada",
      why: "moves on Monday",
    };
    const { problems, waived } = judgeSite(
      oneSite(shared, { waivers: [{ ...waiver, until: "2031-01-01T00:00:00Z" }] }),
    );
    assert.deepEqual(
      problems.map(({ rule, subject, path }) => [rule, subject, path]),
      [["shared-host", "host esx-2", "virtualMachines.nodes[2].host"]],
    );
    assert.deepEqual(
      waived.map(({ problem }) => problem.subject),
      ["host esx-1"],
    );
  });

  it("are never refused for a datastore that they share", () => {
    const rows = ["1", "2", "3"].map(
      (at) => [`a-${at}`, "a", "storage", `esx-${at}`, "vsan"] as const,
    );
    const site = longhornSite([dataSite("a", 3)], {
      survive: "node",
      virtualMachines: vms(rows),
    });
    assert.deepEqual(refusals(site), []);
  });
});
