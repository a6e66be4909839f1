import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { BINARIES, MODULES } from "../../lab/binaries";
import { kubernetesVersion } from "../../lab/versions";
import { projectDir } from "../../lab/paths";

const folder = (module: string): string => path.join(projectDir(), "lab", module);
const read = (module: string, file: string): string =>
  fs.readFileSync(path.join(folder(module), file), "utf8");

describe("the Go modules of the lab", () => {
  const controlplane = read("controlplane", "go.mod");

  // The other two hold sources of our own.
  for (const module of [
    "controlplane",
    "sidecars",
    "provisioner",
    "velero",
    "prometheus",
  ] as const) {
    it(`name as tools of ${module} exactly the programs that are built from it`, () => {
      const mod = read(module, "go.mod");
      const tools = /^tool \(\n([^)]+)\)/m.exec(mod)?.[1] ?? /^tool (\S+)$/m.exec(mod)?.[1] ?? "";
      assert.deepEqual(
        tools.trim().split(/\s+/).sort(),
        BINARIES.filter((binary) => binary.module === module)
          .map((binary) => binary.package)
          .sort(),
      );
    });

    it(`pin the content of ${module} by a sum of each program's module`, () => {
      const sums = read(module, "go.sum");
      const versions = new Map(
        [...read(module, "go.mod").matchAll(/^\s*(?:require )?(\S+) (v\S+) \/\/ indirect$/gm)].map(
          ([, name = "", version = ""]) => [name, version],
        ),
      );
      for (const binary of BINARIES.filter((one) => one.module === module)) {
        const owner = [...versions.keys()]
          .filter((name) => binary.package === name || binary.package.startsWith(`${name}/`))
          .sort((x, y) => y.length - x.length)[0];
        assert.ok(owner !== undefined, binary.package);
        assert.ok(sums.includes(`${owner} ${versions.get(owner)} h1:`), binary.package);
      }
    });
  }

  it("give the engine the plugins' versions that the SDKs ask for", () => {
    for (const [plugin, sdk] of [
      ["engine/kubernetes", "@pulumi/kubernetes"],
      ["engine/pulumi/resource-vsphere", "@pulumi/vsphere"],
    ] as const) {
      const { version } = JSON.parse(
        fs.readFileSync(require.resolve(`${sdk}/package.json`), "utf8"),
      ) as { version: string };
      assert.match(
        read(plugin, "main.go"),
        new RegExp(`version = "${version.replaceAll(".", "\\.")}"`),
      );
    }
  });

  it("take the CLI and the SDK, in Go and in Node, from the same release", () => {
    const mod = read("engine/pulumi", "go.mod");
    const pinned = [...mod.matchAll(/pulumi\/pulumi\/(?:pkg|sdk)\/v3 (v\S+)/g)].map(([, v]) => v);
    const { version } = JSON.parse(
      fs.readFileSync(require.resolve("@pulumi/pulumi/package.json"), "utf8"),
    ) as { version: string };
    assert.deepEqual(pinned, [`v${version}`, `v${version}`]);
  });

  it("take the snapshot CRDs and the programs that use them from the same release", () => {
    const client = (module: string): string | undefined =>
      /external-snapshotter\/client\/v8 (v\S+)/.exec(read(module, "go.mod"))?.[1];
    assert.equal(client("sidecars"), client("controlplane"));
    assert.match(
      read("sidecars", "go.mod"),
      new RegExp(`external-snapshotter/v8 ${client("controlplane")?.replaceAll(".", "\\.")} `),
    );
  });

  it("take the etcd tools from the server's release", () => {
    const versions = [
      ...controlplane.matchAll(/go\.etcd\.io\/etcd\/(?:server|etcdctl|etcdutl)\/v3 (v\S+)/g),
    ];
    assert.equal(versions.length, 3);
    assert.equal(new Set(versions.map(([, version]) => version)).size, 1);
  });

  it("take every part of Kubernetes from the same release", () => {
    const release = kubernetesVersion(projectDir()).replace(/^v1\./, "v0.");
    const replaces = [...controlplane.matchAll(/^\t(k8s\.io\/\S+) => (\S+) (\S+)$/gm)];
    assert.ok(replaces.length > 25);
    for (const [, from, to, version] of replaces) {
      assert.deepEqual([to, version], [from, release]);
    }
  });

  for (const module of [
    "controlplane",
    "vcenter",
    "storage",
    "engine/pulumi",
    "engine/kubernetes",
  ]) {
    it(`pin the content of ${module} by a sum of each direct requirement`, () => {
      const sums = read(module, "go.sum");
      const direct = [
        ...read(module, "go.mod").matchAll(/^(?:require |\t)(\S+\.\S+\/\S+) (v\S+)$/gm),
      ];
      assert.ok(direct.length > 0);
      for (const [, name, version] of direct) {
        assert.ok(sums.includes(`${name} ${version} h1:`), `${name} ${version}`);
      }
    });
  }

  it("hold no copy of the snapshot CRDs", () => {
    const yaml = MODULES.flatMap((module) =>
      fs.readdirSync(folder(module)).filter((name) => /\.ya?ml$/.test(name)),
    );
    assert.deepEqual(yaml, []);
    assert.match(
      controlplane,
      /github\.com\/kubernetes-csi\/external-snapshotter\/client\/v8 v8\./,
    );
  });
});
