import assert from "node:assert/strict";
import { backendOf, planTopology } from "../../../planning";
import { cephSite, classSpec, STRETCH_SITES } from "../../support/sites";

describe("Ceph's cluster checks", () => {
  it("look for driver, definitions, cluster, keys and the node health check", () => {
    const site = cephSite(STRETCH_SITES, {
      replicationFactor: 4,
      backendOptions: { nodeHealthCheck: "atom-nodes", encryptionKmsId: "vault" },
      classes: [classSpec({ encryption: true })],
    });
    const checks = backendOf("rook-ceph")?.clusterChecks({
      site,
      topology: planTopology(site.topology, 4),
    });
    assert.deepEqual(
      checks?.map((check) => [check.id, check.requires]),
      [
        ["driver", { kind: "csiDriver", name: "rook-ceph.rbd.csi.ceph.com" }],
        ["pools", { kind: "crd", name: "cephblockpools.ceph.rook.io", version: "v1" }],
        [
          "cluster",
          {
            kind: "object",
            apiVersion: "ceph.rook.io/v1",
            object: "CephCluster",
            namespace: "rook-ceph",
            name: "rook-ceph",
          },
        ],
        [
          "fencing",
          { kind: "crd", name: "csiaddonsnodes.csiaddons.openshift.io", version: "v1alpha1" },
        ],
        [
          "failover",
          {
            kind: "object",
            apiVersion: "remediation.medik8s.io/v1alpha1",
            object: "NodeHealthCheck",
            name: "atom-nodes",
          },
        ],
        [
          "keys",
          {
            kind: "object",
            apiVersion: "v1",
            object: "ConfigMap",
            namespace: "rook-ceph",
            name: "rook-ceph-csi-kms-config",
          },
        ],
      ],
    );
    assert.match(
      checks.find((check) => check.id === "cluster")?.remedy ?? "",
      /mon\.count: 5 and mon\.stretchCluster over the sites a, b, w/,
    );
  });
});
