import assert from "node:assert/strict";
import type { Site } from "../../../planning/site";
import { judged, tells } from "../support/refusals";
import {
  cephSite,
  classSpec,
  dataSite,
  STRETCH_SITES,
  THREE_SITES,
  waiver,
  witnessSite,
} from "../../support/sites";

const [SITE_A, SITE_B] = STRETCH_SITES;
const TWO_DATA = [SITE_A, SITE_B].filter((site) => site !== undefined);

function stretch(changes: Partial<Site> = {}): Site {
  return cephSite(STRETCH_SITES, { replicationFactor: 4, ...changes });
}

function oneSite(changes: Partial<Site> = {}): Site {
  return cephSite([dataSite("a", 4, { controlPlaneNodes: 3 })], { survive: "node", ...changes });
}

describe("Ceph accepts", () => {
  const accepted: readonly (readonly [string, Site])[] = [
    ["three sites with a copy and a monitor each", cephSite(THREE_SITES)],
    ["a stretch cluster", stretch()],
    [
      "a stretch cluster whose monitors are stated as they are",
      stretchWith(["w", "a", "b", "b", "a"]),
    ],
    ["one site", oneSite()],
    [
      "one site with four copies and five monitors",
      oneSite({ replicationFactor: 4, ...monitors(5, "a") }),
    ],
    [
      "two sites without an arbiter, for the loss of a node",
      cephSite(TWO_DATA, {
        survive: "node",
        replicationFactor: 4,
        backendOptions: { nodeHealthCheck: "n", monitors: ["a", "a", "b"] },
      }),
    ],
    [
      "CephFS with a person's fail-over",
      oneSite({ failover: "manual", backendOptions: { storage: "cephfs" } }),
    ],
  ];
  tells(accepted.map(([title, site]) => [title, site, []]));
});

