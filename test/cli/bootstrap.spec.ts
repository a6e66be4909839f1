import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../config/projectRoot";

/** What the script itself runs; everything else is put there, or left out, by the case. */
const tools = [
  ..."bash awk basename cat cmp cp date df dirname env find flock grep head id mkdir mktemp mv".split(
    " ",
  ),
  ..."printf readlink rm sed sleep sort touch uname wc".split(" "),
];

interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The script's own checks, on a prepared checkout whose command line only says that it was reached. */
describe("the bootstrap script", () => {
  let dir: string;
  let bin: string;
  let root: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "atom-bootstrap-"));
    bin = join(dir, "bin");
    root = join(dir, "checkout");
    mkdirSync(bin);
    for (const tool of tools) {
      symlinkSync(join("/usr/bin", tool), join(bin, tool));
    }
    for (const folder of ["node_modules", "dist/cli"]) {
      mkdirSync(join(root, folder), { recursive: true });
    }
    copyFileSync(join(projectRoot(), "atom"), join(root, "atom"));
    writeFileSync(join(root, "package-lock.json"), "{}\n");
    writeFileSync(join(root, "node_modules", ".atom-installed"), "{}\n");
    writeFileSync(join(root, "dist", ".atom-built"), "");
    put("node", `if [ "$1" = --version ]; then echo v20.20.2; else echo "reached $*"; fi`);
  });

  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  /** Puts a program of the given shell text on the PATH of the case. */
  function put(name: string, text: string): void {
    const path = join(bin, name);
    writeFileSync(path, `#!${join("/usr", "bin", "bash")}\n${text}\n`);
    chmodSync(path, 0o755);
  }

  function atom(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
    return new Promise((resolve) => {
      execFile(
        join(root, "atom"),
        args,
        { env: { PATH: bin, HOME: join(dir, "home"), ...env } },
        (error, stdout, stderr) => {
          const status = error === null ? 0 : Number(error.code);
          resolve({ status, stdout, stderr });
        },
      );
    });
  }

  it("says that Node is missing", async () => {
    rmSync(join(bin, "node"));
    const { status, stderr } = await atom(["preview"]);
    assert.equal(status, 1);
    assert.equal(
      stderr,
      "This run cannot start:\n" +
        "  - Node.js is not on PATH. Install Node 20.19.0 or later (20, 22 or 24) and run the command again.\n",
    );
  });

  it("says that Node is too old", async () => {
    put("node", "echo v18.20.1");
    const { status, stderr } = await atom(["preview"]);
    assert.equal(status, 1);
    assert.equal(
      stderr,
      "This run cannot start:\n  - Node 18.20.1 is too old. Install Node 20.19.0 or later.\n",
    );
  });

  it("asks for Go only where the lab has to be built", async () => {
    for (const args of [["up"], ["up", "--yes"], ["lab", "up"], ["test"]]) {
      const { status, stderr } = await atom(args);
      assert.equal(status, 1, args.join(" "));
      assert.match(stderr, /Go is not on PATH\. The lab is built once with Go 1\.26/);
    }
    for (const args of [
      ["up", "--stack", "oslo"],
      ["up", "--stack=oslo"],
      ["preview", "--offline"],
      ["lab", "status"],
      ["up", "--help"],
    ]) {
      const { status, stdout, stderr } = await atom(args);
      assert.equal(status, 0, stderr);
      assert.match(stdout, /^reached /);
    }
  });

  it("says that Go is too old", async () => {
    put("go", "echo go1.21.3");
    const { status, stderr } = await atom(["up"]);
    assert.equal(status, 1);
    assert.match(stderr, /Go 1\.21\.3 is too old for the lab\. Install Go 1\.26 or later/);
  });

  it("needs no Go with ready binaries, brought or built before", async () => {
    assert.equal((await atom(["up"], { ATOM_LAB_BIN: dir })).status, 0);
    const cache = join(dir, "home", ".cache", "atom-backup");
    const controlPlane = join(cache, "controlplane-12ab");
    const build = (folder: string, names: readonly string[]): void => {
      mkdirSync(folder, { recursive: true });
      for (const name of names) {
        writeFileSync(join(folder, name), "");
        chmodSync(join(folder, name), 0o755);
      }
    };
    build(controlPlane, ["etcd", "kube-apiserver", "kube-controller-manager"]);
    build(join(cache, "vcenter-34cd"), ["vcenter"]);
    assert.equal((await atom(["up"])).status, 1, "a build without its CRDs is not whole");
    mkdirSync(join(controlPlane, "crds"));
    const engine = join(cache, "engine-56ef");
    const plugins = ["language-nodejs", "resource-kubernetes", "resource-vsphere"];
    build(engine, ["pulumi", ...plugins.slice(0, 2).map((name) => `pulumi-${name}`)]);
    assert.equal((await atom(["up"])).status, 1, "an engine without a plugin is not whole");
    build(
      engine,
      plugins.map((name) => `pulumi-${name}`),
    );
    assert.equal((await atom(["up"])).status, 0);
    rmSync(engine, { recursive: true });
    assert.equal((await atom(["up"])).status, 1, "a build without the engine is not whole");
    put("pulumi", "echo v3.248.0");
    assert.equal((await atom(["up"])).status, 0);
    rmSync(join(cache, "vcenter-34cd"), { recursive: true });
    assert.equal((await atom(["up"])).status, 1, "a build without the vCenter is not whole");
  });

  it("says how much disk is missing for the build", async () => {
    put("go", "echo go1.26.1");
    rmSync(join(bin, "df"));
    put("df", 'printf "Filesystem\\nx 1 1 700 1%% /\\n"');
    const { status, stderr } = await atom(["up"]);
    assert.equal(status, 1);
    assert.match(stderr, /Only 700 MiB are free in .*; building the lab needs 12 GiB once/);
    put("pulumi", "echo v3.248.0");
    assert.match((await atom(["up"])).stderr, /building the lab needs 6 GiB once/);
  });

  it("works without HOME", async () => {
    const { status, stdout, stderr } = await atom(["preview", "--offline"], { HOME: undefined });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^reached .*preview --offline/);
  });

  it("reports npm's absence and lack of disk together when packages have to be installed", async () => {
    rmSync(join(root, "node_modules", ".atom-installed"));
    rmSync(join(bin, "df"));
    put("df", 'printf "Filesystem\\nx 1 1 100 1%% /\\n"');
    const { status, stderr } = await atom(["preview"]);
    assert.equal(status, 1);
    assert.match(stderr, /npm is not on PATH/);
    assert.match(stderr, /Only 100 MiB are free in .*; installing the packages needs 600 MiB/);
  });

  it("says what to do when the registry does not answer, and starts over the next time", async () => {
    rmSync(join(root, "node_modules", ".atom-installed"));
    put("npm", 'echo "npm error network request failed" >&2; exit 1');
    const first = await atom(["preview"]);
    assert.equal(first.status, 1);
    assert.match(first.stderr, /npm error network request failed/);
    assert.match(first.stderr, /npm ci failed\. If the registry cannot be reached/);
    put("npm", 'if [ "$1" = run ]; then mkdir -p "$PWD/dist"; fi');
    const second = await atom(["preview"]);
    assert.equal(second.status, 0, second.stderr);
    assert.match(second.stdout, /^reached /);
  });
});
