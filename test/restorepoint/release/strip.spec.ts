import assert from "node:assert/strict";

import type { ClusterObject } from "../../../clients/kubernetes/object";
import { runningImages } from "../../../restorepoint/release/images";
import { isCustomGroup, isReleased } from "../../../restorepoint/release/kinds";
import { stripped } from "../../../restorepoint/release/strip";

const server = {
  uid: "u",
  resourceVersion: "7",
  generation: 3,
  creationTimestamp: "2026-11-25T12:00:00Z",
  managedFields: [{ manager: "kubectl" }],
  finalizers: ["kubernetes.io/pvc-protection"],
};

function object(
  apiVersion: string,
  kind: string,
  rest: Record<string, unknown>,
  metadata: Record<string, unknown> = {},
): ClusterObject {
  return {
    apiVersion,
    kind,
    metadata: { name: "x", namespace: "atom", ...server, ...metadata },
    ...rest,
  };
}

const plain = { name: "x", namespace: "atom" };

describe("an object that can be applied again", () => {
  it("keeps what was asked for and nothing that the API server set", () => {
    const deployment = object(
      "apps/v1",
      "Deployment",
      { spec: { replicas: 2 }, status: { replicas: 2 } },
      {
        labels: { app: "web" },
        annotations: { "deployment.kubernetes.io/revision": "4", "a.example/note": "kept" },
      },
    );
    assert.deepEqual(stripped(deployment), {
      object: {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { ...plain, labels: { app: "web" }, annotations: { "a.example/note": "kept" } },
        spec: { replicas: 2 },
      },
    });
  });

  it("names the controller that makes it, and holds no reference by UID", () => {
    const ownerReferences = [
      { kind: "Node", name: "n", uid: "1" },
      { kind: "CronJob", name: "report", uid: "2", controller: true },
    ];
    assert.deepEqual(stripped(object("v1", "ConfigMap", { data: {} }, { ownerReferences })), {
      object: { apiVersion: "v1", kind: "ConfigMap", metadata: plain, data: {} },
      ownedBy: "CronJob/report",
    });
  });

  const headless = { clusterIP: "None", clusterIPs: ["None"] };
  const own = { manualSelector: true, selector: { matchLabels: { a: "b" } } };
  for (const [apiVersion, kind, before, after] of [
    [
      "v1",
      "PersistentVolumeClaim",
      { spec: { volumeName: "pvc-1", storageClassName: "atom" } },
      { spec: { storageClassName: "atom" } },
    ],
    [
      "v1",
      "Service",
      { spec: { clusterIP: "10.0.0.1", clusterIPs: [""], healthCheckNodePort: 1, ports: [] } },
      { spec: { ports: [] } },
    ],
    ["v1", "Service", { spec: headless }, { spec: headless }],
    [
      "v1",
      "ServiceAccount",
      { secrets: [{ name: "token" }], imagePullSecrets: [{ name: "pull" }] },
      { imagePullSecrets: [{ name: "pull" }] },
    ],
    [
      "batch/v1",
      "Job",
      {
        spec: {
          selector: { matchLabels: {} },
          template: { metadata: { labels: { "controller-uid": "1", app: "a" } }, spec: {} },
        },
      },
      { spec: { template: { metadata: { labels: { app: "a" } }, spec: {} } } },
    ],
    ["batch/v1", "Job", { spec: own }, { spec: own }],
  ] as const) {
    it(`of ${kind} has ${JSON.stringify(after)}`, () => {
      assert.deepEqual(stripped(object(apiVersion, kind, before)).object, {
        apiVersion,
        kind,
        metadata: plain,
        ...after,
      });
    });
  }
});

describe("what belongs to a release", () => {
  it("is not what the cluster or this program puts beside it", () => {
    const own = { labels: { "app.kubernetes.io/managed-by": "atom-backup" } };
    const leader = { annotations: { "control-plane.alpha.kubernetes.io/leader": "{}" } };
    const done = { status: { conditions: [{ type: "Complete", status: "True" }] } };
    const suspended = { status: { conditions: [{ type: "Suspended", status: "True" }] } };
    for (const [expected, one] of [
      [true, object("v1", "ConfigMap", {})],
      [false, object("v1", "ConfigMap", {}, { name: "kube-root-ca.crt" })],
      [false, object("v1", "ConfigMap", {}, leader)],
      [false, object("v1", "ConfigMap", {}, own)],
      [false, object("v1", "Service", {}, { name: "kubernetes", namespace: "default" })],
      [true, object("v1", "Service", {}, { name: "kubernetes" })],
      [true, object("batch/v1", "Job", {})],
      [true, object("batch/v1", "Job", suspended)],
      [false, object("batch/v1", "Job", done)],
    ] as const) {
      assert.equal(isReleased(one), expected, JSON.stringify(one));
    }
  });

  it("are custom kinds, but no views of metrics and no snapshots", () => {
    const groups =
      "apps metrics.k8s.io snapshot.storage.k8s.io gateway.networking.k8s.io atom.example";
    assert.deepEqual(groups.split(" ").filter(isCustomGroup), [
      "gateway.networking.k8s.io",
      "atom.example",
    ]);
  });

  it("are the images of running pods, once for each workload", () => {
    const of = { namespace: "atom", workload: "Deployment/web" };
    const owner = { kind: "ReplicaSet", name: "web-5d8", controller: true };
    const web = { ownerReferences: [owner], labels: { "pod-template-hash": "5d8" } };
    const status = (phase: string, image = "web:1") => ({
      status: {
        phase,
        initContainerStatuses: [{ name: "init", image: "init:1", imageID: "i@sha256:1" }],
        containerStatuses: [{ name: "web", image, imageID: "w@sha256:2" }],
      },
    });
    assert.deepEqual(
      runningImages([
        object("v1", "Pod", status("Running"), { ...web, name: "web-5d8-a" }),
        object("v1", "Pod", status("Running"), { ...web, name: "web-5d8-b" }),
        object("v1", "Pod", status("Pending", "web:2"), web),
        object("v1", "Pod", {
          status: { phase: "Running", containerStatuses: [{ name: "c", image: "d" }] },
        }),
      ]),
      [
        { ...of, container: "init", image: "init:1", imageId: "i@sha256:1" },
        { ...of, container: "web", image: "web:1", imageId: "w@sha256:2" },
        { namespace: "atom", workload: "Pod/x", container: "c", image: "d", imageId: "" },
      ],
    );
  });
});
