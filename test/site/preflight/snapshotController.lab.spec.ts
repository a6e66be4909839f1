import { deepStrictEqual } from "node:assert/strict";

import type { ClusterObject } from "../../../clients/kubernetes/object";
import { referenceOf } from "../../../clients/kubernetes/object";
import { parseSite } from "../../../config/parseSite";
import { readConfiguration } from "../../../config/readConfiguration";
import { checkSnapshotController } from "../../../site/preflight/snapshotController";
import { planSite } from "../../../planning";
import type { Site } from "../../../planning/site";
import type { LabSystems } from "../../support/labSystems";
import { sharedLab } from "../../support/sharedLab";

const now = new Date("2026-11-25T12:00:00Z");
const REMEDY =
  "Set snapshots.installController: false where the cluster brings a snapshot controller, or remove the other one first.";
const installed: Partial<Site["snapshots"]> = {
  installController: true,
  controllerImage: "registry.example/csi/snapshot-controller:v8.7.0",
};

describe("preflight of the snapshot controller", () => {
  let lab: LabSystems;

  before(async () => {
    lab = await sharedLab();
  });

  /** Object and message of each finding that is not about the CRDs, which the lab seeds. */
  async function found(
    changes: Partial<Site["snapshots"]>,
    crds = false,
  ): Promise<(readonly (string | undefined)[])[]> {
    const site = parseSite(readConfiguration("lab").raw);
    const plan = planSite({ ...site, snapshots: { ...site.snapshots, ...changes } });
    const findings = await checkSnapshotController(lab.cluster, plan, now);
    return findings
      .filter(({ object }) => object.startsWith("CRD ") === crds)
      .map(({ severity, object, message, remedy }) => [severity, object, message, remedy]);
  }

  async function during<T>(object: ClusterObject, action: () => Promise<T>): Promise<T> {
    await lab.cluster.create(object, "test");
    try {
      return await action();
    } finally {
      await lab.cluster.delete(referenceOf(object), undefined);
    }
  }

  it("asks for nothing where none is to be installed", async () => {
    deepStrictEqual(await found({}), []);
    deepStrictEqual(await found({}, true), []);
  });

  it("refuses CRDs that somebody else has brought, each with both ways out", async () => {
    const kinds = ["classes", "s", "contents"];
    const names = [
      ...kinds.map((kind) => `volumesnapshot${kind}.snapshot.storage.k8s.io`),
      ...kinds.map((kind) => `volumegroupsnapshot${kind}.groupsnapshot.storage.k8s.io`),
    ];
    deepStrictEqual(
      (await found(installed, true)).sort(),
      names
        .map((name) => [
          "error",
          `CRD ${name}`,
          `${name} is installed already and is not ours; every snapshot is an object of it or refers to one.`,
          "Set snapshots.installController: false where the cluster brings the CRDs, or take them over: ./atom adopt --stack lab",
        ])
        .sort(),
    );
  });

  it("refuses a namespace that is not there", async () => {
    deepStrictEqual(await found({ ...installed, controllerNamespace: "nowhere" }), [
      [
        "error",
        "namespace nowhere",
        "There is no namespace nowhere to put the snapshot controller in.",
        "Make it, or name another one in snapshots.controllerNamespace.",
      ],
    ]);
  });

  it("refuses a second controller, by its Deployment", async () => {
    const pods = { app: "other" };
    const deployment: ClusterObject = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "snapshot-controller", namespace: "default" },
      spec: {
        replicas: 0,
        selector: { matchLabels: pods },
        template: {
          metadata: { labels: pods },
          spec: { containers: [{ name: "other", image: "other:1" }] },
        },
      },
    };
    deepStrictEqual(await during(deployment, () => found(installed)), [
      [
        "error",
        "Deployment default/snapshot-controller",
        "A snapshot controller that is not ours is installed in the namespace default; two of them would both act on every snapshot.",
        REMEDY,
      ],
    ]);
  });

  it("refuses a second controller by its lease while that is renewed, and not afterwards", async () => {
    const lease = (renewTime: string): ClusterObject => ({
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: "snapshot-controller-leader", namespace: "default" },
      spec: { holderIdentity: "other", leaseDurationSeconds: 15, renewTime },
    });
    deepStrictEqual(await during(lease("2026-11-25T11:59:50.000000Z"), () => found(installed)), [
      [
        "error",
        "Lease default/snapshot-controller-leader",
        "A snapshot controller that is not ours leads in the namespace default; two of them would both act on every snapshot.",
        REMEDY,
      ],
    ]);
    deepStrictEqual(await during(lease("2026-11-25T11:50:00.000000Z"), () => found(installed)), []);
  });
});
