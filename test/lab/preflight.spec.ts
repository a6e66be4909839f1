import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { BINARIES, binaryPlace, programFile } from "../../lab/binaries";
import { kubernetesVersion } from "../../lab/versions";
import type { Environment } from "../../lab/cache";
import { projectDir } from "../../lab/paths";
import { preflightHost } from "../../lab/preflight";
import { noteChecksum } from "../../lab/checksums";
import { fakeGo } from "./support/fakeGo";
import { removeTemporary, temporary } from "./support/temporary";

const GIB = 1024 ** 3;

describe("the check of the host", () => {
  afterEach(removeTemporary);

  const plenty = { freeDisk: () => 100 * GIB, freeMemory: () => 100 * GIB };

  function putBinaries(env: Environment): void {
    const place = binaryPlace(projectDir(), env);
    const crds = path.join(place.dirs.controlplane, "crds");
    fs.mkdirSync(crds, { recursive: true });
    fs.writeFileSync(path.join(crds, "example.org_things.yaml"), "");
    for (const { name } of BINARIES.filter(
      ({ part }) => part === "cluster" || part === "vcenter",
    )) {
      const file = programFile(place, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, "", { mode: 0o755 });
      noteChecksum(file);
    }
  }

  it("finds nothing wrong and names what will be built and fetched", async () => {
    const dir = temporary();
    const { env } = fakeGo(dir);
    assert.deepEqual(await preflightHost({ root: temporary(), env, ...plenty }), {
      problems: [],
      mustBuild: ["vcenter", "etcd", "kube-apiserver", "kube-controller-manager"],
      needsModuleProxy: true,
    });
    const version = kubernetesVersion(projectDir());
    fs.mkdirSync(path.join(dir, "mod", "k8s.io", `kubernetes@${version}`), { recursive: true });
    const again = await preflightHost({ root: temporary(), env, ...plenty });
    assert.equal(again.needsModuleProxy, false);
  });

  it("asks for no Go, little disk and little memory when nothing has to be built", async () => {
    const env = { XDG_CACHE_HOME: temporary(), PATH: "/nowhere" };
    putBinaries(env);
    const small = { freeDisk: () => GIB, freeMemory: () => 1.5 * GIB };
    assert.deepEqual(await preflightHost({ root: temporary(), env, ...small }), {
      problems: [],
      mustBuild: [],
      needsModuleProxy: false,
    });
  });

  it("names all that is wrong at once", async () => {
    const root = temporary();
    const cache = temporary();
    const env = { XDG_CACHE_HOME: cache, PATH: "/nowhere" };
    const { problems } = await preflightHost({
      root,
      env,
      freeDisk: () => 100 * 1024 ** 2,
      freeMemory: () => GIB,
    });
    assert.deepEqual(problems, [
      `${root} has 100 MiB free; running the lab takes 512 MiB. Free some space.`,
      "Go 1.26 or later is needed once to build the lab, and it was not found. Install it and put it on PATH, or set ATOM_LAB_BIN to a folder with ready binaries.",
      "Building the lab takes 2048 MiB of memory; 1024 MiB are free. End other programs.",
    ]);
  });

  it("names each disk that is too small for a build", async () => {
    const dir = temporary();
    const { env } = fakeGo(dir);
    fs.mkdirSync(path.join(dir, "build"));
    const root = temporary();
    const freeDisk = (at: string): number => (at === path.join(dir, "build") ? GIB : 100 * GIB);
    const { problems } = await preflightHost({ root, env, ...plenty, freeDisk });
    assert.deepEqual(problems, [
      `${dir}/build has 1024 MiB free; building the lab takes 6144 MiB. Free some space.`,
    ]);
  });

  it("says what brought binaries lack", async () => {
    const bin = temporary();
    const env = { ATOM_LAB_BIN: bin };
    const { problems, mustBuild } = await preflightHost({ root: temporary(), env, ...plenty });
    assert.deepEqual(mustBuild, []);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", /^ATOM_LAB_BIN=.* lacks vcenter, etcd, /);
  });
});
