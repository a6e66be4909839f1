import assert from "node:assert/strict";
import { backendIds, backendOf, planSite } from "../../../planning";
import type { Site } from "../../../planning/site";
import { tells } from "../support/refusals";
import {
  cephSite,
  classSpec,
  genericSite,
  linstorSite,
  longhornSite,
  mayastorSite,
  portworxSite,
  siteOf,
  STRETCH_SITES,
  THREE_SITES,
  vsanSite,
} from "../../support/sites";

/** One accepted site for each backend whose tests stand beside this one. */
const SITES: readonly Site[] = [
  siteOf(),
  linstorSite(THREE_SITES),
  longhornSite(THREE_SITES),
  cephSite(THREE_SITES),
  vsanSite(STRETCH_SITES),
  mayastorSite(THREE_SITES),
  portworxSite(THREE_SITES),
  genericSite(),
];

describe("the registry of backends", () => {
  for (const site of SITES) {
    it(`gives ${site.backend} its own plan, with classes of one driver and one form`, () => {
      assert.equal(backendOf(site.backend).id, site.backend);
      const { classes, snapshotClass, groupSnapshotClass } = planSite(site);
      const driver = backendOf(site.backend).provisioner(site.backendOptions);
      assert.notEqual(driver, "");
      assert.deepEqual(
        classes.map(({ parameters: _, ...planned }) => planned),
        [
          {
            spec: classSpec(),
            provisioner: driver,
            allowedTopologies: undefined,
            volumeBindingMode: "WaitForFirstConsumer",
            mountOptions: [],
          },
        ],
      );
      for (const { parameters: _, ...planned } of [snapshotClass, groupSnapshotClass].filter(
        (one) => one !== undefined,
      )) {
        assert.deepEqual(planned, { name: "atom-snapshots", driver, deletionPolicy: "Retain" });
      }
    });
  }

  const fileSystems: Partial<Readonly<Record<string, string>>> = {
    linstor: "ext4 or xfs",
    longhorn: "ext4 or xfs",
    "rook-ceph": "ext4 or xfs",
    "vsphere-csi": "ext4 or xfs",
    mayastor: "ext4, xfs or btrfs",
    portworx: "ext4 or xfs",
  };
  for (const site of SITES) {
    const encrypted = { ...site, classes: [classSpec({ encryption: true })] };
    const known = fileSystems[site.backend];
    tells([
      [
        `refuses an encrypted class of ${site.backend} where nothing states what encrypts it`,
        encrypted,
        ["classes[0].encryption = true: … Allowed: false"],
      ],
    ]);
    if (known !== undefined) {
      const strange = { ...site, classes: [classSpec({ fsType: "zfs" })] };
      const expected = [`classes[0].fsType = "zfs": … Allowed: ${known}.`];
      tells([[`refuses a file system that ${site.backend} does not make`, strange, expected]]);
    }
  }

  it("states what each can: copies, snapshots of a volume, size and copies of what is restored, growth with snapshots", () => {
    const limits = SITES.map(({ backend }) => [
      backend,
      ...Object.values(backendOf(backend).limits),
    ]);
    assert.deepEqual(limits, [
      ["lab", 16, undefined, "atLeast", true],
      ["linstor", 7, undefined, "atLeast", true],
      ["longhorn", 20, 250, "equal", true],
      ["rook-ceph", 10, 100, "atLeast", true],
      ["vsphere-csi", 8, 3, "equal", false],
      ["mayastor", 255, undefined, "equal", "repl", true],
      ["portworx", 3, undefined, "equal", false],
      ["generic", 16, undefined, "equal", false],
    ]);
    assert.deepEqual([...backendIds].sort(), limits.map(([id]) => id).sort());
  });

  it("plans no refused fail-over", () => {
    assert.throws(() => planSite(siteOf({ failover: "automatic" })), {
      message:
        "failover: the backend lab has nothing that moves a workload from a lost node: check a site before it is planned.",
    });
  });
});
