import assert from "node:assert/strict";
import { backendIds, backendOf, laterBackendIds, planSite } from "../../../planning";
import type { BackendId, Site } from "../../../planning/site";
import { linstorSite, longhornSite, siteOf, THREE_SITES } from "../support/sites";

/** One accepted site for each backend whose tests stand beside this one. */
const SITES: readonly Site[] = [
  siteOf(),
  linstorSite(THREE_SITES),
  longhornSite(THREE_SITES),
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
  it("carries each id once, and promises no later one that it carries", () => {
    assert.equal(
      new Set([...backendIds, ...laterBackendIds]).size,
      backendIds.length + laterBackendIds.length,
    );
    for (const id of backendIds) {
      assert.equal(backendOf(id)?.id, id);
    }
    for (const id of laterBackendIds) {
      assert.equal(backendOf(id), undefined);
    }
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
      assert.equal(plan.snapshotClass.driver, driver);
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
