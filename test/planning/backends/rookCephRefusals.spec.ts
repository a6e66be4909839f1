import assert from "node:assert/strict";
import { judgeSite } from "../../../planning";
import type { Site, Waiver } from "../../../planning/site";
import { refusals } from "../support/refusals";
import {
  cephSite,
  classSpec,
  dataSite,
  STRETCH_SITES,
  THREE_SITES,
  witnessSite,
} from "../support/sites";

const LABELS =
  "topology.kubernetes.io/region, topology.kubernetes.io/zone, topology.rook.io/datacenter, topology.rook.io/room, " +
  "topology.rook.io/pod, topology.rook.io/pdu, topology.rook.io/row, topology.rook.io/rack or topology.rook.io/chassis";

const TWO =
  "2 copies go on after a loss only with min_size 1: a write is then acknowledged that lies on one copy alone, and is lost with it";

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
  for (const [title, site] of accepted) {
    it(title, () => {
      assert.deepEqual(refusals(site), []);
    });
  }
});

describe("Ceph refuses", () => {
  const cases: readonly (readonly [string, Site, readonly string[]])[] = [
    [
      "two copies over three sites, which only a waiver passes",
      cephSite(THREE_SITES, { replicationFactor: 2 }),
      [`replicationFactor = 2: ${TWO}. Allowed: 3. Rule ceph-size-two.`],
    ],
    [
      "two copies in one site",
      oneSite({ replicationFactor: 2 }),
      [`replicationFactor = 2: ${TWO}. Allowed: 3 or more. Rule ceph-size-two.`],
    ],
    [
      "any other number than four in a stretch cluster, waiver or not",
      stretch({ replicationFactor: 2 }),
      [
        "replicationFactor = 2: two data sites and an arbiter are a stretch cluster, where Rook accepts pools of two copies in " +
          "each data site only. Allowed: 4.",
      ],
    ],
    [
      "three copies over two sites",
      cephSite(TWO_DATA, {
        survive: "node",
        backendOptions: { nodeHealthCheck: "n", monitors: ["a", "a", "b"] },
      }),
      [
        "replicationFactor = 3: over two sites Rook can hold one copy in each hard, or two in each, but not 3 copies. Allowed: 4.",
      ],
    ],
    [
      "more copies than sites, from three sites on",
      cephSite(THREE_SITES, { replicationFactor: 6 }),
      [
        "replicationFactor = 6: Rook can hold one copy per site hard, but not 2 per site over 3 sites. Allowed: 3.",
      ],
    ],
    [
      "two witnesses beside two data sites",
      cephSite([...STRETCH_SITES, witnessSite("x", 1)], { replicationFactor: 4 }),
      [
        "topology.sites: a stretch cluster has one arbiter, and there are 2 witnesses (w and x). " +
          "Allowed: two sites with role: data and one with role: witness.",
      ],
    ],
    [
      "a site label that Rook does not read",
      cephSite(THREE_SITES, { topology: { siteLabel: "example.com/room", sites: THREE_SITES } }),
      [
        'topology.siteLabel = "example.com/room": Rook does not read this label when it makes an OSD, so Ceph would not know ' +
          `the sites. Allowed: ${LABELS}.`,
      ],
    ],
    [
      "three sites without their monitors",
      cephSite(THREE_SITES, { backendOptions: { nodeHealthCheck: "n" } }),
      [
        "backendOptions.monitors: nothing states in which sites Ceph's monitors run, and without their majority no copy is of use. " +
          'Allowed: the site of each member, such as ["a","b","c"].',
      ],
    ],
    [
      "a monitor in a site that is not there",
      cephSite(THREE_SITES, {
        backendOptions: { nodeHealthCheck: "n", monitors: ["a", "b", "d"] },
      }),
      ['backendOptions.monitors[2] = "d": there is no site of this name. Allowed: a, b or c.'],
    ],
    [
      "an even number of monitors",
      cephSite(THREE_SITES, {
        backendOptions: { nodeHealthCheck: "n", monitors: ["a", "b", "c", "c"] },
      }),
      [
        `backendOptions.monitors = ["a","b","c","c"]: Ceph's monitors decide by majority: an even number survives no more than one less, ` +
          "and one or two survive nothing. Allowed: an odd number of three or more.",
      ],
    ],
    [
      "other monitors than a stretch cluster's",
      stretchWith(["a", "b", "w"]),
      [
        'backendOptions.monitors = ["a","b","w"]: a stretch cluster has five monitors, two in each data site and one at the arbiter. ' +
          'Allowed: ["a","a","b","b","w"], or no such key.',
      ],
    ],
    [
      "monitors whose majority falls with one site",
      cephSite(THREE_SITES, {
        backendOptions: { nodeHealthCheck: "n", monitors: ["a", "a", "b"] },
      }),
      [
        'survive = "site": site a is lost: 1 of 3 monitors stays (2 needed), so reads and writes stop; 2 of 3 control-plane nodes stay (2 ' +
          "needed). Allowed: node; other sites or nodes.",
      ],
    ],
    [
      "an arbiter in the building of a data site, for the loss of a site",
      cephSite([...TWO_DATA, witnessSite("w", 1, { locatedIn: "a", controlPlaneNodes: 1 })], {
        replicationFactor: 4,
      }),
      [
        'survive = "site": the loss of a site is survived only where three sites or more fall independently; there are 2 (a and b); ' +
          "w stands in a and falls with it. When b no longer sees a, it cannot tell a lost site from a cut link. " +
          "Allowed: node, or a third site (a witness in a building of its own is enough).",
      ],
    ],
    [
      "fail-over without anything that taints a lost node",
      oneSite({ backendOptions: {} }),
      [
        'failover = "automatic": nothing is named that taints a lost node as out of service, and until then its volumes stay attached ' +
          "to it. Allowed: manual, or backendOptions.nodeHealthCheck with the NodeHealthCheck whose remediation does.",
      ],
    ],
    [
      "automatic fail-over of a shared file system",
      oneSite({ backendOptions: { storage: "cephfs", nodeHealthCheck: "n" } }),
      [
        'failover = "automatic": the driver fences a lost node for block volumes only, so a shared file system is moved by a person. ' +
          "Allowed: manual, or storage: rbd.",
      ],
    ],
    [
      "automatic fail-over with a release whose fencing cannot be declared",
      oneSite({ backendVersion: "1.19.2" }),
      [
        'failover = "automatic": before Rook 1.20 the fencing of a lost node cannot be declared on the driver. ' +
          "Allowed: manual, or Rook 1.20 or newer.",
      ],
    ],
    [
      "encryption without keys",
      oneSite({ classes: [classSpec({ encryption: true })] }),
      [
        "classes[0].encryption = true: the driver encrypts a volume with a key from a key management service, and none is named. " +
          "Allowed: false, or backendOptions.encryptionKmsId.",
      ],
    ],
    [
      "encryption, a file system and options of block volumes with CephFS",
      oneSite({
        failover: "manual",
        backendOptions: { storage: "cephfs", pool: "fast", imageFeatures: ["layering"] },
        classes: [classSpec({ encryption: true, fsType: "ext4" })],
      }),
      [
        'backendOptions.pool = "fast": this option says nothing with storage: cephfs. Allowed: no such key, or storage: rbd.',
        'backendOptions.imageFeatures = ["layering"]: this option says nothing with storage: cephfs. Allowed: no such key, or storage: rbd.',
        "classes[0].encryption = true: the driver encrypts a shared file system only with kernels from 6.6, which nothing here can see. " +
          "Allowed: false, or storage: rbd with backendOptions.encryptionKmsId.",
        'classes[0].fsType = "ext4": CephFS is a file system itself, and makes no other. Allowed: no such key.',
      ],
    ],
    [
      "an option of CephFS with block volumes",
      oneSite({ backendOptions: { nodeHealthCheck: "n", filesystem: "shared" } }),
      [
        'backendOptions.filesystem = "shared": this option says nothing with storage: rbd. Allowed: no such key, or storage: cephfs.',
      ],
    ],
    [
      "XFS where storage nodes run the workloads, which a waiver passes",
      oneSite({ classes: [classSpec({ fsType: "xfs" })] }),
      [
        'classes[0].fsType = "xfs": XFS may lock up where a volume is mounted on a node that holds copies, and here the storage nodes run ' +
          "the workloads. Allowed: ext4. Rule ceph-xfs.",
      ],
    ],
    [
      "a file system that the driver does not make",
      oneSite({ classes: [classSpec({ fsType: "btrfs" })] }),
      [
        'classes[0].fsType = "btrfs": the backend rook-ceph does not make this file system. Allowed: ext4 or xfs.',
      ],
    ],
    [
      "image features without those that they need",
      oneSite({
        backendOptions: { nodeHealthCheck: "n", imageFeatures: ["fast-diff", "object-map"] },
      }),
      [
        'backendOptions.imageFeatures = ["fast-diff","object-map"]: the driver makes no image with these: object-map needs ' +
          "exclusive-lock. Allowed: each feature with those that it needs.",
      ],
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
        'backendOptions.storage = "nfs": the value is not one of those allowed. Allowed: rbd or cephfs.',
        'backendOptions.imageFeatures = ["journaling"]: the value is not one of those allowed. ' +
          "Allowed: a list of layering, exclusive-lock, object-map, fast-diff or deep-flatten.",
        'backendOptions.poolName = "x": the backend rook-ceph has no such option here. Known keys: storage, namespace, operatorNamespace, ' +
          "driverPrefix, clusterName, pool, filesystem, deviceClass, imageFeatures, monitors, encryptionKmsId, nodeHealthCheck.",
      ],
    ],
  ];
  for (const [title, site, expected] of cases) {
    it(title, () => {
      assert.deepEqual(refusals(site), expected);
    });
  }
});

