import { deepStrictEqual } from "node:assert/strict";

import type { ClusterClient } from "../../../clients/kubernetes/client";
import type { ClusterObject } from "../../../clients/kubernetes/object";
import { referenceOf } from "../../../clients/kubernetes/object";
import { parseSite } from "../../../config/parseSite";
import { readConfiguration } from "../../../config/readConfiguration";
import { checkRunningController } from "../../../site/preflight/snapshotController";
import { planSite } from "../../../planning";
import type { RestorePointPlan, SitePlan } from "../../../planning/plan";
import { apiOf } from "../../lab/support/cluster";
import type { LabSystems } from "../../support/labSystems";
import { sharedLab } from "../../support/sharedLab";
import { assertTold } from "../../support/told";

/** A site whose backend is not the lab's; the shared lab runs no snapshot controller, as a cluster may. */
const site = parseSite(readConfiguration("model-three-sites-longhorn").raw);
const quiesce = planSite({ ...site, restorePoints: [] });

/** The same with a point that is about to be taken of one volume. */
const taking: SitePlan = {
  ...quiesce,
  restorePoints: [
    {
      name: "before",
      state: "taking",
      volumes: true,
    } as unknown as RestorePointPlan,
  ],
};

function deployment(name: string, image: string): ClusterObject {
  const labels = { app: "one" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "storage" },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "main", image }] } },
    },
  };
}

const snapshot: ClusterObject = {
  apiVersion: "snapshot.storage.k8s.io/v1",
  kind: "VolumeSnapshot",
  metadata: { name: "probe", namespace: "storage" },
  spec: { source: { persistentVolumeClaimName: "data" } },
};

const lease = (renewTime: Date): ClusterObject => ({
  apiVersion: "coordination.k8s.io/v1",
  kind: "Lease",
  metadata: { name: "snapshot-controller-leader", namespace: "storage" },
  spec: { holderIdentity: "one", renewTime: renewTime.toISOString().replace("Z", "000Z") },
});

describe("preflight of a snapshot controller that has to run", () => {
  let lab: LabSystems;
  let made: ClusterObject[] = [];
  const namespace: ClusterObject = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "storage" },
  };

  before(async () => {
    lab = await sharedLab();
    await lab.cluster.create(namespace, "test");
  });

  afterEach(async () => {
    for (const object of made) {
      await lab.cluster.delete(referenceOf(object), undefined);
    }
    made = [];
  });

  after(() => lab.cluster.delete(referenceOf(namespace), undefined));

  async function there(object: ClusterObject): Promise<void> {
    await lab.cluster.create(object, "test");
    made.push(object);
  }

  /** What is found, as `severity object: message remedy`. */
  async function expectFound(plan: SitePlan, expected: readonly string[], now = new Date()) {
    const findings = await checkRunningController(lab.cluster, plan, now);
    assertTold(
      findings.map(
        ({ severity, object, message, remedy }) =>
          `${severity} ${object}: ${message} ${remedy ?? ""}`,
      ),
      expected,
    );
  }

  async function status(at: string, object: ClusterObject, written: object): Promise<void> {
    const { apiVersion, kind, metadata } = object;
    const body = { apiVersion, kind, metadata, status: written };
    await apiOf(lab.root, lab.record, (api) => api.apply(`${at}/status`, JSON.stringify(body)));
  }

  it("is unknown where nothing is seen: stops the taking of a point, and only warns without one", async () => {
    const seen = "snapshot controller: … make a VolumeSnapshot … installController: true";
    await expectFound(taking, [`unknown ${seen}`]);
    await expectFound(quiesce, [`warning ${seen}`]);
  });

  it("says nothing about the lab, which looks after its own", async () => {
    const own = planSite(parseSite(readConfiguration("lab").raw));
    await expectFound({ ...own, restorePoints: taking.restorePoints }, []);
  });

  it("refuses a Deployment without a ready pod, and takes one with, under any distribution's name", async () => {
    const one = deployment("rke2-snapshot-controller", "registry.example/any:1");
    await there(one);
    const object = "Deployment storage/rke2-snapshot-controller: … no ready pod … Have it run";
    await expectFound(taking, [`error ${object}`]);
    await expectFound(quiesce, [`warning ${object}`]);
    // The lab's controllers know that no pod runs and would say so again: the status is put in on the way.
    const running: Pick<ClusterClient, "list" | "resource"> = {
      resource: (apiVersion, kind) => lab.cluster.resource(apiVersion, kind),
      list: async (apiVersion, kind) =>
        (await lab.cluster.list(apiVersion, kind)).map((object) =>
          object.metadata.name === one.metadata.name
            ? { ...object, status: { readyReplicas: 1 } }
            : object,
        ),
    };
    deepStrictEqual(await checkRunningController(running, taking, new Date()), []);
  });

  it("knows it by its image, and takes no operator for it", async () => {
    const operator = "registry.example/csi/snapshot-controller-operator:1";
    await there(deployment("csi-snapshot-controller-operator", operator));
    await there(deployment("snapshots", "registry.example/csi/snapshot-controller:v8.7.0"));
    await expectFound(taking, ["error Deployment storage/snapshots: "]);
  });

  it("takes a lease that is renewed, and refuses one that is not any more", async () => {
    const now = new Date();
    await there(lease(now));
    await expectFound(taking, [], now);
    const silent = "error Lease storage/snapshot-controller-leader: … is not renewed any more";
    await expectFound(taking, [silent], new Date(now.getTime() + 61_000));
  });

  it("refuses where a snapshot waits unseen for a minute, and takes a status as a sign of life for ten", async () => {
    await there(snapshot);
    const live = await lab.cluster.get(referenceOf(snapshot));
    const since = String(live?.metadata["creationTimestamp"]);
    const at = (seconds: number): Date => new Date(Date.parse(since) + seconds * 1000);
    await expectFound(taking, ["unknown "], at(59));
    const unseen = `error VolumeSnapshot storage/probe: … waits since ${since} … Have it run`;
    await expectFound(taking, [unseen], at(61));
    await status(
      "/apis/snapshot.storage.k8s.io/v1/namespaces/storage/volumesnapshots/probe",
      snapshot,
      { readyToUse: false },
    );
    await expectFound(taking, [], at(300));
    await expectFound(taking, ["unknown "], at(900));
  });
});
