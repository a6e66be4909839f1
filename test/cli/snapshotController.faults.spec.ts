// Shows that a cluster without snapshots gets them from `installController`: the real snapshot-controller, run with the
// arguments of our Deployment and the rights of our ServiceAccount on our CRDs, takes what is then restored. Not shown
// here: the pods themselves, as the lab runs no containers (kwok plays them, for which the engine waits).
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ClusterObject, ObjectReference } from "../../clients/kubernetes/object";
import { LabApi } from "../../lab/api";
import { runJob } from "../../lab/job";
import { labPaths } from "../../lab/paths";
import { adminToken, clusterCa } from "../../lab/serviceFiles";
import { kill, up } from "../lab/support/labs";
import { gone, look, readyToUse, soon } from "../lab/support/objects";
import { PlainPulumi } from "../lab/support/plainPulumi";
import { LabSystems } from "../support/labSystems";
import { Checkout, type AtomRun } from "./support/checkout";
import { killEngine } from "./support/killEngine";
import { runController, type RunningController } from "./support/runController";

const KINDS = ["volumesnapshots", "volumesnapshotcontents", "volumesnapshotclasses"];
const GROUP_KINDS = KINDS.map((plural) => plural.replace("volume", "volumegroup"));
const CRDS = [
  ...KINDS.map((plural) => `${plural}.snapshot.storage.k8s.io`),
  ...GROUP_KINDS.map((plural) => `${plural}.groupsnapshot.storage.k8s.io`),
];
const CRD_PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const GROUP_API = "groupsnapshot.storage.k8s.io/v1";
const CLAIMS = "/api/v1/namespaces/default/persistentvolumeclaims";
const SNAPSHOTS = "/apis/snapshot.storage.k8s.io/v1/namespaces/default/volumesnapshots";
const GROUP = `/apis/${GROUP_API}/namespaces/default/volumegroupsnapshots/both`;
const deploymentReference: ObjectReference = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  namespace: "kube-system",
  name: "snapshot-controller",
};

