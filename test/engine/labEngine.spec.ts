import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { BINARIES, binaryPlace } from "../../lab/binaries";
import { labEngine, readyEngine } from "../../engine/labEngine";
import { projectDir } from "../../lab/paths";
import { pulumiVersion } from "../../lab/versions";
import { fakeGo } from "../lab/support/fakeGo";
import { recordingReporter } from "../lab/support/recordingReporter";
import { removeTemporary, temporary } from "../lab/support/temporary";

const PROGRAMS = BINARIES.filter(({ part }) => part === "engine").map(({ name }) => name);

// What this cannot show: that such a CLI deploys; the lab tests do.
describe("the engine for the lab", () => {
  const project = projectDir();
  let env: Record<string, string | undefined>;
  let builds: () => number;

  beforeEach(() => {
    const go = fakeGo(temporary());
    builds = () => go.calls().filter((call) => call.startsWith("build ")).length;
    // Nothing of the machine that runs this test.
    const bin = (go.env["PATH"] ?? "").split(path.delimiter)[0] ?? "";
    env = { ...go.env, PATH: `${bin}:/usr/bin:/bin`, HOME: temporary() };
  });

  afterEach(removeTemporary);

  function install(folder: string, names: readonly string[]): void {
    fs.mkdirSync(folder, { recursive: true });
    for (const name of names) {
      const script = "#!/bin/sh\necho v3.250.0\n";
      fs.writeFileSync(path.join(folder, name), script, { mode: 0o755 });
    }
  }

  it("is built where the machine has no pulumi, and only then", async () => {
    const reporter = recordingReporter();
    assert.equal(await readyEngine(project, env, reporter), undefined);
    assert.equal(builds(), 0);
    const folder = binaryPlace(project, env).dirs.engine;
    const title = `pulumi ${pulumiVersion(project)} (built by the lab)`;
    const expected = { pulumi: path.join(folder, "pulumi"), title, pathFolder: folder };
    assert.deepEqual(await labEngine(project, env, reporter), expected);
    assert.equal(builds(), PROGRAMS.length);
    assert.deepEqual(await readyEngine(project, env, reporter), expected);
    const after = { ...env, PATH: `${folder}:${env["PATH"] ?? ""}` };
    assert.equal((await labEngine(project, after, reporter)).pathFolder, undefined);
    assert.equal(builds(), PROGRAMS.length);
  });

  it("is the pulumi on PATH with its plugins on PATH, beside it or in its cache", async () => {
    const folder = temporary();
    const plugins = path.join(env["HOME"] ?? "", ".pulumi", "plugins");
    install(folder, ["pulumi", "pulumi-language-nodejs"]);
    install(path.join(plugins, "resource-kubernetes-v4.34.2"), ["pulumi-resource-kubernetes"]);
    install(path.join(plugins, "resource-vsphere-v4.18.0"), ["pulumi-resource-vsphere"]);
    const found = await labEngine(
      project,
      { ...env, PATH: `/nowhere:${folder}` },
      recordingReporter(),
    );
    assert.deepEqual(found, {
      pulumi: path.join(folder, "pulumi"),
      title: "pulumi v3.250.0",
      pathFolder: undefined,
    });
    assert.equal(builds(), 0);
  });

  it("is the pulumi of ~/.pulumi/bin, whose folder has to go on PATH", async () => {
    const folder = path.join(env["HOME"] ?? "", ".pulumi", "bin");
    install(folder, PROGRAMS);
    const found = await readyEngine(project, env, recordingReporter());
    const title = "pulumi v3.250.0";
    assert.deepEqual(found, { pulumi: path.join(folder, "pulumi"), title, pathFolder: folder });
  });

  it("is built where a plugin of the pulumi on PATH is not installed, and names it", async () => {
    const folder = temporary();
    install(
      folder,
      PROGRAMS.filter((name) => name !== "pulumi-resource-vsphere"),
    );
    const reporter = recordingReporter();
    const { pulumi } = await labEngine(
      project,
      { ...env, PATH: `${folder}:${env["PATH"] ?? ""}` },
      reporter,
    );
    assert.equal(path.dirname(pulumi), binaryPlace(project, env).dirs.engine);
    assert.match(reporter.said[0] ?? "", /pulumi-resource-vsphere is not installed/);
  });

  it("is not that of another version of the lab, which lab env once put on PATH", async () => {
    const old = path.join(path.dirname(binaryPlace(project, env).dirs.engine), "engine-0000");
    install(old, PROGRAMS);
    const { pulumi } = await labEngine(
      project,
      { ...env, PATH: `${old}:${env["PATH"] ?? ""}` },
      recordingReporter(),
    );
    assert.equal(path.dirname(pulumi), binaryPlace(project, env).dirs.engine);
  });
});
