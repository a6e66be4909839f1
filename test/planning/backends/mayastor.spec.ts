import assert from "node:assert/strict";
import { planSite } from "../../../planning";
import type { Site } from "../../../planning/site";
import { ownSteps, tells } from "../support/refusals";
import { classSpec, dataSite, mayastorSite, THREE_SITES, witnessSite } from "../../support/sites";

const ONE_SITE = [dataSite("a", 3)];
const WITH_WITNESS = [
  dataSite("a", 2, { controlPlaneNodes: 1 }),
  dataSite("b", 2, { controlPlaneNodes: 1 }),
  witnessSite("w", 0, { controlPlaneNodes: 1 }),
];
const OPTIONS = mayastorSite(THREE_SITES).backendOptions;

function without(key: string): Site["backendOptions"] {
  return Object.fromEntries(Object.entries(OPTIONS).filter(([name]) => name !== key));
}

describe("a Mayastor class", () => {
  it("spreads over sites by one label of Mayastor's own nodes", () => {
    assert.deepEqual(planSite(mayastorSite(THREE_SITES)).classes[0]?.parameters, {
      repl: "2",
      protocol: "nvmf",
      thin: "true",
      nodeSpreadTopologyKey: "site",
    });
  });

  it("leaves the spread over nodes of one site to Mayastor, which always keeps it", () => {
    const site = mayastorSite(ONE_SITE, { survive: "node" });
    assert.deepEqual(planSite(site).classes[0]?.parameters, {
      repl: "2",
      protocol: "nvmf",
      thin: "true",
    });
  });

  it("takes the limit of snapshots, encryption and the file system", () => {
    const site = mayastorSite(THREE_SITES, {
      backendOptions: { ...OPTIONS, encryptedPools: true },
      classes: [classSpec({ encryption: true, fsType: "ext4", options: { maxSnapshots: 12 } })],
    });
    assert.deepEqual(planSite(site).classes[0]?.parameters, {
      repl: "2",
      protocol: "nvmf",
      thin: "true",
      nodeSpreadTopologyKey: "site",
      maxSnapshots: "12",
      encrypted: "true",
      "csi.storage.k8s.io/fstype": "ext4",
    });
  });
});

describe("beside a Mayastor class", () => {
  it("snapshots freeze the file system unless told otherwise, and groups do not exist", () => {
    const plan = planSite(mayastorSite(THREE_SITES));
    assert.deepEqual(plan.snapshotClass?.parameters, { quiesceFs: "freeze" });
    assert.equal(plan.groupSnapshotClass, undefined);
    assert.deepEqual(plan.companions, []);
    const restless = mayastorSite(THREE_SITES, {
      backendOptions: { ...OPTIONS, quiesceFs: "none" },
    });
    assert.deepEqual(planSite(restless).snapshotClass?.parameters, { quiesceFs: "none" });
  });

  it("existing volumes follow a raised factor by a command", () => {
    const site = mayastorSite(THREE_SITES, { replicationFactor: 3 });
    assert.deepEqual(planSite(site).raise, {
      existingVolumes: "unchanged",
      command: "kubectl mayastor -n openebs scale volume VOLUME 3",
    });
  });

  it("fail-over is that of a NodeHealthCheck, or a person's with the steps", () => {
    assert.equal(planSite(mayastorSite(THREE_SITES)).failover.mode, "automatic");
    const backendOptions = { ...without("nodeHealthCheck"), namespace: "storage" };
    assert.deepEqual(ownSteps(mayastorSite(THREE_SITES, { backendOptions })), [
      "switch NODE off, or see that it is: while it runs it may go on writing",
      "kubectl mayastor -n storage get volumes, until every volume is Online again",
    ]);
  });
});

