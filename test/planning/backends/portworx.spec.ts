import assert from "node:assert/strict";
import { planSite } from "../../../planning";
import { ownSteps, tells } from "../support/refusals";
import {
  classSpec,
  dataSite,
  portworxSite,
  THREE_SITES,
  witnessSite,
  ZONE,
} from "../../support/sites";

const ONE_SITE = [dataSite("a", 3)];
const WITH_WITNESS = [
  dataSite("a", 2, { controlPlaneNodes: 1 }),
  dataSite("b", 2, { controlPlaneNodes: 1 }),
  witnessSite("w", 1, { controlPlaneNodes: 1 }),
];
const OPTIONS = portworxSite(THREE_SITES).backendOptions;

describe("a Portworx class", () => {
  it("names the strategy that keeps copies apart, and how flushes are acknowledged", () => {
    assert.deepEqual(planSite(portworxSite(THREE_SITES)).classes[0]?.parameters, {
      repl: "2",
      placement_strategy: "atom-spread",
      io_profile: "none",
    });
  });

  it("takes the profile, encryption and the file system from its options", () => {
    const site = portworxSite(THREE_SITES, {
      backendOptions: { ...OPTIONS, clusterKey: true, strategy: "apart", ioProfile: "auto" },
      classes: [
        classSpec({ encryption: true, fsType: "xfs", options: { ioProfile: "db_remote" } }),
        classSpec({ name: "atom-plain", default: false }),
      ],
    });
    assert.deepEqual(
      planSite(site).classes.map(({ parameters }) => parameters),
      [
        {
          repl: "2",
          placement_strategy: "apart",
          io_profile: "db_remote",
          secure: "true",
          "csi.storage.k8s.io/fstype": "xfs",
        },
        { repl: "2", placement_strategy: "apart", io_profile: "auto" },
      ],
    );
  });
});

describe("beside a Portworx class", () => {
  const spread = (topologyKey: string): unknown => ({
    apiVersion: "portworx.io/v1beta2",
    kind: "VolumePlacementStrategy",
    metadata: { name: "atom-spread" },
    spec: { replicaAntiAffinity: [{ enforcement: "required", topologyKey }] },
  });

  it("stands a strategy of our own: over sites, or over the nodes of one", () => {
    const { companions } = planSite(portworxSite(THREE_SITES));
    assert.deepEqual(
      companions.map(({ key, hold, protect, object }) => [key, hold, protect, object]),
      [["placement-strategy", "own", false, spread(ZONE)]],
    );
    const nodes = planSite(portworxSite(ONE_SITE, { survive: "node" }));
    assert.deepEqual(nodes.companions[0]?.object, spread("kubernetes.io/hostname"));
  });

  it("snapshots stay in the cluster, and groups are not made", () => {
    const plan = planSite(portworxSite(THREE_SITES));
    assert.deepEqual(plan.snapshotClass?.parameters, {
      "csi.openstorage.org/snapshot-type": "local",
    });
    assert.equal(plan.groupSnapshotClass, undefined);
  });

  it("existing volumes follow a raised factor by a command", () => {
    assert.deepEqual(planSite(portworxSite(THREE_SITES, { replicationFactor: 3 })).raise, {
      existingVolumes: "unchanged",
      command: "pxctl volume ha-update --repl 3 VOLUME",
    });
  });

  it("fail-over is Stork's as stated, or a person's with the steps", () => {
    assert.equal(planSite(portworxSite(THREE_SITES)).failover.mode, "automatic");
    assert.deepEqual(ownSteps(portworxSite(THREE_SITES)), [
      "switch NODE off, or see that it is: while it runs it may go on writing",
      "kubectl -n portworx exec PORTWORX-POD -- /opt/pwx/bin/pxctl status, until Portworx is operational and every volume has " +
        "all its copies again",
    ]);
  });
});

