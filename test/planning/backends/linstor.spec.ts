import assert from "node:assert/strict";
import { planSite } from "../../../planning";
import type { FailureDomainSite, Site } from "../../../planning/site";
import { tells } from "../support/refusals";
import {
  classSpec,
  dataSite,
  LINSTOR_OPTIONS,
  linstorSite,
  THREE_SITES,
  witnessSite,
} from "../../support/sites";

const TWO_AND_WITNESS = [dataSite("a", 2), dataSite("b", 2), witnessSite("c", 1)];

function parameters(site: Site): Readonly<Record<string, string>> {
  return planSite(site).classes[0]?.parameters ?? {};
}

function withOptions(
  sites: readonly FailureDomainSite[],
  options: Site["backendOptions"],
  changes: Partial<Site> = {},
): Site {
  return linstorSite(sites, { backendOptions: { ...LINSTOR_OPTIONS, ...options }, ...changes });
}

describe("a LINSTOR class", () => {
  it("spreads over sites, suspends without quorum, and has a resource group of its own", () => {
    assert.deepEqual(planSite(linstorSite(THREE_SITES)).classes[0]?.parameters, {
      "linstor.csi.linbit.com/placementCount": "2",
      "linstor.csi.linbit.com/storagePool": "thin",
      "linstor.csi.linbit.com/layerList": "drbd storage",
      "linstor.csi.linbit.com/allowRemoteVolumeAccess": "true",
      "linstor.csi.linbit.com/replicasOnDifferent": "topology.kubernetes.io/zone",
      "property.linstor.csi.linbit.com/DrbdOptions/Resource/on-no-quorum": "suspend-io",
      "property.linstor.csi.linbit.com/DrbdOptions/Resource/on-no-data-accessible": "suspend-io",
      "property.linstor.csi.linbit.com/DrbdOptions/Resource/on-suspended-primary-outdated":
        "force-secondary",
      "property.linstor.csi.linbit.com/DrbdOptions/Net/rr-conflict": "retry-connect",
      "linstor.csi.linbit.com/resourceGroup": "atom-replicated-8416971015",
    });
  });

  it("says how many copies a site may hold where it holds more than one", () => {
    const site = linstorSite(TWO_AND_WITNESS, { replicationFactor: 4 });
    const found = parameters(site);
    assert.equal(
      found["linstor.csi.linbit.com/xReplicasOnDifferent"],
      "topology.kubernetes.io/zone: 2",
    );
    assert.equal("linstor.csi.linbit.com/replicasOnDifferent" in found, false);
  });

  it("names no site rule with one data site", () => {
    const found = parameters(linstorSite([dataSite("a", 3)], { survive: "node" }));
    assert.equal("linstor.csi.linbit.com/replicasOnDifferent" in found, false);
    assert.equal("linstor.csi.linbit.com/xReplicasOnDifferent" in found, false);
  });

  it("spreads by a property of LINSTOR where the label is not copied to it", () => {
    const site = withOptions(
      THREE_SITES,
      { siteProperty: "Aux/room" },
      { topology: { siteLabel: "example.com/room", sites: THREE_SITES } },
    );
    assert.equal(parameters(site)["linstor.csi.linbit.com/replicasOnDifferent"], "Aux/room");
  });

  it("encrypts by the layer list, and sets file system, pool and mount options", () => {
    const site = withOptions(
      THREE_SITES,
      { passphraseSecret: "linstor-passphrase" },
      {
        classes: [
          classSpec({
            encryption: true,
            fsType: "xfs",
            mountOptions: ["noatime"],
            options: { storagePool: "fast", allowRemoteVolumeAccess: false },
          }),
        ],
      },
    );
    const found = parameters(site);
    assert.equal(found["linstor.csi.linbit.com/layerList"], "drbd luks storage");
    assert.equal(found["linstor.csi.linbit.com/encryption"], "true");
    assert.equal(found["linstor.csi.linbit.com/storagePool"], "fast");
    assert.equal(found["linstor.csi.linbit.com/allowRemoteVolumeAccess"], "false");
    assert.equal(found["csi.storage.k8s.io/fstype"], "xfs");
    assert.deepEqual(planSite(site).classes[0]?.mountOptions, ["noatime"]);
  });

  it("uses the keys of its version", () => {
    const found = parameters(linstorSite(THREE_SITES, { backendVersion: "1.30.4" }));
    assert.equal(found["property.linstor.csi.linbit.com/DrbdOptions/auto-quorum"], "suspend-io");
    assert.equal(
      "property.linstor.csi.linbit.com/DrbdOptions/Resource/on-no-quorum" in found,
      false,
    );
    assert.equal(found["linstor.csi.linbit.com/allowRemoteVolumeAccess"], "false");
  });

  it("allows remote access at one site, as the driver does, whatever the version", () => {
    const site = linstorSite([dataSite("a", 3, { controlPlaneNodes: 3 })], {
      backendVersion: "1.30.4",
      survive: "node",
    });
    const stated = { ...site, backendOptions: { allowRemoteVolumeAccess: true } };
    for (const one of [site, stated]) {
      assert.equal(parameters(one)["linstor.csi.linbit.com/allowRemoteVolumeAccess"], "true");
    }
  });

  it("forces the majority where asked", () => {
    const found = parameters(withOptions(THREE_SITES, { quorum: "majority" }));
    assert.equal(found["property.linstor.csi.linbit.com/DrbdOptions/Resource/quorum"], "majority");
  });

  it("gets another resource group with any other parameter or name, within 48 characters", () => {
    const group = (site: Site): string =>
      parameters(site)["linstor.csi.linbit.com/resourceGroup"] ?? "";
    const groups = [
      linstorSite(THREE_SITES),
      linstorSite(THREE_SITES, { replicationFactor: 3 }),
      withOptions(THREE_SITES, { storagePool: "other" }),
      linstorSite(THREE_SITES, { classes: [classSpec({ name: "atom.replicated" })] }),
      linstorSite(THREE_SITES, { classes: [classSpec({ name: "x".repeat(200) })] }),
    ].map(group);
    assert.equal(new Set(groups).size, groups.length);
    for (const name of groups) {
      assert.match(name, /^[a-z][A-Za-z0-9_-]{1,47}$/);
    }
    assert.equal(group(linstorSite(THREE_SITES, { failover: "manual" })), groups[0]);
  });
});

