import assert from "node:assert/strict";
import { planSite } from "../../../planning";
import type { Site } from "../../../planning/site";
import { assertTold } from "../../support/told";
import { refusals } from "../support/refusals";
import { classSpec, dataSite, siteOf, THREE_SITES, ZONE } from "../../support/sites";

describe("the lab's class", () => {
  it("spreads over sites", () => {
    assert.deepEqual(planSite(siteOf()).classes[0]?.parameters, {
      replicas: "2",
      spreadKey: ZONE,
      maxPerDomain: "1",
    });
  });

  it("spreads over nodes within one site", () => {
    const site = siteOf({
      survive: "node",
      replicationFactor: 3,
      topology: { siteLabel: ZONE, sites: [dataSite("a", 3)] },
      classes: [classSpec({ fsType: "ext4", mountOptions: ["noatime"] })],
    });
    const [planned] = planSite(site).classes;
    assert.deepEqual(planned?.parameters, {
      replicas: "3",
      spreadKey: "kubernetes.io/hostname",
      maxPerDomain: "1",
      "csi.storage.k8s.io/fstype": "ext4",
    });
    assert.deepEqual(planned?.mountOptions, ["noatime"]);
  });

  it("lets a site hold its share of four copies over three", () => {
    const [planned] = planSite(siteOf({ replicationFactor: 4 })).classes;
    assert.deepEqual(planned?.parameters, { replicas: "4", spreadKey: ZONE, maxPerDomain: "2" });
  });
});

describe("the lab", () => {
  const plan = planSite(siteOf());

  it("has single and group snapshots, which ask for nothing", () => {
    assert.deepEqual(plan.snapshotClass?.parameters, {});
    assert.deepEqual(plan.groupSnapshotClass?.parameters, {});
  });

  it("needs nothing beside the class, and moves nothing by itself", () => {
    assert.deepEqual(plan.companions, []);
    assert.deepEqual(plan.raise, { existingVolumes: "unchanged", command: undefined });
    assert.deepEqual(plan.failover, {
      mode: "manual",
      why: "the lab's nodes are simulated: nothing watches them and nothing moves a workload",
      steps: [
        "kubectl taint node NODE node.kubernetes.io/out-of-service=nodeshutdown:NoExecute",
        "wait until the pods run on another node",
        "kubectl taint node NODE node.kubernetes.io/out-of-service- once the node is back",
      ],
    });
  });

  const cases: readonly (readonly [string, Partial<Site>, readonly string[]])[] = [
    [
      "options",
      { backendOptions: { replicas: 3 }, classes: [classSpec({ options: { pool: "x" } })] },
      ["backendOptions.replicas = 3:", 'classes[0].options.pool = "x":'],
    ],
    [
      "encryption",
      { classes: [classSpec({ encryption: true })] },
      ["classes[0].encryption = true: … Allowed: false."],
    ],
    [
      "more than 16 copies",
      {
        replicationFactor: 17,
        topology: { siteLabel: ZONE, sites: THREE_SITES.map(({ name }) => dataSite(name, 6)) },
      },
      [
        "replicationFactor = 17: … Allowed: 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 or 16, or more storage nodes.",
      ],
    ],
  ];
  for (const [title, changes, expected] of cases) {
    it(`refuses ${title}`, () => {
      assertTold(refusals(siteOf(changes)), expected);
    });
  }
});
