import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { BINARIES } from "../../lab/binaries";
import { kubernetesVersion } from "../../lab/build";
import { projectDir } from "../../lab/paths";

const folder = (module: string): string => path.join(projectDir(), "lab", module);
const read = (module: string, file: string): string =>
  fs.readFileSync(path.join(folder(module), file), "utf8");

describe("the Go modules of the lab", () => {
  const controlplane = read("controlplane", "go.mod");

  it("name as tools exactly the programs that are built from them", () => {
    const tools = /^tool \(\n([^)]+)\)/m.exec(controlplane)?.[1] ?? "";
    assert.deepEqual(
      tools.trim().split(/\s+/).sort(),
      BINARIES.filter((binary) => binary.module === "controlplane")
        .map((binary) => binary.package)
        .sort(),
    );
  });

  it("take every part of Kubernetes from the same release", () => {
    const release = kubernetesVersion(projectDir()).replace(/^v1\./, "v0.");
    const replaces = [...controlplane.matchAll(/^\t(k8s\.io\/\S+) => (\S+) (\S+)$/gm)];
    assert.ok(replaces.length > 25);
    for (const [, from, to, version] of replaces) {
      assert.deepEqual([to, version], [from, release]);
    }
  });

  for (const module of ["controlplane", "vcenter"]) {
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
    const yaml = ["controlplane", "vcenter"].flatMap((module) =>
      fs.readdirSync(folder(module)).filter((name) => /\.ya?ml$/.test(name)),
    );
    assert.deepEqual(yaml, []);
    assert.match(
      controlplane,
      /github\.com\/kubernetes-csi\/external-snapshotter\/client\/v8 v8\./,
    );
  });
});
