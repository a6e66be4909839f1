import { deepStrictEqual, equal, ok } from "node:assert/strict";

import type { DesiredState } from "../../engine/program/desiredState";
import { findDrift } from "../../drift/findings";
import type { LiveState } from "../../drift/types";
import { closeAccess } from "../../clients/access";
import { readLive } from "../../drift/readLive";
import { connectCluster } from "../../clients/kubernetes/connect";
import { labPaths } from "../../lab/paths";
import {
  desiredOf,
  member,
  point,
  registration,
  snapshotClass,
  stateOf,
  storageClass,
} from "./fixtures";
import { type LabSystems, labUuid } from "../support/labSystems";
import { sharedLab } from "../support/sharedLab";

const desired = desiredOf([
  storageClass(),
  snapshotClass(),
  member("atom-a-1", { uuid: labUuid("atom-a-1") }),
]);

function kindsOf(live: LiveState, of: DesiredState = desired): string[] {
  return findDrift({ desired: of, state: stateOf([]), live, points: [point()] }).map(
    ({ kind }) => kind,
  );
}

describe("reading the live systems", () => {
  let lab: LabSystems;

  before(async () => {
    lab = await sharedLab();
  });

  afterEach(() => lab.clear());

  it("reads every declared kind and every machine at once", async () => {
    await lab.make(desired.registrations);
    const { cluster, vcenter } = await lab.live(desired);
    ok(cluster.state === "read" && vcenter.state === "read");
    equal(cluster.value.uid, lab.record.clusterUid);
    ok(cluster.value.objects.has("storage.k8s.io/v1|StorageClass||atom-replicated"));
    equal(vcenter.value.instanceUuid, lab.record.vcenterInstanceUuid);
    equal(vcenter.value.vms.length, 9);
    const vm = vcenter.value.vms.find(({ name }) => name === "atom-a-1");
    deepStrictEqual(
      vm?.snapshots.map(({ name, parent }) => [name, parent]),
      [["atom.lab.pre-24.1", undefined]],
    );
  });

  it("records a kind whose CRD is missing as absent", async () => {
    const strange = registration("kubernetes:example.com/v1:Strange", "s", {
      apiVersion: "example.com/v1",
      kind: "Strange",
      metadata: { name: "s" },
    });
    const live = await lab.live(desiredOf([strange]));
    ok(live.cluster.state === "read");
    deepStrictEqual([...live.cluster.value.absentKinds], ["example.com/v1|Strange"]);
    equal(live.vcenter.state, "notNeeded");
  });

  for (const [service, sentence] of [
    [
      "kube-apiserver",
      /^The API server at https:\/\/127\.0\.0\.1:\d+ did not answer within 5 s\.$/,
    ],
    ["etcd", /^The API server at https:\/\/127\.0\.0\.1:\d+ did not answer within 5 s\.$/],
  ] as const) {
    it(`cannot tell what is in the cluster while ${service} hangs, but what is in vCenter`, async () => {
      const live = await lab.frozen(service, () => lab.live(desired));
      ok(live.cluster.state === "unknown");
      ok(sentence.test(live.cluster.why), live.cluster.why);
      deepStrictEqual(kindsOf(live), ["unknown", "unknown", "missing"]);
    });
  }

  it("cannot tell what is in vCenter while it hangs, but what is in the cluster", async () => {
    const live = await lab.frozen("vcenter", () => lab.live(desired));
    ok(live.vcenter.state === "unknown");
    ok(
      /^vCenter 127\.0\.0\.1:\d+ did not answer within 10 s\.$/.test(live.vcenter.why),
      live.vcenter.why,
    );
    deepStrictEqual(kindsOf(live), ["missing", "missing", "unknown"]);
  });

  it("passes on that a system could not be opened", async () => {
    const why = "The kubeconfig is missing.";
    const live = await readLive({
      site: { virtualMachines: undefined, nodeBackups: {} },
      desired,
      state: stateOf([]),
      cluster: { state: "unknown", why },
      vcenter: { state: "unknown", why: "No password." },
    });
    deepStrictEqual(live, {
      cluster: { state: "unknown", why },
      vcenter: { state: "unknown", why: "No password." },
    });
  });

  it("answers after the API server was silent", async () => {
    const client = await connectCluster({ kubeconfig: labPaths(lab.root).kubeconfig });
    equal(await client.kubeSystemUid(), lab.record.clusterUid);
    await closeAccess({ state: "open", client });
  });
});
