import assert from "node:assert/strict";
import { backendIds, backendOf, planSite } from "../../../planning";
import type { BackendId, Site } from "../../../planning/site";
import { assertTold } from "../../support/told";
import { refusals } from "../support/refusals";
import {
  cephSite,
  linstorSite,
  longhornSite,
  mayastorSite,
  portworxSite,
  siteOf,
  STRETCH_SITES,
  THREE_SITES,
  vsanSite,
  ZONE,
} from "../../support/sites";

/** No type lets it through; a file may. */
const UNKNOWN = "gluster" as BackendId;

/** One accepted site for each backend whose tests stand beside this one. */
const SITES: readonly Site[] = [
  siteOf(),
  linstorSite(THREE_SITES),
  longhornSite(THREE_SITES),
  cephSite(THREE_SITES),
  vsanSite(STRETCH_SITES),
  mayastorSite(THREE_SITES),
  portworxSite(THREE_SITES),
  siteOf({
    backend: "generic",
    backendOptions: {
      provisioner: "csi.example.com",
      replicaKey: "copies",
      spread: "sites",
      survives: ["node", "site"],
      snapshots: true,
    },
  }),
];

describe("the registry of backends", () => {
  it("carries each id once", () => {
    assert.equal(new Set(backendIds).size, backendIds.length);
    for (const id of backendIds) {
      assert.equal(backendOf(id)?.id, id);
    }
    assert.equal(backendOf(UNKNOWN), undefined);
  });

  for (const site of SITES) {
    it(`gives classes and snapshot classes of ${site.backend} one driver`, () => {
      const plan = planSite(site);
      const driver = backendOf(site.backend)?.provisioner(site.backendOptions);
      assert.notEqual(driver, "");
      assert.deepEqual(
        plan.classes.map((planned) => planned.provisioner),
        [driver],
      );
      assert.equal(plan.snapshotClass?.driver, driver);
      assert.ok(plan.groupSnapshotClass === undefined || plan.groupSnapshotClass.driver === driver);
    });
  }

  const limits: readonly (readonly [BackendId, unknown])[] = [
    [
      "lab",
      {
        replicas: 16,
        snapshotsPerVolume: undefined,
        restoreSize: "atLeast",
        expandWithSnapshots: true,
      },
    ],
    [
      "linstor",
      {
        replicas: 7,
        snapshotsPerVolume: undefined,
        restoreSize: "atLeast",
        expandWithSnapshots: true,
      },
    ],
    [
      "longhorn",
      { replicas: 20, snapshotsPerVolume: 250, restoreSize: "equal", expandWithSnapshots: true },
    ],
    [
      "rook-ceph",
      { replicas: 10, snapshotsPerVolume: 100, restoreSize: "atLeast", expandWithSnapshots: true },
    ],
    [
      "vsphere-csi",
      { replicas: 8, snapshotsPerVolume: 3, restoreSize: "equal", expandWithSnapshots: false },
    ],
    [
      "mayastor",
      {
        replicas: 255,
        snapshotsPerVolume: undefined,
        restoreSize: "equal",
        expandWithSnapshots: true,
      },
    ],
    [
      "portworx",
      {
        replicas: 3,
        snapshotsPerVolume: undefined,
        restoreSize: "equal",
        expandWithSnapshots: false,
      },
    ],
    [
      "generic",
      {
        replicas: 16,
        snapshotsPerVolume: undefined,
        restoreSize: "equal",
        expandWithSnapshots: false,
      },
    ],
  ];
  for (const [id, expected] of limits) {
    it(`states the limits of ${id}`, () => {
      assert.deepEqual(backendOf(id)?.limits, expected);
    });
  }
});

describe("a backend that is not carried", () => {
  const carried = backendIds.join(", ");

  it("is refused by name, and everything else is still said", () => {
    const site = siteOf({
      backend: UNKNOWN,
      backendVersion: "latest",
      topology: { siteLabel: ZONE, sites: [] },
    });
    assertTold(refusals(site), [
      `backend = "gluster": there is no backend of this name. Allowed: ${carried}.`,
      'backendVersion = "latest":',
      "topology.sites:",
    ]);
  });

  it("cannot be planned, nor can a refused fail-over", () => {
    assert.throws(() => planSite(siteOf({ backend: UNKNOWN })), {
      message: "The backend gluster is not carried: check a site before it is planned.",
    });
    assert.throws(() => planSite(siteOf({ failover: "automatic" })), {
      message:
        "failover: the backend lab has nothing that moves a workload from a lost node: check a site before it is planned.",
    });
  });
});
