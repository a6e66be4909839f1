import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findPulumi } from "../../engine/findPulumi";

describe("looking for the Pulumi CLI", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "atom-find-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function install(place: string, answer: string): Promise<string> {
    await mkdir(join(folder, place), { recursive: true });
    const path = join(folder, place, "pulumi");
    await writeFile(path, `#!/bin/sh\n[ "$1" = version ] && echo "${answer}"\n`);
    await chmod(path, 0o755);
    return path;
  }

  it("prefers PATH to the home folder", async () => {
    await install("home/.pulumi/bin", "v3.250.0");
    const path = await install("bin", "v3.259.0");
    const env = { PATH: join(folder, "bin"), HOME: join(folder, "home") };
    deepStrictEqual(await findPulumi(env), { path, version: "3.259.0" });
  });

  it("finds one in ~/.pulumi/bin and in $PULUMI_HOME/bin", async () => {
    const home = await install("home/.pulumi/bin", "v3.250.0");
    deepStrictEqual(await findPulumi({ PATH: "/nowhere", HOME: join(folder, "home") }), {
      path: home,
      version: "3.250.0",
    });
    const other = await install("elsewhere/bin", "v3.251.1");
    deepStrictEqual(await findPulumi({ PULUMI_HOME: join(folder, "elsewhere") }), {
      path: other,
      version: "3.251.1",
    });
  });

  it("finds none without HOME, with a folder of that name, with a file that cannot be run", async () => {
    strictEqual(await findPulumi({ PATH: "/nowhere" }), undefined);
    await mkdir(join(folder, "a", "pulumi"), { recursive: true });
    await mkdir(join(folder, "b"));
    await writeFile(join(folder, "b", "pulumi"), "");
    const PATH = `${join(folder, "a")}:${join(folder, "b")}`;
    strictEqual(await findPulumi({ PATH }), undefined);
  });

  it("refuses one that is too old or does not answer", async () => {
    await install("old", "v3.226.9");
    await rejects(findPulumi({ PATH: join(folder, "old") }), /3\.226\.9; at least 3\.227\.0/);
    await install("odd", "hello");
    await rejects(findPulumi({ PATH: join(folder, "odd") }), /answered "hello", no version/);
  });
});