describe("a stack that installs the snapshot controller", () => {
  let checkout: Checkout;
  let lab: LabSystems;
  let api: LabApi;
  let controller: RunningController | undefined;

  before(async () => {
    checkout = Checkout.create();
    const stack = join(checkout.root, "stacks", "Pulumi.lab.yaml");
    const image = "registry.example/csi/snapshot-controller:v8.7.0";
    const text = readFileSync(stack, "utf8").replace(
      "installController: false",
      `installController: true\n    controllerImage: ${image}`,
    );
    writeFileSync(stack, text);
    const record = await up(checkout.root, ["cluster", "vcenter", "data"]);
    lab = await LabSystems.connect(checkout.root, record);
    const paths = labPaths(checkout.root);
    api = new LabApi(record.ports.apiserver, clusterCa(paths), adminToken(paths));
    for (const name of CRDS) {
      await api.delete(`${CRD_PATH}/${name}`);
    }
    await Promise.all(CRDS.map((name) => gone(api, `${CRD_PATH}/${name}`)));
  });

  after(async () => {
    await controller?.kill();
    api?.close();
    await lab?.close();
    const run = await checkout.atom(["lab", "down"]);
    checkout.remove();
    assert.equal(run.status, 0, run.stderr);
  });

  const succeeds = (...args: string[]): Promise<AtomRun> => checkout.done(args);

  async function crdUids(): Promise<(string | undefined)[]> {
    return await Promise.all(
      CRDS.map(async (name) => (await look(api, `${CRD_PATH}/${name}`))?.metadata.uid),
    );
  }

  const apply = (at: string, object: object): Promise<void> =>
    api.apply(at, JSON.stringify(object));

  const claim = (name: string, rest: object): Promise<void> =>
    apply(`${CLAIMS}/${name}`, {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name, labels: { group: "both" } },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: "atom-replicated",
        resources: { requests: { storage: "1Gi" } },
        ...rest,
      },
    });

  /** Runs a command that has the claims of these names mounted under /v. */
  const inJob = (name: string, claims: readonly string[], command: string): Promise<void> =>
    runJob(api, {
      namespace: "default",
      name,
      claims: Object.fromEntries(claims.map((each) => [`/v/${each}`, each])),
      command: ["sh", "-ec", command],
    });

  /** The snapshot that the group made of a claim: by the handle of its volume, as members have no names of ours. */
  async function memberOf(name: string): Promise<string> {
    const bound = await look(api, `${CLAIMS}/${name}`);
    const volumes = await lab.cluster.list("v1", "PersistentVolume");
    const volume = volumes.find(({ metadata }) => metadata.name === bound?.spec["volumeName"]);
    const { volumeHandle } = (volume?.["spec"] as { csi: { volumeHandle: string } }).csi;
    const contents = (
      await lab.cluster.list("snapshot.storage.k8s.io/v1", "VolumeSnapshotContent")
    ).map(({ spec, status }) => ({
      spec: spec as { source: { volumeHandle?: string }; volumeSnapshotRef: { name: string } },
      status: status as { volumeGroupSnapshotHandle?: string } | undefined,
    }));
    const member = contents.find(
      ({ spec, status }) =>
        spec.source.volumeHandle === volumeHandle &&
        status?.volumeGroupSnapshotHandle !== undefined,
    );
    return member?.spec.volumeSnapshotRef.name ?? "";
  }

  it("goes on when the engine is killed while the CRDs and while the controller are made", async () => {
    const pulumi = await PlainPulumi.open(checkout.root, "lab", lab);
    const made = [
      async () => (await crdUids()).some((uid) => uid !== undefined),
      async () => (await lab.cluster.get(deploymentReference)) !== undefined,
    ];
    for (const begun of made) {
      const killed = await killEngine(checkout, ["up"], begun);
      assert.equal(killed.status, 1, killed.stderr);
      const { status, output } = await pulumi.run(["cancel", "--yes"]);
      assert.equal(status, 0, output);
    }
    const { uid } = (await lab.cluster.get(deploymentReference))?.metadata ?? {};
    await succeeds("up");
    assert.equal((await lab.cluster.get(deploymentReference))?.metadata.uid, uid, "imported");
    assert.equal((await crdUids()).filter((one) => one !== undefined).length, 6);
    assert.equal((await lab.snapshots()).length, 6, "nothing was taken twice");
  });

  it("has a controller that leads, with the rights of the ServiceAccount and no others", async () => {
    // The lab's own, which may do everything; ours stands in its place.
    await kill(checkout.root, lab.record, ["snapshot-controller"]);
    const deployment = await lab.cluster.get(deploymentReference);
    assert.ok(deployment !== undefined);
    const running = await runController(checkout.root, deployment);
    controller = running;
    assert.deepEqual(running.args, [
      "--leader-election=true",
      `--http-endpoint=127.0.0.1:${running.port}`,
      "--kube-api-qps=50",
      "--kube-api-burst=100",
      "--feature-gates=CSIVolumeGroupSnapshot=true",
    ]);
    const lease = await soon(`a leader\n${running.output()}`, () =>
      lab.cluster.get({
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        namespace: "kube-system",
        name: "snapshot-controller-leader",
      }),
    );
    const { holderIdentity } = lease["spec"] as { readonly holderIdentity: string };
    assert.notEqual(holderIdentity, "");
    const health = await fetch(`http://127.0.0.1:${running.port}/healthz/leader-election`);
    assert.equal(health.status, 200, "the probe of the Deployment");
  });

  it("takes a volume and a group on our CRDs, and both are restored with their bytes", async () => {
    const sources = ["one", "two"];
    await Promise.all(sources.map((name) => claim(name, {})));
    await inJob("write", sources, "echo first > /v/one/text; echo second > /v/two/text");
    await apply(`${SNAPSHOTS}/single`, {
      apiVersion: "snapshot.storage.k8s.io/v1",
      kind: "VolumeSnapshot",
      metadata: { name: "single" },
      spec: {
        volumeSnapshotClassName: "atom-snapshots",
        source: { persistentVolumeClaimName: "one" },
      },
    });
    await apply(GROUP, {
      apiVersion: GROUP_API,
      kind: "VolumeGroupSnapshot",
      metadata: { name: "both" },
      spec: {
        volumeGroupSnapshotClassName: "atom-snapshots",
        source: { selector: { matchLabels: { group: "both" } } },
      },
    });
    await Promise.all([readyToUse(api, `${SNAPSHOTS}/single`), readyToUse(api, GROUP)]);
    const member = await memberOf("two");
    await readyToUse(api, `${SNAPSHOTS}/${member}`);
    await inJob("change", sources, "echo later > /v/one/text; echo later > /v/two/text");
    const restore = (name: string, from: string): Promise<void> =>
      claim(name, {
        dataSource: { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name: from },
      });
    await Promise.all([restore("one-again", "single"), restore("two-again", member)]);
    await inJob(
      "check",
      ["one-again", "two-again"],
      'test "$(cat /v/one-again/text /v/two-again/text)" = "$(printf "first\\nsecond")"',
    );
    const refused = controller?.output().match(/.*(is forbidden|cannot (list|get|watch)).*/g);
    assert.deepEqual(refused ?? [], [], "each right that it asked for was there");
  });

  it("keeps the CRDs and the snapshots when the stack is taken down, and finds them again", async () => {
    const snapshots = async (): Promise<ClusterObject[]> =>
      await lab.cluster.list("snapshot.storage.k8s.io/v1", "VolumeSnapshot");
    await controller?.kill();
    const [uids, before] = [await crdUids(), await snapshots()];
    assert.equal(before.length, 3);
    await succeeds("down");
    assert.equal(await lab.cluster.get(deploymentReference), undefined);
    assert.deepEqual(await crdUids(), uids);
    await succeeds("up");
    await succeeds("preview", "--expect-no-changes");
    assert.deepEqual(await crdUids(), uids);
    const ids = (list: readonly ClusterObject[]): unknown[] =>
      list.map(({ metadata }) => metadata.uid);
    assert.deepEqual(ids(await snapshots()), ids(before));
  });
});
