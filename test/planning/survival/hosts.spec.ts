import assert from "node:assert/strict";
import { planSite } from "../../../planning";
import type { Loss } from "../../../planning/plan";
import type { Site } from "../../../planning/site";
import { vms, onHosts } from "../support/vms";
import {
  cephSite,
  dataSite,
  genericSite,
  linstorSite,
  longhornSite,
  mayastorSite,
  STRETCH_SITES,
  THREE_SITES,
  VSAN_OPTIONS,
  vsanSite,
  waiver,
} from "../../support/sites";

/** Each loss of a kind as one line: what is survived and how, and the rule that decides. */
function lines(site: Site, kind: Loss["kind"]): readonly string[] {
  return planSite(site)
    .survival.verdicts.filter(({ loss }) => loss.kind === kind)
    .map(({ title, survived, unattended, rule }) => {
      const how = survived ? (unattended ? "survived" : "with a person") : "NOT survived";
      return `${title}: ${how}: ${rule}`;
    });
}

const ONE_SITE = [dataSite("a", 3, { controlPlaneNodes: 3 })];

describe("the loss of an ESXi host", () => {
  it("takes all VMs on it at once, control plane included", () => {
    const site = onHosts(longhornSite(THREE_SITES), {
      "a-1": "esx-a",
      "a-2": "esx-a",
      "a-cp": "esx-a",
    });
    assert.equal(
      lines(site, "host")[0],
      "host esx-a (a-1, a-2 and a-cp) is lost: survived: 1 of 2 copies stays; no quorum is kept, one copy is enough; " +
        "2 of 3 control-plane nodes stay (2 needed)",
    );
    assert.equal(lines(site, "host").length, 7);
  });

  it("is not listed where no VM states its host", () => {
    assert.deepEqual(lines(longhornSite(THREE_SITES), "host"), []);
    assert.deepEqual(lines(longhornSite(THREE_SITES), "datastore"), []);
  });

  it("counts the tie-breaker that it may take with a copy", () => {
    // Both copies of a volume elsewhere, or one copy here: never a copy and the tie-breaker of a site that holds none.
    const site = onHosts(linstorSite(THREE_SITES), { "a-1": "esx-a", "a-2": "esx-a" });
    assert.equal(
      lines(site, "host")[0],
      "host esx-a (a-1 and a-2) is lost: survived: 2 of 3 votes stay (2 needed): 1 copy and the tie-breaker",
    );
  });

  it("takes what VMs of two sites hold where labels are wrong", () => {
    const site = onHosts(linstorSite(THREE_SITES), { "a-1": "esx", "b-1": "esx" });
    const waivers = [waiver("shared-host", "host esx")];
    assert.equal(
      lines({ ...site, waivers }, "host")[0],
      "host esx (a-1 and b-1) is lost: NOT survived: both copies are lost with host esx",
    );
  });

  it("takes one copy of vSAN's, however many VMs, and moves none of them for it", () => {
    const site = onHosts(vsanSite(STRETCH_SITES), {
      "a-1": "esx-a",
      "a-2": "esx-a",
      "w-cp": "esx-w",
    });
    assert.deepEqual(
      lines(site, "host").filter((line) => /^host esx-[aw] /.test(line)),
      [
        "host esx-a (a-1 and a-2) is lost: survived: 1 of 2 copies stays; 2 of 3 votes stay (2 needed)",
        "host esx-w (w-cp) is lost: survived: 2 of 2 copies stay; 2 of 3 votes stay (2 needed); " +
          "2 of 3 control-plane nodes stay (2 needed)",
      ],
    );
  });

  it("stops nothing on vSAN where it carries the control plane alone: no pod has to move", () => {
    const sites = [dataSite("a", 3, { controlPlaneNodes: 1 })];
    const backendOptions = {
      ...VSAN_OPTIONS,
      siteDisasterTolerance: "none",
      failuresToTolerate: 1,
    };
    const site = onHosts(vsanSite(sites, { survive: "node", backendOptions }), {});
    assert.equal(
      lines(site, "host").at(-1),
      "host esx-a-cp (a-cp) is lost: with a person: 1 of 2 copies stays, as the storage policy is stated; " +
        "0 of 1 control-plane node stay (1 needed), so no pod can be started elsewhere",
    );
  });

  it("is survived by a driver as far as it is stated: of a host, or of the one node that it carries", () => {
    const generic = (...survives: readonly string[]): Site =>
      onHosts(genericSite({ survives: [...survives, "site"] }), {
        "a-1": "esx-a",
        "a-2": "esx-a",
        "a-cp": "esx-cp",
      });
    const survived = (site: Site): readonly string[] =>
      lines(site, "host")
        .filter((line) => /^host (esx-a|esx-b-1|esx-cp) /.test(line))
        .map((line) => line.replace(/ is lost: ([^:]*): .*$/, ": $1"));
    assert.deepEqual(survived(generic("node")), [
      "host esx-a (a-1 and a-2): NOT survived",
      "host esx-cp (a-cp): survived",
      "host esx-b-1 (b-1): with a person",
    ]);
    assert.deepEqual(survived(generic("host")), [
      "host esx-a (a-1 and a-2): with a person",
      "host esx-cp (a-cp): survived",
      "host esx-b-1 (b-1): with a person",
    ]);
  });

  it("may take as many monitors or members as it carries nodes, those without data included", () => {
    const rows = [
      ["a-1", "a", "storage", "esx-1"],
      ["a-w", "a", "worker", "esx-1"],
      ["a-2", "a", "storage", "esx-2"],
      ["a-3", "a", "storage", "esx-3"],
    ] as const;
    const virtualMachines = vms(rows);
    const rule = "1 of 3 monitors stays (2 needed), so reads and writes stop";
    assert.equal(
      lines(
        cephSite(ONE_SITE, { survive: "node", replicationFactor: 3, virtualMachines }),
        "host",
      )[0],
      `host esx-1 (a-1 and a-w) is lost: NOT survived: ${rule}`,
    );
    assert.equal(
      lines(mayastorSite(ONE_SITE, { survive: "node", virtualMachines }), "host")[0],
      "host esx-1 (a-1 and a-w) is lost: NOT survived: 1 of 3 etcd members stays (2 needed), so no copy can be told good and " +
        "reads and writes stop",
    );
  });

  it("counts the control plane by its VMs where no site states it", () => {
    const bare = longhornSite([dataSite("a", 3)], { survive: "node" });
    const rows = ["1", "2", "3"].map((at) => [`a-${at}`, "a", "storage", `esx-${at}`] as const);
    const control = ["1", "2", "3"].map(
      (at) => [`cp-${at}`, "a", "controlPlane", "esx-1"] as const,
    );
    const site = { ...bare, virtualMachines: vms([...rows, ...control]) };
    assert.equal(
      lines(site, "host")[0],
      "host esx-1 (a-1, cp-1, cp-2 and cp-3) is lost: NOT survived: 1 of 2 copies stays; no quorum is kept, one copy is enough; " +
        "0 of 3 control-plane nodes stay (2 needed), so no pod can be started elsewhere",
    );
  });

  it("is told of nodes that are no VMs here as not known", () => {
    const virtualMachines = vms([["a-cp", "a", "controlPlane", "esx-1"]]);
    assert.match(
      planSite(longhornSite(THREE_SITES, { virtualMachines })).survival.summary,
      /; of 6 storage nodes no host is known: they are not among virtualMachines\.nodes$/,
    );
  });
});