describe("a loss, with Mayastor", () => {
  const rules = (site: Site): readonly (readonly [string, boolean, string])[] =>
    planSite(site)
      .survival.verdicts.filter(({ loss }) => loss.kind !== "node")
      .map(({ title, survived, rule }) => [title, survived, rule]);

  it("is judged by the copies and by the majority of its etcd", () => {
    const twoOfThree = "2 of 3 control-plane nodes stay (2 needed)";
    assert.deepEqual(rules(mayastorSite(WITH_WITNESS)), [
      [
        "site a is lost",
        true,
        `1 of 2 copies stays; 2 of 3 etcd members stay (2 needed); ${twoOfThree}`,
      ],
      [
        "site b is lost",
        true,
        `1 of 2 copies stays; 2 of 3 etcd members stay (2 needed); ${twoOfThree}`,
      ],
      [
        "witness w is lost",
        true,
        `2 of 2 copies stay; 2 of 3 etcd members stay (2 needed); ${twoOfThree}`,
      ],
      [
        "the link between a and b is cut",
        true,
        "the side of a sees 2 of 3 etcd members (2 needed) and the side of b 2 of 3 etcd members (2 needed), " +
          "so reads and writes go on where they are",
      ],
      [
        "the link between a and w is cut",
        true,
        "the side of a sees 2 of 3 etcd members (2 needed) and the side of w 2 of 3 etcd members (2 needed), " +
          "so reads and writes go on where they are",
      ],
      [
        "the link between b and w is cut",
        true,
        "the side of b sees 2 of 3 etcd members (2 needed) and the side of w 2 of 3 etcd members (2 needed), " +
          "so reads and writes go on where they are",
      ],
    ]);
  });
});

describe("Mayastor refuses", () => {
  tells([
    [
      "automatic fail-over without what moves pods and targets",
      mayastorSite(THREE_SITES, {
        backendOptions: { nodeSpreadKey: "site", etcdMembers: ["a", "b", "c"] },
      }),
      ['failover = "automatic":'],
    ],
    [
      "automatic fail-over without multipath",
      mayastorSite(THREE_SITES, { backendOptions: without("nvmeMultipath") }),
      ['failover = "automatic":'],
    ],
    [
      "a release that rebuilds anywhere",
      mayastorSite(THREE_SITES, { backendVersion: "2.10.0" }),
      ['backendVersion = "2.10.0": … Allowed: 2.11 or newer.'],
    ],
    [
      "a release that takes no snapshot of several copies",
      mayastorSite(ONE_SITE, { survive: "node", backendVersion: "2.6.1" }),
      ['backendVersion = "2.6.1": … Allowed: 2.7 or newer.'],
    ],
    [
      "sites without the label that tells them apart",
      mayastorSite(THREE_SITES, { backendOptions: without("nodeSpreadKey") }),
      ["backendOptions.nodeSpreadKey:"],
    ],
    [
      "two labels in one",
      mayastorSite(THREE_SITES, { backendOptions: { ...OPTIONS, nodeSpreadKey: "site\nrack" } }),
      ['backendOptions.nodeSpreadKey = "site\\nrack":'],
    ],
    [
      "a label of sites where there is one",
      mayastorSite(ONE_SITE, {
        survive: "node",
        backendOptions: { ...without("etcdMembers"), nodeSpreadKey: "site" },
      }),
      ['backendOptions.nodeSpreadKey = "site":'],
    ],
    [
      "two copies per site",
      mayastorSite(WITH_WITNESS, { replicationFactor: 4 }),
      ["replicationFactor = 4:"],
    ],
    [
      "members of etcd that nobody states",
      mayastorSite(THREE_SITES, { backendOptions: without("etcdMembers") }),
      ["backendOptions.etcdMembers:"],
    ],
    [
      "an even number of members",
      mayastorSite(THREE_SITES, { backendOptions: { ...OPTIONS, etcdMembers: ["a", "b"] } }),
      ['backendOptions.etcdMembers = ["a","b"]:'],
    ],
    [
      "a member in no site",
      mayastorSite(THREE_SITES, { backendOptions: { ...OPTIONS, etcdMembers: ["a", "b", "d"] } }),
      ['backendOptions.etcdMembers[2] = "d":'],
    ],
    [
      "encryption without encrypted pools",
      mayastorSite(THREE_SITES, { classes: [classSpec({ encryption: true })] }),
      ["classes[0].encryption = true:"],
    ],
    [
      "a file system that it does not make",
      mayastorSite(THREE_SITES, { classes: [classSpec({ fsType: "zfs" })] }),
      ['classes[0].fsType = "zfs":'],
    ],
    [
      "a promise that the members of its etcd break",
      mayastorSite(THREE_SITES, { backendOptions: { ...OPTIONS, etcdMembers: ["a", "a", "b"] } }),
      ['survive = "site": … site a is lost … 1 of 3 etcd … 2 of 3 control-plane'],
    ],
  ]);
});