describe("a loss, with Portworx", () => {
  it("is judged by copies, by the KVDB and by the storage nodes", () => {
    const { verdicts } = planSite(portworxSite(THREE_SITES)).survival;
    const site = verdicts.find(({ loss }) => loss.kind === "site");
    assert.equal(site?.survived, true);
    assert.equal(
      site.rule,
      "1 of 2 copies stays; 2 of 3 KVDB members stay (2 needed); 4 of 6 storage nodes stay (4 needed); " +
        "2 of 3 control-plane nodes stay (2 needed)",
    );
    const link = verdicts.find(({ loss }) => loss.kind === "link");
    assert.equal(link?.survived, false);
    assert.equal(
      link.rule,
      "which side gives way is not known while a third place still sees both, so reads and writes may wait until the link is mended",
    );
  });

  it("takes two of three copies to go on", () => {
    const site = portworxSite(ONE_SITE, { survive: "node", replicationFactor: 3 });
    const { verdicts } = planSite(site).survival;
    assert.deepEqual(
      verdicts.map(({ loss, survived }) => [loss.kind, survived]),
      [
        ["node", true],
        ["node", true],
        ["node", true],
        ["site", false],
        ["nodes", false],
      ],
    );
    assert.equal(
      verdicts[0]?.rule,
      "2 of 3 copies stay; 2 of 3 KVDB members stay (2 needed); 2 of 3 storage nodes stay (2 needed)",
    );
  });
});

describe("Portworx refuses", () => {
  tells([
    [
      "automatic fail-over without Stork's health monitor",
      portworxSite(THREE_SITES, { backendOptions: { kvdbMembers: ["a", "b", "c"] } }),
      ['failover = "automatic":'],
    ],
    [
      "the loss of one of two data sites, which takes half of the storage nodes",
      portworxSite(WITH_WITNESS),
      [
        'survive = "site": … site a is lost … 2 of 4 storage … 2 of 3 control-plane … and 1 more case',
      ],
    ],
    [
      "more copies than it makes",
      portworxSite([...THREE_SITES, dataSite("d", 2)], { replicationFactor: 4 }),
      ["replicationFactor = 4: … Allowed: 2 or 3, or more storage nodes."],
    ],
    [
      "two copies per site",
      portworxSite(WITH_WITNESS, { survive: "node", replicationFactor: 3 }),
      ["replicationFactor = 3:"],
    ],
    [
      "a release without strategies",
      portworxSite(THREE_SITES, { backendVersion: "2.1.1" }),
      ['backendVersion = "2.1.1": … Allowed: 2.1.2 or newer.'],
    ],
    [
      "a strategy that no object can be called",
      portworxSite(THREE_SITES, { backendOptions: { ...OPTIONS, strategy: "Atom Spread" } }),
      ['backendOptions.strategy = "Atom Spread":'],
    ],
    [
      "members of the KVDB that nobody states",
      portworxSite(THREE_SITES, { backendOptions: { storkHealthMonitor: true } }),
      ["backendOptions.kvdbMembers:"],
    ],
    [
      "an even number of members",
      portworxSite(THREE_SITES, {
        backendOptions: { ...OPTIONS, kvdbMembers: ["a", "b", "c", "c"] },
      }),
      ['backendOptions.kvdbMembers = ["a","b","c","c"]:'],
    ],
    [
      "encryption without a cluster-wide secret",
      portworxSite(THREE_SITES, { classes: [classSpec({ encryption: true })] }),
      ["classes[0].encryption = true:"],
    ],
    [
      "a file system that it does not make, and a profile that weakens more",
      portworxSite(THREE_SITES, {
        classes: [classSpec({ fsType: "btrfs", options: { ioProfile: "sync_shared" } })],
      }),
      [
        'classes[0].options.ioProfile = "sync_shared":',
        'classes[0].fsType = "btrfs": … Allowed: ext4 or xfs.',
      ],
    ],
  ]);
});