describe("a waiver of two Ceph copies", () => {
  const waiver: Waiver = {
    rule: "ceph-size-two",
    subject: "replicationFactor",
    who: "Ada",
    why: "a third host is on its way",
    until: "2027-01-01T00:00:00Z",
  };

  it("lets them pass where the promise holds", () => {
    const site = cephSite(THREE_SITES, { replicationFactor: 2, waivers: [waiver] });
    const { problems, waived } = judgeSite(site);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      waived.map(({ problem }) => problem.rule),
      ["ceph-size-two"],
    );
  });

  it("does not let a broken promise pass", () => {
    const site = cephSite(THREE_SITES, {
      replicationFactor: 2,
      waivers: [waiver],
      backendOptions: { nodeHealthCheck: "n", monitors: ["a", "a", "b"] },
    });
    assert.deepEqual(
      judgeSite(site).problems.map((problem) => problem.path),
      ["survive"],
    );
  });

  it("passes no other number of a stretch cluster", () => {
    const site = stretch({ replicationFactor: 2, waivers: [waiver] });
    assert.equal(judgeSite(site).problems.length, 1);
  });
});

function stretchWith(where: readonly string[]): Site {
  return stretch({ backendOptions: { nodeHealthCheck: "n", monitors: where } });
}

function monitors(count: number, site: string): Partial<Site> {
  const names = Array.from({ length: count }, () => site);
  return { backendOptions: { nodeHealthCheck: "n", monitors: names } };
}
