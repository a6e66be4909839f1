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
import { assertTold } from "../../support/told";

const now = new Date("2026-11-25T12:00:00Z");
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
  async function found(changes: Partial<Site["snapshots"]>, crds = false): Promise<string[]> {
    const site = parseSite(readConfiguration("lab").raw);
    const plan = planSite({ ...site, snapshots: { ...site.snapshots, ...changes } });
    const findings = await checkSnapshotController(lab.cluster, plan, now);
    return findings
      .filter(({ object }) => object.startsWith("CRD ") === crds)
      .map(
        ({ severity, object, message, remedy }) =>
          `${severity} ${object}: ${message} ${remedy ?? ""}`,
      )
      .sort();
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
    const told = names.map(
      (name) => `error CRD ${name}: … installController: false … ./atom adopt`,
    );
    assertTold(await found(installed, true), told.sort());
  });

  it("refuses a namespace that is not there", async () => {
    assertTold(await found({ ...installed, controllerNamespace: "nowhere" }), [
      "error namespace nowhere: … snapshots.controllerNamespace",
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
    assertTold(await during(deployment, () => found(installed)), [
      "error Deployment default/snapshot-controller: … namespace default … installController: false",
    ]);
  });

  it("refuses a second controller by its lease while that is renewed, and not afterwards", async () => {
    const lease = (renewTime: string): ClusterObject => ({
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: "snapshot-controller-leader", namespace: "default" },
      spec: { holderIdentity: "other", leaseDurationSeconds: 15, renewTime },
    });
    assertTold(await during(lease("2026-11-25T11:59:50.000000Z"), () => found(installed)), [
      "error Lease default/snapshot-controller-leader: … namespace default … installController",
    ]);
    deepStrictEqual(await during(lease("2026-11-25T11:50:00.000000Z"), () => found(installed)), []);
  });
});
