import assert from "node:assert/strict";
import type { Site } from "../../../planning/site";
import { vms, onHosts } from "../support/vms";
import { assertTold } from "../../support/told";
import { judged, refusals, tells } from "../support/refusals";
import {
  dataSite,
  linstorSite,
  longhornSite,
  siteOf,
  THREE_SITES,
  vsanSite,
  STRETCH_SITES,
  waiver,
} from "../../support/sites";

const ONE_SITE = [dataSite("a", 4, { controlPlaneNodes: 3 })];

function oneSite(shared: Readonly<Record<string, string>>, changes: Partial<Site> = {}): Site {
  return onHosts(longhornSite(ONE_SITE, { survive: "node", ...changes }), shared);
}

describe("node VMs that share an ESXi host", () => {
  tells([
    ["each on a host of its own", oneSite({}), []],
    [
      "two storage nodes that may hold both copies",
      oneSite({ "a-2": "esx-1", "a-4": "esx-1" }),
      ['virtualMachines.nodes[1].host = "esx-1": … a-2 and a-4 … both … Rule shared-host.'],
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
      ['virtualMachines.nodes[0].host = "esx-1": … a-1, a-2 and a-3 … all 3 … Rule shared-host.'],
    ],
    [
      "two of three control-plane nodes",
      oneSite({ "a-1": "esx-1", "a-cp-1": "esx-1", "a-cp-3": "esx-1" }),
      ['virtualMachines.nodes[4].host = "esx-1": … a-cp-1 and a-cp-3 … 1 of 3 … Rule shared-host.'],
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
      ['virtualMachines.nodes[3].host = "esx-1": … b-1 and c-2 … both … Rule shared-host.'],
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
      ['survive = "node": … node a-1 (site a) is lost … and 1 more case'],
    ],
  ]);

  it("are waived host by host", () => {
    const shared = { "a-1": "esx-1", "a-2": "esx-1", "a-3": "esx-2", "a-4": "esx-2" };
    const waivers = [waiver("shared-host", "host esx-1")];
    const { problems, waived } = judged(oneSite(shared, { waivers }));
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
    assertTold(refusals(site), []);
  });
});
