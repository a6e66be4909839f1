import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as path from "node:path";
import { binaryPlace } from "../../lab/binaries";
import { ensureBinaries } from "../../lab/build";
import { kubernetesVersion, pulumiVersion } from "../../lab/versions";
import { LabError } from "../../lab/error";
import { projectDir } from "../../lab/paths";
import { until } from "../../lab/processes";
import { fakeGo } from "./support/fakeGo";
import { recordingReporter } from "./support/recordingReporter";
import { removeTemporary, temporary } from "./support/temporary";

// What this cannot show: that the real Go builds these modules; the lab tests do.
describe("building the lab's binaries", () => {
  const project = projectDir();
  const need = ["cluster", "vcenter"] as const;
  const builds = (calls: readonly string[]): string[] =>
    calls.filter((call) => call.startsWith("build ")).map((call) => call.split(" ").at(-1) ?? "");

  const programsIn = (dir: string): string[] =>
    fs
      .readdirSync(dir)
      .filter((name) => name !== "checksums.json")
      .sort();

  afterEach(removeTemporary);

  it("builds each missing binary once and says how far it is", async () => {
    const go = fakeGo(temporary());
    const reporter = recordingReporter();
    const place = await ensureBinaries({ project, need, env: go.env, reporter });
    const { controlplane, vcenter, sidecars } = place.dirs;
    assert.deepEqual(fs.readdirSync(controlplane).sort(), [
      "checksums.json",
      "crds",
      "etcd",
      "kube-apiserver",
      "kube-controller-manager",
    ]);
    assert.deepEqual(programsIn(vcenter), ["vcenter"]);
    assert.ok(!fs.existsSync(sidecars));
    assert.deepEqual(fs.readdirSync(path.join(controlplane, "crds")), ["example.org_things.yaml"]);
    const built = builds(go.calls());
    assert.deepEqual(built, [
      ".",
      "go.etcd.io/etcd/server/v3",
      "k8s.io/kubernetes/cmd/kube-apiserver",
      "k8s.io/kubernetes/cmd/kube-controller-manager",
    ]);
    assert.ok(
      reporter.updates.some(
        ({ text }) => text === "binary 3 of 4: kube-apiserver, package 2 of 2, 3 modules fetched",
      ),
    );
    assert.deepEqual(reporter.updates.at(-1)?.done, 2);

    assert.deepEqual(await ensureBinaries({ project, need, env: go.env, reporter }), place);
    assert.deepEqual(builds(go.calls()), built);
  });

  it("builds only what a need of the vCenter alone asks for", async () => {
    const go = fakeGo(temporary());
    const reporter = recordingReporter();
    const place = await ensureBinaries({ project, need: ["vcenter"], env: go.env, reporter });
    assert.deepEqual(fs.readdirSync(path.dirname(place.dirs.vcenter)), [
      path.basename(place.dirs.vcenter),
    ]);
    assert.deepEqual(programsIn(place.dirs.vcenter), ["vcenter"]);
  });

  it("builds the data plane from its modules, once it is asked for", async () => {
    const go = fakeGo(temporary());
    const options = { project, env: go.env, reporter: recordingReporter() };
    await ensureBinaries({ ...options, need });
    const before = builds(go.calls()).length;
    const { dirs } = await ensureBinaries({ ...options, need: [...need, "data"] });
    assert.equal(builds(go.calls()).length - before, 10);
    assert.deepEqual(programsIn(dirs.storage), ["lab-csi", "lab-runner"]);
    assert.deepEqual(programsIn(dirs.provisioner), ["csi-provisioner"]);
    assert.deepEqual(programsIn(dirs.sidecars), [
      "csi-attacher",
      "csi-snapshotter",
      "kwok",
      "snapshot-controller",
    ]);
    assert.deepEqual(
      programsIn(dirs.controlplane).filter((name) => /etcd|sched/.test(name)),
      ["etcd", "etcdctl", "etcdutl", "kube-scheduler"],
    );
  });

  it("builds the engine into one folder, each program in its go.mod, and tells it the version", async () => {
    const go = fakeGo(temporary());
    const options = { project, env: go.env, reporter: recordingReporter() };
    const { dirs } = await ensureBinaries({ ...options, need: ["engine"] });
    assert.deepEqual(programsIn(dirs.engine), [
      "pulumi",
      "pulumi-language-nodejs",
      "pulumi-resource-kubernetes",
      "pulumi-resource-vsphere",
    ]);
    const lists = go.calls().filter((call) => call.startsWith("list -deps"));
    assert.equal(lists.length, 2);
    assert.equal(builds(go.calls()).length, 4);
    const cli = go.calls().find((call) => /^build .*\/cmd\/pulumi$/.test(call)) ?? "";
    assert.match(pulumiVersion(project), /^v3\.\d+\.\d+$/);
    assert.ok(cli.includes(`/version.Version=${pulumiVersion(project)} `), cli);
  });

  it("tells the Kubernetes programs the pinned version, which clients parse", async () => {
    const go = fakeGo(temporary());
    await ensureBinaries({ project, need, env: go.env, reporter: recordingReporter() });
    const call = go.calls().find((line) => line.endsWith("kube-apiserver")) ?? "";
    const version = kubernetesVersion(project);
    assert.match(version, /^v1\.\d+\.\d+$/);
    assert.ok(call.includes(`-X k8s.io/component-base/version.gitVersion=${version} `), call);
    assert.ok(!(go.calls().find((line) => line.endsWith("server/v3")) ?? "").includes(version));
  });

  it("builds once when two builds run at once", async () => {
    const go = fakeGo(temporary(), { seconds: 0.2 });
    const waiting = recordingReporter();
    const [first, second] = await Promise.all([
      ensureBinaries({ project, need, env: go.env, reporter: recordingReporter() }),
      ensureBinaries({ project, need, env: go.env, reporter: waiting }),
    ]);
    assert.deepEqual(first, second);
    assert.equal(builds(go.calls()).length, 4);
    assert.deepEqual(waiting.said, [`Process ${process.pid} builds the lab; waiting for it.`]);
  });

  it("goes on after a failure with what is still missing", async () => {
    const dir = temporary();
    const message = "dial tcp: lookup proxy.example: no such host";
    const broken = fakeGo(dir, { failing: "kube-apiserver", message });
    const reporter = recordingReporter();
    const options = { project, need, reporter };
    await assert.rejects(ensureBinaries({ ...options, env: broken.env }), (error: unknown) => {
      assert.ok(error instanceof LabError);
      assert.match(
        error.message,
        /^The Go modules of the lab cannot be fetched\. Check the network/,
      );
      assert.ok(error.message.includes(message));
      return true;
    });
    const { controlplane, vcenter } = binaryPlace(project, broken.env).dirs;
    assert.deepEqual(programsIn(controlplane), ["etcd"]);
    assert.deepEqual(programsIn(vcenter), ["vcenter"]);
    const mended = fakeGo(dir);
    const before = mended.calls().length;
    await ensureBinaries({ ...options, env: mended.env });
    assert.equal(builds(mended.calls().slice(before)).length, 2);
  });

  it("goes on after a kill in the middle, without the remains of it", async () => {
    const go = fakeGo(temporary(), { seconds: 30 });
    const script = `
      const { ensureBinaries } = require(${JSON.stringify(path.resolve(__dirname, "../../lab/build.js"))});
      const { silentReporter } = require(${JSON.stringify(path.resolve(__dirname, "../support/silentReporter.js"))});
      void ensureBinaries({ project: ${JSON.stringify(project)}, need: ["vcenter"], env: process.env, reporter: silentReporter });`;
    const child = spawn(process.execPath, ["-e", script], { env: { ...go.env }, detached: true });
    const place = binaryPlace(project, go.env).dirs.vcenter;
    const leftovers = path.join(place, `building-${child.pid}`);
    assert.ok(await until(() => builds(go.calls()).length === 1, 50_000));
    assert.ok(fs.existsSync(leftovers));
    assert.ok(child.pid !== undefined);
    process.kill(-child.pid, "SIGKILL");
    await once(child, "close");
    assert.ok(fs.existsSync(`${place}.lock`));

    const mended = fakeGo(path.dirname(go.env["XDG_CACHE_HOME"] ?? ""));
    const reporter = recordingReporter();
    await ensureBinaries({ project, need: ["vcenter"], env: mended.env, reporter });
    assert.deepEqual(programsIn(place), ["vcenter"]);
    assert.ok(!fs.existsSync(`${place}.lock`));
  });

  it("builds a program anew that is not what was built, and no other", async () => {
    const go = fakeGo(temporary());
    const options = { project, env: go.env, reporter: recordingReporter() };
    const { controlplane } = (await ensureBinaries({ ...options, need })).dirs;
    const [etcd, apiserver] = [`${controlplane}/etcd`, `${controlplane}/kube-apiserver`];
    const built = fs.readFileSync(etcd, "utf8");
    const damages: readonly (readonly [string, () => void, readonly string[]])[] = [
      ["cut short", () => fs.truncateSync(etcd, 3), ["go.etcd.io/etcd/server/v3"]],
      [
        "other bytes of the same length and age",
        () => {
          const { atime, mtime } = fs.statSync(etcd);
          fs.writeFileSync(etcd, built.replace("sh", "ss"));
          fs.utimesSync(etcd, atime, mtime);
        },
        ["go.etcd.io/etcd/server/v3"],
      ],
      ["the same bytes under one more name", () => fs.linkSync(apiserver, `${apiserver}.2`), []],
      [
        "no checksums",
        () => fs.writeFileSync(`${controlplane}/checksums.json`, "{"),
        [
          "go.etcd.io/etcd/server/v3",
          "k8s.io/kubernetes/cmd/kube-apiserver",
          "k8s.io/kubernetes/cmd/kube-controller-manager",
        ],
      ],
    ];
    for (const [what, damage, anew] of damages) {
      const before = builds(go.calls()).length;
      damage();
      await ensureBinaries({ ...options, need });
      assert.deepEqual(builds(go.calls()).slice(before), anew, what);
      assert.equal(fs.readFileSync(etcd, "utf8"), built, what);
    }
  });

  it("names what a folder of brought binaries lacks", async () => {
    const dir = temporary();
    fs.writeFileSync(path.join(dir, "etcd"), "", { mode: 0o755 });
    fs.writeFileSync(path.join(dir, "vcenter"), "", { mode: 0o644 });
    const env = { ATOM_LAB_BIN: dir };
    await assert.rejects(
      ensureBinaries({ project, need, env, reporter: recordingReporter() }),
      new LabError(
        `ATOM_LAB_BIN=${dir} lacks vcenter, kube-apiserver, kube-controller-manager, crds/*.yaml. Put them there, or unset ATOM_LAB_BIN to have them built.`,
      ),
    );
  });
});