describe("the loss of a datastore", () => {
  it("takes every VM with a disk there, and all of them where there is one for all", () => {
    const site = onHosts(longhornSite(THREE_SITES), {});
    const shared = site.virtualMachines?.nodes.map((node) => ({ ...node, datastores: ["vsan"] }));
    assert.ok(site.virtualMachines !== undefined && shared !== undefined);
    const on = { ...site, virtualMachines: { ...site.virtualMachines, nodes: shared } };
    assert.deepEqual(lines(on, "datastore"), [
      "datastore vsan (all 9 node VMs) is lost: NOT survived: both copies are lost with datastore vsan; " +
        "0 of 3 control-plane nodes stay (2 needed), so no pod can be started elsewhere",
    ]);
    assert.match(
      planSite(on).survival.summary,
      /not survived: datastore vsan \(all 9 node VMs\) is lost$/,
    );
  });

  it("is not known to spare any volume of vSphere's, which lie where the policy puts them", () => {
    const site = onHosts(vsanSite(STRETCH_SITES), {});
    assert.equal(
      lines(site, "datastore")[0],
      "datastore local-esx-a-1 (a-1) is lost: NOT survived: on which datastores the storage policy keeps the volumes is not " +
        "known: all copies of a volume may be on local-esx-a-1",
    );
  });
});
