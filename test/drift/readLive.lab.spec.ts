import { deepStrictEqual, equal, ok } from "node:assert/strict";

import { readLive } from "../../drift/readLive";
import { desiredOf, member, registration, snapshotClass, stateOf, storageClass } from "./fixtures";
import { type LabSystems, labUuid } from "../support/labSystems";
import { sharedLab } from "../support/sharedLab";

const desired = desiredOf([
  storageClass(),
  snapshotClass(),
  member("atom-a-1", { uuid: labUuid("atom-a-1") }),
]);

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
});