describe("LINSTOR's snapshot classes", () => {
  const expected = { "snap.linstor.csi.linbit.com/type": "InCluster" };

  it("keep snapshots in the cluster, in groups too", () => {
    const plan = planSite(linstorSite(THREE_SITES));
    assert.deepEqual(plan.snapshotClass?.parameters, expected);
    assert.deepEqual(plan.groupSnapshotClass?.parameters, expected);
  });

  it("leave groups out where they are not wanted or not known yet", () => {
    const never = linstorSite(THREE_SITES, {
      snapshots: { ...linstorSite(THREE_SITES).snapshots, group: "never" },
    });
    assert.equal(planSite(never).groupSnapshotClass, undefined);
    const old = linstorSite(THREE_SITES, { backendVersion: "1.31.0" });
    assert.equal(planSite(old).groupSnapshotClass, undefined);
    const oldDriver = withOptions(THREE_SITES, { csiVersion: "1.9.0" });
    assert.equal(planSite(oldDriver).groupSnapshotClass, undefined);
    const newDriver = withOptions(
      THREE_SITES,
      { csiVersion: "1.10.0" },
      { backendVersion: "1.31.0" },
    );
    assert.deepEqual(planSite(newDriver).groupSnapshotClass?.parameters, expected);
  });
});

describe("LINSTOR's fail-over", () => {
  it("is the HA controller's, and rebuilds nothing by itself", () => {
    assert.deepEqual(planSite(linstorSite(THREE_SITES)).failover, {
      mode: "automatic",
      mechanism:
        "the Piraeus HA controller ends the pods of a volume that lost its quorum on their node and frees the attachment, in about 10 seconds",
      rebuilds:
        "no: Piraeus keeps auto-eviction off, so copies lost with a node are made again when it returns, or with linstor node evacuate NODE",
    });
  });

  it("names the steps where a person does it", () => {
    const { failover } = planSite(linstorSite(THREE_SITES, { failover: "manual" }));
    assert.equal(failover.mode, "manual");
    assert.equal(failover.mode === "manual" ? failover.steps.length : 0, 4);
  });

  it("leaves existing volumes as they are when the factor is raised", () => {
    assert.deepEqual(planSite(linstorSite(THREE_SITES, { replicationFactor: 3 })).raise, {
      existingVolumes: "unchanged",
      command: "linstor resource-definition auto-place VOLUME --place-count 3",
    });
  });
});

describe("LINSTOR refuses", () => {
  tells([
    [
      "a site without pool and pool kind",
      linstorSite(THREE_SITES, { backendOptions: {} }),
      ["backendOptions.storagePool:", "backendOptions.poolKind:"],
    ],
    [
      "a pool without snapshots",
      withOptions(THREE_SITES, { poolKind: "LVM" }),
      ['backendOptions.poolKind = "LVM":'],
    ],
    [
      "a label that is not copied to it",
      linstorSite(THREE_SITES, { topology: { siteLabel: "example.com/room", sites: THREE_SITES } }),
      ['topology.siteLabel = "example.com/room":'],
    ],
    [
      "a property that it does not place by",
      withOptions(THREE_SITES, { siteProperty: "room" }),
      ['backendOptions.siteProperty = "room":'],
    ],
    [
      "two copies per site before it holds them hard",
      linstorSite(TWO_AND_WITNESS, { replicationFactor: 4, backendVersion: "1.29.1" }),
      ["replicationFactor = 4: … Allowed: 2, or LINSTOR 1.29.2 or newer."],
    ],
    [
      "a witness without a node",
      linstorSite([dataSite("a", 2), dataSite("b", 2), witnessSite("c", 0)]),
      ["topology.sites[2].storageNodes = []:"],
    ],
    [
      "remote access before clients stopped voting, once for the site",
      withOptions(
        THREE_SITES,
        { allowRemoteVolumeAccess: true },
        {
          backendVersion: "1.33.1",
          classes: [
            classSpec(),
            classSpec({ name: "two", default: false }),
            classSpec({
              name: "three",
              default: false,
              options: { allowRemoteVolumeAccess: true },
            }),
          ],
        },
      ),
      ["backendOptions.allowRemoteVolumeAccess", "classes[2].options.allowRemoteVolumeAccess"].map(
        (path) =>
          `${path} = true: before LINSTOR 1.34 a pod on a node without a copy takes the tie-breaker's place and gives its own site a second vote, ` +
          "so the loss of that site would stop the volume. Allowed: false, or LINSTOR 1.34 or newer.",
      ),
    ],
    [
      "encryption without its passphrase",
      linstorSite(THREE_SITES, { classes: [classSpec({ encryption: true })] }),
      ["classes[0].encryption = true:"],
    ],
    [
      "a file system that it does not make",
      linstorSite(THREE_SITES, { classes: [classSpec({ fsType: "btrfs" })] }),
      ['classes[0].fsType = "btrfs": … Allowed: ext4 or xfs.'],
    ],
  ]);
});
