import assert from "node:assert/strict";
import { planSite } from "../../../planning";
import type { Site } from "../../../planning/site";
import { ownSteps } from "../support/refusals";
import {
  cephSite,
  classSpec,
  dataSite,
  STRETCH_SITES,
  THREE_SITES,
  ZONE,
} from "../../support/sites";

const MANUAL = { failover: "manual" } as const;

function stretch(changes: Partial<Site> = {}): Site {
  return cephSite(STRETCH_SITES, { replicationFactor: 4, ...changes });
}

function secrets(driver: string, stages: readonly (readonly [string, string])[]): unknown {
  return Object.fromEntries(
    stages.flatMap(([stage, of]) => [
      [`csi.storage.k8s.io/${stage}-secret-name`, `rook-csi-${driver}-${of}`],
      [`csi.storage.k8s.io/${stage}-secret-namespace`, "rook-ceph"],
    ]),
  );
}

const STAGES = [
  ["provisioner", "provisioner"],
  ["controller-expand", "provisioner"],
  ["controller-publish", "provisioner"],
  ["node-stage", "node"],
] as const;

describe("a Ceph class", () => {
  it("names the declared pool and the secrets of each stage, and no number of copies", () => {
    assert.deepEqual(planSite(cephSite(THREE_SITES)).classes[0]?.parameters, {
      clusterID: "rook-ceph",
      pool: "atom-data",
      imageFeatures: "layering",
      ...(secrets("rbd", STAGES) as object),
    });
  });

  it("names the file system and its data pool with storage: cephfs", () => {
    const site = cephSite([dataSite("a", 3)], {
      ...MANUAL,
      survive: "node",
      backendOptions: { storage: "cephfs", filesystem: "shared", operatorNamespace: "rook-op" },
    });
    const [planned] = planSite(site).classes;
    assert.equal(planned?.provisioner, "rook-op.cephfs.csi.ceph.com");
    assert.deepEqual(planned.parameters, {
      clusterID: "rook-ceph",
      fsName: "shared",
      pool: "shared-replicated",
      ...(secrets("cephfs", STAGES) as object),
    });
  });

  it("takes features, file system, driver's prefix and keys from its options", () => {
    const site = cephSite([dataSite("a", 3)], {
      ...MANUAL,
      survive: "node",
      backendOptions: {
        driverPrefix: "north",
        pool: "fast",
        imageFeatures: ["layering", "exclusive-lock"],
        encryptionKmsId: "vault",
      },
      classes: [classSpec({ encryption: true, fsType: "ext4" })],
    });
    const [planned] = planSite(site).classes;
    assert.equal(planned?.provisioner, "north.rbd.csi.ceph.com");
    assert.deepEqual(planned.parameters, {
      clusterID: "rook-ceph",
      pool: "fast",
      imageFeatures: "layering,exclusive-lock",
      ...(secrets("rbd", STAGES) as object),
      "csi.storage.k8s.io/fstype": "ext4",
      encrypted: "true",
      encryptionKMSID: "vault",
    });
  });
});