describe("Ceph refuses", () => {
  tells([
    [
      "two copies over three sites, which only a waiver passes",
      cephSite(THREE_SITES, { replicationFactor: 2 }),
      ["replicationFactor = 2: … Allowed: 3. … Rule ceph-size-two."],
    ],
    [
      "two copies in one site",
      oneSite({ replicationFactor: 2 }),
      ["replicationFactor = 2: … Allowed: 3 or more. … Rule ceph-size-two."],
    ],
    [
      "any other number than four in a stretch cluster, waiver or not",
      stretch({ replicationFactor: 2 }),
      ["replicationFactor = 2: … Allowed: 4."],
    ],
    [
      "three copies over two sites",
      cephSite(TWO_DATA, {
        survive: "node",
        backendOptions: { nodeHealthCheck: "n", monitors: ["a", "a", "b"] },
      }),
      ["replicationFactor = 3: … Allowed: 4."],
    ],
    [
      "more copies than sites, from three sites on",
      cephSite(THREE_SITES, { replicationFactor: 6 }),
      ["replicationFactor = 6: … Allowed: 3."],
    ],
    [
      "two witnesses beside two data sites",
      cephSite([...STRETCH_SITES, witnessSite("x", 1)], { replicationFactor: 4 }),
      ["topology.sites:"],
    ],
    [
      "a site label that Rook does not read",
      cephSite(THREE_SITES, { topology: { siteLabel: "example.com/room", sites: THREE_SITES } }),
      ['topology.siteLabel = "example.com/room":'],
    ],
    [
      "three sites without their monitors",
      cephSite(THREE_SITES, { backendOptions: { nodeHealthCheck: "n" } }),
      ["backendOptions.monitors:"],
    ],
    [
      "a monitor in a site that is not there",
      cephSite(THREE_SITES, {
        backendOptions: { nodeHealthCheck: "n", monitors: ["a", "b", "d"] },
      }),
      ['backendOptions.monitors[2] = "d":'],
    ],
    [
      "an even number of monitors",
      cephSite(THREE_SITES, {
        backendOptions: { nodeHealthCheck: "n", monitors: ["a", "b", "c", "c"] },
      }),
      ['backendOptions.monitors = ["a","b","c","c"]:'],
    ],
    [
      "other monitors than a stretch cluster's",
      stretchWith(["a", "b", "w"]),
      ['backendOptions.monitors = ["a","b","w"]:'],
    ],
    [
      "monitors whose majority falls with one site",
      cephSite(THREE_SITES, {
        backendOptions: { nodeHealthCheck: "n", monitors: ["a", "a", "b"] },
      }),
      ['survive = "site": … site a is lost … 1 of 3 monitors … 2 of 3 control-plane'],
    ],
    [
      "an arbiter in the building of a data site, for the loss of a site",
      cephSite([...TWO_DATA, witnessSite("w", 1, { locatedIn: "a", controlPlaneNodes: 1 })], {
        replicationFactor: 4,
      }),
      ['survive = "site": … there are 2'],
    ],
    [
      "fail-over without anything that taints a lost node",
      oneSite({ backendOptions: {} }),
      ['failover = "automatic":'],
    ],
    [
      "automatic fail-over of a shared file system",
      oneSite({ backendOptions: { storage: "cephfs", nodeHealthCheck: "n" } }),
      ['failover = "automatic": … Allowed: manual, or storage: rbd.'],
    ],
    [
      "automatic fail-over with a release whose fencing cannot be declared",
      oneSite({ backendVersion: "1.19.2" }),
      ['failover = "automatic": … Allowed: manual, or Rook 1.20 or newer.'],
    ],
    [
      "encryption without keys",
      oneSite({ classes: [classSpec({ encryption: true })] }),
      ["classes[0].encryption = true:"],
    ],
    [
      "encryption, a file system and options of block volumes with CephFS",
      oneSite({
        failover: "manual",
        backendOptions: { storage: "cephfs", pool: "fast", imageFeatures: ["layering"] },
        classes: [classSpec({ encryption: true, fsType: "ext4" })],
      }),
      [
        'backendOptions.pool = "fast":',
        'backendOptions.imageFeatures = ["layering"]:',
        "classes[0].encryption = true:",
        'classes[0].fsType = "ext4":',
      ],
    ],
    [
      "an option of CephFS with block volumes",
      oneSite({ backendOptions: { nodeHealthCheck: "n", filesystem: "shared" } }),
      ['backendOptions.filesystem = "shared":'],
    ],
    [
      "XFS where storage nodes run the workloads, which a waiver passes",
      oneSite({ classes: [classSpec({ fsType: "xfs" })] }),
      ['classes[0].fsType = "xfs": … Allowed: ext4. … Rule ceph-xfs.'],
    ],
    [
      "a file system that the driver does not make",
      oneSite({ classes: [classSpec({ fsType: "btrfs" })] }),
      ['classes[0].fsType = "btrfs": … Allowed: ext4 or xfs.'],
    ],
    [
      "image features without those that they need",
      oneSite({
        backendOptions: { nodeHealthCheck: "n", imageFeatures: ["fast-diff", "object-map"] },
      }),
      ['backendOptions.imageFeatures = ["fast-diff","object-map"]:'],
    ],
    [
      "an image feature, a kind of storage and a key that it does not know",
      oneSite({
        backendOptions: {
          nodeHealthCheck: "n",
          storage: "nfs",
          imageFeatures: ["journaling"],
          poolName: "x",
        },
      }),
      [
        'backendOptions.storage = "nfs":',
        'backendOptions.imageFeatures = ["journaling"]:',
        'backendOptions.poolName = "x":',
      ],
    ],
  ]);
});

describe("a waiver of two Ceph copies", () => {
  const waivers = [waiver("ceph-size-two", "replicationFactor")];

  it("lets them pass where the promise holds", () => {
    const site = cephSite(THREE_SITES, { replicationFactor: 2, waivers });
    const { problems, waived } = judged(site);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      waived.map(({ problem }) => problem.rule),
      ["ceph-size-two"],
    );
  });

  it("does not let a broken promise pass", () => {
    const site = cephSite(THREE_SITES, {
      replicationFactor: 2,
      waivers,
      backendOptions: { nodeHealthCheck: "n", monitors: ["a", "a", "b"] },
    });
    assert.deepEqual(
      judged(site).problems.map((problem) => problem.path),
      ["survive"],
    );
  });

  it("passes no other number of a stretch cluster", () => {
    const site = stretch({ replicationFactor: 2, waivers });
    assert.equal(judged(site).problems.length, 1);
  });
});

function stretchWith(where: readonly string[]): Site {
  return stretch({ backendOptions: { nodeHealthCheck: "n", monitors: where } });
}

function monitors(count: number, site: string): Partial<Site> {
  const names = Array.from({ length: count }, () => site);
  return { backendOptions: { nodeHealthCheck: "n", monitors: names } };
}
