import assert from "node:assert/strict";
import { planSite } from "../../../planning";
import type { PointFile, Site } from "../../../planning/site";
import { assertTold } from "../../support/told";
import { judged, ownSteps, refusals, tells } from "../support/refusals";
import { pointFile } from "../../support/points";
import {
  classSpec,
  dataSite,
  MACHINES,
  STRETCH_SITES,
  THREE_SITES,
  VSAN_OPTIONS,
  vsanSite,
  waiver,
  witnessSite,
} from "../../support/sites";

/** One site whose policy keeps two copies on different hosts. */
function oneSite(options: Site["backendOptions"] = {}, changes: Partial<Site> = {}): Site {
  return vsanSite([dataSite("a", 3, { controlPlaneNodes: 3 })], {
    survive: "node",
    backendOptions: {
      storagePolicy: "ATOM local",
      failuresToTolerate: 1,
      highAvailability: true,
      drs: true,
      ...options,
    },
    ...changes,
  });
}

function stretched(options: Site["backendOptions"] = {}, changes: Partial<Site> = {}): Site {
  return vsanSite(STRETCH_SITES, { backendOptions: { ...VSAN_OPTIONS, ...options }, ...changes });
}

describe("a vSphere class", () => {
  it("names the storage policy and nothing else that the driver would refuse", () => {
    assert.deepEqual(planSite(stretched()).classes[0]?.parameters, {
      storagepolicyname: "ATOM mirrored",
    });
  });

  it("takes another policy and a file system from the class", () => {
    const site = oneSite(
      {},
      {
        classes: [
          classSpec({
            fsType: "xfs",
            encryption: true,
            options: { storagePolicy: "ATOM sealed", policyEncrypts: true },
          }),
        ],
      },
    );
    assertTold(refusals(site), []);
    assert.deepEqual(planSite(site).classes[0]?.parameters, {
      storagepolicyname: "ATOM sealed",
      "csi.storage.k8s.io/fstype": "xfs",
    });
  });

  it("confines volumes to the stated tags, under the driver's own labels", () => {
    const site = oneSite({ topologyCategories: ["k8s-region=north", "k8s-zone=a"] });
    assert.deepEqual(planSite(site).classes[0]?.allowedTopologies, [
      [
        { key: "topology.csi.vmware.com/k8s-region", values: ["north"] },
        { key: "topology.csi.vmware.com/k8s-zone", values: ["a"] },
      ],
    ]);
  });
});

describe("vSphere's snapshots, raise and fail-over", () => {
  it("have no parameters, no groups and no command", () => {
    const plan = planSite(stretched());
    assert.deepEqual(plan.snapshotClass?.parameters, {});
    assert.equal(plan.groupSnapshotClass, undefined);
    assert.deepEqual(plan.companions, []);
    assert.deepEqual(plan.raise, { existingVolumes: "unchanged", command: undefined });
  });

  it("rest on vSphere HA and DRS as stated, or on a person", () => {
    assert.deepEqual(planSite(stretched()).failover, {
      mode: "automatic",
      mechanism:
        "as stated: vSphere HA starts the VM of a lost host or site again where its volumes can be reached, DRS places it, and " +
        "its pods come back with it",
      rebuilds:
        "yes: after 60 minutes vSAN makes lost copies again where a host without one is left; those of a whole lost site wait " +
        "for its return",
    });
    const manual = planSite(stretched({}, { failover: "manual" })).failover;
    assert.equal("why" in manual && manual.why, "failover: manual is configured");
    assert.deepEqual(ownSteps(stretched()), [
      "in vCenter, power the VM of NODE off, or see that it is off",
      "wait until the pods run on another node; a volume that stays attached is detached from the VM in vCenter",
    ]);
  });
});

describe("vSphere accepts", () => {
  const accepted: readonly (readonly [string, Site])[] = [
    ["a stretched cluster with one copy in each site", stretched()],
    [
      "a stretched cluster with two copies in each site",
      stretched({ failuresToTolerate: 1 }, { replicationFactor: 4 }),
    ],
    [
      "parity inside each site, which counts as one copy there",
      stretched({ failuresToTolerate: 1, failureMethod: "erasureCoding" }),
    ],
    ["one site with two copies", oneSite()],
    [
      "a witness in the building of a data site, for the loss of a node",
      vsanSite([...STRETCH_SITES.slice(0, 2), witnessSite("w", 0, { locatedIn: "a" })], {
        survive: "node",
      }),
    ],
  ];
  tells(accepted.map(([title, site]) => [title, site, []]));
});

