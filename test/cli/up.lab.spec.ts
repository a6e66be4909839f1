import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { LabSystems } from "../support/labSystems";
import type { ClusterClient } from "../../clients/kubernetes/client";
import type { ClusterObject } from "../../clients/kubernetes/object";
import { engineStateOfLab } from "../../lab/engineState";
import { LAB_VCENTER_PASSWORD, labPaths } from "../../lab/index";
import type { VcenterClient } from "../../clients/vcenter/client";
import type { JudgedRule } from "../../site/preflight/rules/judge";
import type { AtomRun, Checkout } from "./support/checkout";
import { BoundVolume, sharedDeployedLab } from "./support/deployedLab";
import { withoutV1 } from "./support/faultMakers";

const storageNodes = ["a-1", "a-2", "b-1", "b-2", "c-1", "c-2"].map((name) => `atom-${name}`);

interface PointFile {
  readonly state: string;
  readonly vms?: readonly { node: string; handle: string; takenAt: string; lost?: string }[];
}

/**
 * The main job on a real kube-apiserver and the vCenter simulator, driven by the command line as a user drives it. It is
 * the last of its run: what it removes by hand does not come back. What the lab cannot show is listed in docs/explanation/not-shown.md.
 */
describe("./atom up on the lab", () => {
  let checkout: Checkout;
  let systems: LabSystems;
  let cluster: ClusterClient;
  let vcenter: VcenterClient;

  before(async () => {
    ({ checkout, systems } = await sharedDeployedLab());
    ({ cluster, vcenter } = systems);
  });

  const atom = (...args: string[]): Promise<AtomRun> => checkout.atom(args);

  function point(): PointFile {
    const path = join(labPaths(checkout.root).restorePoints, "lab", "pre-24.1.yaml");
    return parse(readFileSync(path, "utf8")) as PointFile;
  }

  async function snapshotsByNode(): Promise<Record<string, string[]>> {
    const vms = await vcenter.vms();
    return Object.fromEntries(
      vms.map(({ name, snapshots }) => [name, snapshots.map((each) => each.name)]),
    );
  }

  const stateText = (): string =>
    readFileSync(join(checkout.root, ".pulumi-state/.pulumi/stacks/atom-backup/lab.json"), "utf8");

  const storageClass = () =>
    cluster.get({
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      name: "atom-replicated",
    });

  it("leaves the replicated default class, as declared", async () => {
    const live = await storageClass();
    assert.ok(live !== undefined);
    assert.deepEqual(
      {
        provisioner: live["provisioner"],
        parameters: live["parameters"],
        reclaimPolicy: live["reclaimPolicy"],
        allowVolumeExpansion: live["allowVolumeExpansion"],
        volumeBindingMode: live["volumeBindingMode"],
        default: live.metadata.annotations?.["storageclass.kubernetes.io/is-default-class"],
      },
      {
        provisioner: "lab.csi.atom.example",
        parameters: {
          replicas: "2",
          spreadKey: "topology.kubernetes.io/zone",
          maxPerDomain: "1",
        },
        reclaimPolicy: "Retain",
        allowVolumeExpansion: true,
        volumeBindingMode: "WaitForFirstConsumer",
        default: "true",
      },
    );
  });

  it("leaves a snapshot of the example point on each storage VM and on no control-plane VM", async () => {
    const snapshots = await snapshotsByNode();
    for (const node of storageNodes) {
      assert.deepEqual(snapshots[node], ["atom.lab.pre-24.1"], node);
    }
    for (const site of ["a", "b", "c"]) {
      assert.deepEqual(snapshots[`atom-${site}-cp`], []);
    }
    const { state, vms } = point();
    assert.equal(state, "ready");
    assert.deepEqual(vms?.map(({ node }) => node).sort(), storageNodes);
    assert.ok(vms?.every(({ takenAt }) => Date.parse(takenAt) > 0));
  });

  it("leaves the vCenter password in no file, output, argument or description", async () => {
    const report = await atom("report");
    const preview = await atom("preview", "--json", "--expect-no-changes");
    assert.equal(preview.status, 0, preview.stdout);
    const vms = await vcenter.vms();
    const texts = [
      report.stdout + report.stderr,
      preview.stdout + preview.stderr,
      JSON.stringify(vms),
      ...commandLines(),
    ];
    const files = filesBelow(labPaths(checkout.root).lab);
    assert.ok(files.some((file) => file.endsWith("report.html")));
    assert.ok(files.some((file) => file.endsWith("Pulumi.lab.yaml")));
    for (const file of files) {
      assert.ok(!readFileSync(file).includes(LAB_VCENTER_PASSWORD), `${file} holds the password`);
    }
    for (const text of texts) {
      assert.ok(!text.includes(LAB_VCENTER_PASSWORD), text);
    }
  });

  it("finds all rules kept, and one broken by a second default class", async () => {
    const verdicts = async (status: number): Promise<readonly (readonly [number, string])[]> => {
      const run = await atom("preflight", "--json");
      assert.equal(run.status, status, run.stdout);
      const { rules } = JSON.parse(run.stdout) as { rules: readonly JudgedRule[] };
      return rules.map(({ number, verdict }) => [number, verdict]);
    };
    const kept = await verdicts(0);
    assert.equal(kept.length, 29);
    assert.deepEqual(
      kept.filter(([, verdict]) => verdict !== "pass"),
      [[17, "notObserved"]],
    );
    const own = await storageClass();
    const metadata = { name: "second", annotations: own?.metadata.annotations };
    const second = { ...own, metadata } as ClusterObject;
    await cluster.create(second, "by-hand");
    assert.deepEqual(
      (await verdicts(1)).filter(([, verdict]) => verdict === "fail"),
      [[10, "fail"]],
    );
    await cluster.delete({ ...second, ...{ name: "second", namespace: undefined } }, undefined);
  });

  it("changes nothing when it runs again", async () => {
    const [before, state] = [await storageClass(), stateText()];
    const again = await atom("up");
    assert.equal(again.status, 0, again.stderr);
    assert.deepEqual(await storageClass(), before);
    assert.equal(stateText(), state);
    assert.match(again.stderr, /Read back:\n {2}StorageClass atom-replicated: as declared\n/);
    assert.match(again.stderr, /restore point pre-24\.1 .*: ready, .*6 VM snapshots are there/);
  });

  it("raises the factor and changes the reclaim policy by replacing the class, and keeps claim and volume", async () => {
    const volume = await BoundVolume.make(cluster, "old");
    const uids = await volume.uids();
    const before = await storageClass();
    const changes = ["-c", "replicationFactor=3", "-c", "classes[0].reclaimPolicy=Delete"];
    const refused = await atom("up", ...changes);
    assert.equal(refused.status, 1, refused.stderr);
    assert.match(refused.stderr, /rule 9 \(reclaim-policy\)/);
    const waived = Object.entries({
      ...{ rule: "reclaim-policy", subject: "StorageClass atom-replicated" },
      ...{ who: "Ada", why: "to try it", until: "2031-01-01T00:00:00Z" },
    }).flatMap(([key, value]) => ["-c", `waivers[0].${key}=${value}`]);
    const run = await atom("up", ...changes, ...waived);
    assert.equal(run.status, 0, run.stderr);
    const raised = await storageClass();
    assert.notEqual(raised?.metadata.uid, before?.metadata.uid);
    assert.equal((raised?.["parameters"] as Record<string, string>)["replicas"], "3");
    assert.equal(raised?.["reclaimPolicy"], "Delete");
    assert.deepEqual(await volume.uids(), uids);
    assert.match(run.stderr, /± replace StorageClass storage-atom-replicated\n/);
    assert.match(run.stderr, /1 volumes? keeps? .*\n.*old \(default\/old\)/);
    await volume.remove();
  });

  it("sees a class that was edited and one that was deleted by hand, and mends it", async () => {
    const reference = {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      name: "atom-replicated",
    };
    await cluster.modify(reference, "by-hand", (object) => ({
      ...object,
      allowVolumeExpansion: false,
    }));
    const edited = await atom("preview", "--expect-no-changes");
    assert.equal(edited.status, 7, edited.stderr);
    assert.match(edited.stdout, /atom-replicated\n\s+allowVolumeExpansion: false -> true/);
    // A cluster may serve the class of groups in an older version alone.
    const serveV1 = await withoutV1({ cluster });
    const group = {
      apiVersion: "groupsnapshot.storage.k8s.io/v1beta2",
      kind: "VolumeGroupSnapshotClass",
      name: "atom-snapshots",
    };
    await Promise.all([reference, group].map((one) => cluster.delete(one, undefined)));
    const deleted = await atom("preview", "--expect-no-changes");
    assert.equal(deleted.status, 7, deleted.stderr);
    assert.match(deleted.stdout, /missing: StorageClass atom-replicated/);
    assert.match(deleted.stdout, /missing: VolumeGroupSnapshotClass atom-snapshots/);
    const mended = await atom("up", "-c", "classes[0].reclaimPolicy=Retain");
    assert.equal(mended.status, 0, mended.stderr);
    assert.equal((await storageClass())?.["reclaimPolicy"], "Retain");
    assert.notEqual(await cluster.get(group), undefined);
    await serveV1();
  });

  it("never takes a member anew that was removed by hand, not into an emptied state either", async () => {
    const member = point().vms?.find(({ node }) => node === "atom-b-1");
    assert.ok(member !== undefined);
    const vm = await systems.vm("atom-b-1");
    // Where another snapshot of the VM remains, the provider's refresh ends in an error.
    await systems.take(vm.reference, { name: "nightly" });
    await vcenter.removeSnapshot(member.handle, { timeoutMs: 60_000 });
    const drift = await atom("preview", "--expect-no-changes");
    assert.equal(drift.status, 7, drift.stderr);
    assert.match(drift.stdout, /atom-b-1/);
    const run = await atom("up");
    assert.equal(run.status, 0, run.stderr);
    assert.match(
      run.stdout + run.stderr,
      /VM snapshot of atom-b-1 is gone and will be marked LOST/,
    );
    const snapshots = await snapshotsByNode();
    assert.deepEqual(snapshots["atom-b-1"], ["nightly"]);
    assert.ok(point().vms?.find(({ node }) => node === "atom-b-1")?.lost !== undefined);
    engineStateOfLab(checkout.root).forEach((path) => rmSync(path, { recursive: true }));
    const emptied = await atom("up");
    assert.equal(emptied.status, 0, emptied.stderr);
    assert.deepEqual(await snapshotsByNode(), snapshots);
    const again = await atom("preview", "--expect-no-changes");
    assert.equal(again.status, 0, again.stderr);
  });

  it("answers 'cannot tell' with exit code 1 while the lab is stopped, then comes back as it was", async () => {
    assert.equal((await atom("lab", "stop")).status, 0);
    const run = await atom("preview", "--expect-no-changes", "--json");
    assert.equal(run.status, 1, run.stderr);
    const document = JSON.parse(run.stdout) as { result: string; unknown: { system: string }[] };
    assert.equal(document.result, "unknown");
    assert.deepEqual(document.unknown.map(({ system }) => system).sort(), ["cluster", "vcenter"]);
    assert.equal((await atom("lab", "up")).status, 0);
    const after = await atom("preview", "--expect-no-changes");
    assert.equal(after.status, 0, after.stderr);
  });
});

/** Every file of the folder, etcd's database included. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Arguments of every process of this machine, which any of its users can read. */
function commandLines(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(join("/proc", pid, "cmdline"), "utf8")];
      } catch {
        return []; // It ended meanwhile.
      }
    });
}
