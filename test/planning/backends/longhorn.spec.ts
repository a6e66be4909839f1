import assert from "node:assert/strict";
import { planSite } from "../../../planning";
import { tells } from "../support/refusals";
import { classSpec, dataSite, longhornSite, THREE_SITES } from "../../support/sites";

describe("a Longhorn class", () => {
  it("makes both anti-affinities hard over sites", () => {
    assert.deepEqual(planSite(longhornSite(THREE_SITES)).classes[0]?.parameters, {
      numberOfReplicas: "2",
      dataLocality: "disabled",
      replicaSoftAntiAffinity: "disabled",
      replicaZoneSoftAntiAffinity: "disabled",
    });
  });

  it("leaves the zone soft where all copies stand in one", () => {
    const site = longhornSite([dataSite("a", 3)], { survive: "node" });
    assert.equal(planSite(site).classes[0]?.parameters["replicaZoneSoftAntiAffinity"], "enabled");
    assert.equal(planSite(site).classes[0]?.parameters["replicaSoftAntiAffinity"], "disabled");
  });

  it("takes locality, tags, file system and keys of encryption from its options", () => {
    const site = longhornSite(THREE_SITES, {
      backendOptions: {
        namespace: "storage",
        dataLocality: "best-effort",
        diskSelector: ["ssd", "fast"],
        nodeSelector: ["storage"],
        encryptionSecretName: "volume-key",
      },
      classes: [
        classSpec({ encryption: true, fsType: "ext4", options: { diskSelector: ["nvme"] } }),
      ],
    });
    assert.deepEqual(planSite(site).classes[0]?.parameters, {
      numberOfReplicas: "2",
      dataLocality: "best-effort",
      replicaSoftAntiAffinity: "disabled",
      replicaZoneSoftAntiAffinity: "disabled",
      diskSelector: "nvme",
      nodeSelector: "storage",
      "csi.storage.k8s.io/fstype": "ext4",
      encrypted: "true",
      "csi.storage.k8s.io/provisioner-secret-name": "volume-key",
      "csi.storage.k8s.io/provisioner-secret-namespace": "storage",
      "csi.storage.k8s.io/node-publish-secret-name": "volume-key",
      "csi.storage.k8s.io/node-publish-secret-namespace": "storage",
      "csi.storage.k8s.io/node-stage-secret-name": "volume-key",
      "csi.storage.k8s.io/node-stage-secret-namespace": "storage",
      "csi.storage.k8s.io/node-expand-secret-name": "volume-key",
      "csi.storage.k8s.io/node-expand-secret-namespace": "storage",
    });
  });
});

describe("what Longhorn needs beside the class", () => {
  const setting = (name: string, value: string, namespace = "longhorn-system"): unknown => ({
    apiVersion: "longhorn.io/v1beta2",
    kind: "Setting",
    metadata: { name, namespace },
    value,
  });

  it("is two patched settings with automatic fail-over", () => {
    const { companions } = planSite(longhornSite(THREE_SITES));
    assert.deepEqual(
      companions.map(({ key, hold, protect }) => [key, hold, protect]),
      [
        ["degraded-creation", "patch", false],
        ["node-down-policy", "patch", false],
      ],
    );
    assert.deepEqual(
      companions.map(({ object }) => object),
      [
        setting("allow-volume-creation-with-degraded-availability", "false"),
        setting("node-down-pod-deletion-policy", "delete-both-statefulset-and-deployment-pod"),
      ],
    );
  });

  it("is no policy for lost nodes with manual fail-over", () => {
    const site = longhornSite(THREE_SITES, {
      failover: "manual",
      backendOptions: { namespace: "storage" },
    });
    const plan = planSite(site);
    assert.deepEqual(
      plan.companions.map(({ object }) => object),
      [setting("allow-volume-creation-with-degraded-availability", "false", "storage")],
    );
    assert.equal(plan.failover.mode, "manual");
    assert.equal(
      plan.survival.verdicts.every((verdict) => verdict.survived),
      true,
    );
    assert.equal(plan.survival.verdicts[0]?.unattended, false);
  });
});

describe("Longhorn's snapshots and raise", () => {
  it("stay in the cluster, one by one", () => {
    const plan = planSite(longhornSite(THREE_SITES));
    assert.deepEqual(plan.snapshotClass?.parameters, { type: "snap" });
    assert.equal(plan.groupSnapshotClass, undefined);
  });

  it("give the command with which existing volumes follow", () => {
    assert.deepEqual(planSite(longhornSite(THREE_SITES, { replicationFactor: 3 })).raise, {
      existingVolumes: "unchanged",
      command:
        "kubectl -n longhorn-system patch volumes.longhorn.io VOLUME --type=merge " +
        `-p '{"spec":{"numberOfReplicas":3}}'`,
    });
  });
});

describe("Longhorn refuses", () => {
  tells([
    [
      "a release whose classes cannot spread",
      longhornSite(THREE_SITES, { backendVersion: "1.4.3" }),
      ['backendVersion = "1.4.3": … Allowed: 1.5 or newer.'],
    ],
    [
      "a site label that it does not read",
      longhornSite(THREE_SITES, {
        topology: { siteLabel: "example.com/room", sites: THREE_SITES },
      }),
      ['topology.siteLabel = "example.com/room": … Allowed: topology.kubernetes.io/zone.'],
    ],
    [
      "encryption without a secret",
      longhornSite(THREE_SITES, { classes: [classSpec({ encryption: true })] }),
      ["classes[0].encryption = true:"],
    ],
    [
      "a file system that it does not make",
      longhornSite(THREE_SITES, { classes: [classSpec({ fsType: "btrfs" })] }),
      ['classes[0].fsType = "btrfs": … Allowed: ext4 or xfs.'],
    ],
    [
      "a locality that allows one copy only, and a misspelt option",
      longhornSite(THREE_SITES, {
        backendOptions: { dataLocality: "strict-local", diskSelektor: ["ssd"] },
      }),
      ['backendOptions.diskSelektor = ["ssd"]:', 'backendOptions.dataLocality = "strict-local":'],
    ],
  ]);
});