describe("what Ceph needs beside the class", () => {
  it("is a protected pool with a copy per site, and fencing with automatic fail-over", () => {
    const { companions } = planSite(cephSite(THREE_SITES));
    assert.deepEqual(
      companions.map(({ key, hold, protect, object }) => ({ key, hold, protect, object })),
      [
        {
          key: "pool",
          hold: "own",
          protect: true,
          object: {
            apiVersion: "ceph.rook.io/v1",
            kind: "CephBlockPool",
            metadata: { name: "atom-data", namespace: "rook-ceph" },
            spec: {
              failureDomain: "zone",
              replicated: { size: 3, requireSafeReplicaSize: true },
              parameters: { min_size: "2" },
            },
          },
        },
        {
          key: "fencing",
          hold: "patch",
          protect: false,
          object: {
            apiVersion: "csi.ceph.io/v1",
            kind: "Driver",
            metadata: { name: "rook-ceph.rbd.csi.ceph.com", namespace: "rook-ceph" },
            spec: { deployCsiAddons: true, enableFencing: true },
          },
        },
      ],
    );
  });

  const pools: readonly (readonly [string, Site, unknown])[] = [
    [
      "four copies, two a site, in a stretch cluster, whose min_size is Ceph's own",
      stretch(),
      {
        failureDomain: "zone",
        replicated: {
          size: 4,
          requireSafeReplicaSize: true,
          replicasPerFailureDomain: 2,
          subFailureDomain: "host",
        },
      },
    ],
    [
      "different hosts in one site, of one device class",
      cephSite([dataSite("a", 4)], {
        ...MANUAL,
        survive: "node",
        replicationFactor: 4,
        backendOptions: { deviceClass: "ssd" },
      }),
      {
        failureDomain: "host",
        deviceClass: "ssd",
        replicated: { size: 4, requireSafeReplicaSize: true },
        parameters: { min_size: "2" },
      },
    ],
    [
      "different racks, where that is the site label",
      cephSite(THREE_SITES, {
        topology: { siteLabel: "topology.rook.io/rack", sites: THREE_SITES },
      }),
      {
        failureDomain: "rack",
        replicated: { size: 3, requireSafeReplicaSize: true },
        parameters: { min_size: "2" },
      },
    ],
    [
      "min_size 1 for two copies, which somebody answers for",
      cephSite(THREE_SITES, { replicationFactor: 2 }),
      {
        failureDomain: "zone",
        replicated: { size: 2, requireSafeReplicaSize: true },
        parameters: { min_size: "1" },
      },
    ],
    [
      "a size that Rook calls unsafe for a single copy",
      cephSite(THREE_SITES, { replicationFactor: 1 }),
      {
        failureDomain: "zone",
        replicated: { size: 1, requireSafeReplicaSize: false },
        parameters: { min_size: "1" },
      },
    ],
  ];
  for (const [title, site, spec] of pools) {
    it(`asks for ${title}`, () => {
      assert.deepEqual(planSite(site).companions[0]?.object["spec"], spec);
    });
  }

  it("is a file system whose metadata servers stand in different data sites", () => {
    const site = stretch({ ...MANUAL, backendOptions: { storage: "cephfs" } });
    const pool = {
      failureDomain: "zone",
      replicated: {
        size: 4,
        requireSafeReplicaSize: true,
        replicasPerFailureDomain: 2,
        subFailureDomain: "host",
      },
    };
    const { companions } = planSite(site);
    assert.deepEqual(
      companions.map(({ key, hold, protect }) => [key, hold, protect]),
      [["filesystem", "own", true]],
    );
    assert.deepEqual(companions[0]?.object, {
      apiVersion: "ceph.rook.io/v1",
      kind: "CephFilesystem",
      metadata: { name: "atom-fs", namespace: "rook-ceph" },
      spec: {
        metadataPool: pool,
        dataPools: [{ name: "replicated", ...pool }],
        preserveFilesystemOnDelete: true,
        metadataServer: {
          activeCount: 1,
          activeStandby: true,
          placement: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [
                  { matchExpressions: [{ key: ZONE, operator: "In", values: ["a", "b"] }] },
                ],
              },
            },
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                {
                  labelSelector: {
                    matchLabels: { app: "rook-ceph-mds", rook_file_system: "atom-fs" },
                  },
                  topologyKey: ZONE,
                },
              ],
            },
          },
        },
      },
    });
  });

  it("lets metadata servers share a site, and no node, where there is one site", () => {
    const site = cephSite([dataSite("a", 3)], {
      ...MANUAL,
      survive: "node",
      backendOptions: { storage: "cephfs" },
    });
    const spec = planSite(site).companions[0]?.object["spec"] as {
      metadataServer: { placement: unknown };
    };
    assert.deepEqual(spec.metadataServer.placement, {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          {
            labelSelector: { matchLabels: { app: "rook-ceph-mds", rook_file_system: "atom-fs" } },
            topologyKey: "kubernetes.io/hostname",
          },
        ],
      },
    });
  });
});

describe("Ceph's snapshots, raise and fail-over", () => {
  it("carry the cluster and the secrets, for one volume and for a group", () => {
    const plan = planSite(cephSite(THREE_SITES));
    assert.deepEqual(plan.snapshotClass?.parameters, {
      clusterID: "rook-ceph",
      ...(secrets("rbd", [["snapshotter", "provisioner"]]) as object),
    });
    assert.deepEqual(plan.groupSnapshotClass?.parameters, {
      clusterID: "rook-ceph",
      pool: "atom-data",
      ...(secrets("rbd", [["group-snapshotter", "provisioner"]]) as object),
    });
    const files = stretch({ ...MANUAL, backendOptions: { storage: "cephfs" } });
    assert.equal(planSite(files).groupSnapshotClass?.parameters["fsName"], "atom-fs");
  });

  it("know no groups before Rook 1.16", () => {
    const site = cephSite(THREE_SITES, { ...MANUAL, backendVersion: "1.15.9" });
    assert.equal(planSite(site).groupSnapshotClass, undefined);
  });

  it("copy existing volumes by themselves", () => {
    assert.deepEqual(planSite(cephSite(THREE_SITES)).raise, {
      existingVolumes: "backfilled",
      command: undefined,
    });
  });

  it("name what taints and fences a lost node, or the steps of a person", () => {
    assert.deepEqual(planSite(cephSite(THREE_SITES)).failover, {
      mode: "automatic",
      mechanism:
        "the NodeHealthCheck atom-nodes has a lost node tainted as out of service; Kubernetes then frees its volumes, and the " +
        "driver shuts the node out of Ceph before another one takes them",
      rebuilds:
        "yes: after 10 minutes Ceph makes the copies of a lost node again where its site has a node without one; those of a " +
        "whole lost site wait for its return",
    });
    assert.deepEqual(ownSteps(cephSite(THREE_SITES)), [
      "switch NODE off, or see that it is: while it runs it may go on writing",
      "kubectl -n rook-ceph exec deploy/rook-ceph-tools -- ceph status, until no placement group is degraded",
      "kubectl taint node NODE node.kubernetes.io/out-of-service- once the node has been switched off and on again",
    ]);
  });
});