describe("vSphere refuses", () => {
  tells([
    [
      "a driver without snapshots",
      stretched({}, { backendVersion: "2.4.1" }),
      ['backendVersion = "2.4.1": … Allowed: 2.5 or newer.'],
    ],
    [
      "a factor that the policy, as stated, does not keep",
      stretched({}, { replicationFactor: 3 }),
      ["replicationFactor = 3:"],
    ],
    [
      "parity alone, which keeps no full copy twice",
      oneSite({ failureMethod: "erasureCoding" }),
      ['backendOptions.failureMethod = "erasureCoding": … Allowed: mirroring.'],
    ],
    [
      "two data sites without a mirror over them",
      stretched({ siteDisasterTolerance: "none", failuresToTolerate: 1 }),
      ['backendOptions.siteDisasterTolerance = "none": … Allowed: mirror.'],
    ],
    [
      "a mirror over two sites in one site, and no witness host",
      oneSite({ siteDisasterTolerance: "mirror", failuresToTolerate: 0 }),
      ['backendOptions.siteDisasterTolerance = "mirror":', "topology.sites:"],
    ],
    ["two witnesses", vsanSite([...STRETCH_SITES, witnessSite("x", 0)]), ["topology.sites:"]],
    [
      "three data sites",
      vsanSite(THREE_SITES, {
        backendOptions: { ...VSAN_OPTIONS, siteDisasterTolerance: "none", failuresToTolerate: 1 },
      }),
      ["topology.sites:"],
    ],
    [
      "a preferred site that is none",
      stretched({ preferredSite: "w" }),
      ['backendOptions.preferredSite = "w":'],
    ],
    [
      "tags in a stretched cluster",
      stretched({ topologyCategories: ["k8s-zone=a"] }),
      ['backendOptions.topologyCategories = ["k8s-zone=a"]:'],
    ],
    [
      "tags without their category, or categories without a tag",
      oneSite({ topologyCategories: ["a", "k8s-zone="] }),
      [
        'backendOptions.topologyCategories[0] = "a": … Allowed: key=value, e.g. k8s-zone=a, each once.',
        'backendOptions.topologyCategories[1] = "k8s-zone=": … Allowed: key=value, e.g. k8s-zone=a, each once.',
      ],
    ],
    [
      "encryption that nothing states of the policy",
      oneSite({}, { classes: [classSpec({ encryption: true })] }),
      ["classes[0].encryption = true:"],
    ],
    [
      "a file system that the driver does not make",
      oneSite({}, { classes: [classSpec({ fsType: "btrfs" })] }),
      ['classes[0].fsType = "btrfs": … Allowed: ext4 or xfs.'],
    ],
    [
      "fail-over of which nothing is stated",
      oneSite({ highAvailability: false, drs: false }),
      ['failover = "automatic":'],
    ],
    [
      "a policy without name and facts",
      vsanSite([dataSite("a", 2)], {
        survive: "node",
        replicationFactor: 1,
        failover: "manual",
        backendOptions: {},
      }),
      [
        "backendOptions.storagePolicy:",
        "backendOptions.failuresToTolerate:",
        "replicationFactor = 1: … Allowed: 2 or more. … Rule single-copy.",
      ],
    ],
  ]);
});

describe("VM snapshots of nodes that use vSphere volumes", () => {
  function withPoint(point: Partial<PointFile>, changes: Partial<Site> = {}): Site {
    return stretched(
      {},
      { virtualMachines: MACHINES, restorePoints: [pointFile(point)], ...changes },
    );
  }
  const LOCKS = "vm-snapshot-locks-volumes";

  it("are refused, whether all nodes are taken or one by name", () => {
    assertTold(refusals(withPoint({ virtualMachines: "all" })), [
      'stacks/restore-points/north/pre-24.1.yaml: virtualMachines = "all": … Rule vm-snapshot-locks-volumes.',
    ]);
    assert.equal(refusals(withPoint({ virtualMachines: ["a-1"] })).length, 1);
  });

  it("are none by the point's own word, and none of control-plane nodes", () => {
    assertTold(refusals(withPoint({ virtualMachines: "none" })), []);
    const stopped = { virtualMachines: ["a-cp", "b-cp", "c-cp"], consistency: "stopped" } as const;
    assertTold(refusals(withPoint(stopped)), []);
  });

  it("pass with a waiver, which somebody answers for", () => {
    const waivers = [waiver(LOCKS, "virtualMachines")];
    const { problems, waived } = judged(withPoint({ virtualMachines: "all" }, { waivers }));
    assert.deepEqual(problems, []);
    assert.deepEqual(
      waived.map(({ problem }) => problem.rule),
      [LOCKS],
    );
  });

  it("that were taken are a record, and refused no more", () => {
    const taken = {
      virtualMachines: "all",
      state: "ready",
      takenAt: "2026-01-01T00:00:00Z",
    } as const;
    assertTold(refusals(withPoint(taken)), []);
  });
});
