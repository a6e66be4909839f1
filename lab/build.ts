import * as fs from "node:fs";
import * as path from "node:path";
import type { Progress, Reporter } from "../operations/reporter";
import type { Binary, BinaryPlace, LabPart } from "./binaries";
import { CRD_FOLDER, binaryPlace, checkBrought, missing } from "./binaries";
import type { Environment } from "./cache";
import { makeCacheRoot } from "./cache";
import { explainFileError } from "./error";
import { makeDir } from "./files";
import { goInfo, runGo } from "./go";
import { withLock } from "./lock";

/** Module that carries the snapshot CRDs as YAML, under `CRD_SOURCE`. */
const CRD_MODULE = "github.com/kubernetes-csi/external-snapshotter/client/v8";
const CRD_SOURCE = path.join("config", "crd");

export interface BuildOptions {
  readonly project: string;
  readonly need: readonly LabPart[];
  readonly env: Environment;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal;
}

/**
 * Gives the folder with the lab's binaries and CRDs, building what is missing. Interrupted, it goes on where
 * it stopped; two at once build only once. @throws LabError if something needed for it is missing.
 */
export async function ensureBinaries(options: BuildOptions): Promise<string> {
  const place = binaryPlace(options.project, options.env);
  if (place.brought) {
    checkBrought(place, options.need);
    return place.dir;
  }
  if (isComplete(place, options.need)) {
    return place.dir;
  }
  makeCacheRoot(options.env);
  const lock = {
    onWait: (pid: number) =>
      options.reporter.info(`Process ${pid} builds the lab; waiting for it.`),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  await withLock(`${place.dir}.lock`, lock, async () => {
    if (!isComplete(place, options.need)) {
      await build(place.dir, options);
    }
  });
  return place.dir;
}

function isComplete(place: BinaryPlace, need: readonly LabPart[]): boolean {
  const lack = missing(place.dir, need);
  return lack.binaries.length === 0 && !lack.crds;
}

async function build(dir: string, options: BuildOptions): Promise<void> {
  await goInfo(options.env);
  const work = path.join(dir, `building-${process.pid}`);
  clearLeftovers(dir);
  makeDir(work);
  const progress = options.reporter.progress("Building the lab (once)");
  try {
    const lack = missing(dir, options.need);
    await new Build(work, dir, options, progress).run(lack.binaries, lack.crds);
    progress.done();
  } catch (error) {
    progress.fail("stopped");
    throw explainFileError(error, `The lab's binaries cannot be put into ${dir}`);
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/** Half-made files of builds that were killed; the lock says that none of them is running. */
function clearLeftovers(dir: string): void {
  makeDir(dir);
  for (const name of fs.readdirSync(dir).filter((entry) => entry.startsWith("building-"))) {
    fs.rmSync(path.join(dir, name), { recursive: true, force: true });
  }
}

/** One run of the build with what it has done so far. */
class Build {
  private readonly compiled = new Set<string>();
  private fetched = 0;
  private readonly stale = new Set<string>();
  private text = "looking what there is to build";

  constructor(
    private readonly work: string,
    private readonly dir: string,
    private readonly options: BuildOptions,
    private readonly progress: Progress,
  ) {}

  async run(binaries: readonly Binary[], crds: boolean): Promise<void> {
    for (const module of new Set(binaries.map((binary) => binary.module))) {
      const packages = binaries.filter((b) => b.module === module).map((b) => b.package);
      await this.findStale(module, packages);
      this.show();
    }
    for (const [index, binary] of binaries.entries()) {
      this.text = `binary ${index + 1} of ${binaries.length}: ${binary.name}`;
      this.show();
      await this.compile(binary);
    }
    if (crds) {
      await this.copyCrds();
    }
  }

  private async go(module: string, args: readonly string[]): Promise<string> {
    return await runGo(args, {
      cwd: path.join(this.options.project, "lab", module),
      env: this.options.env,
      signal: this.options.signal,
      onLine: (line) => this.note(line),
    });
  }

  /** Go names each package on a line of its own when it has compiled it. */
  private note(line: string): void {
    if (line.startsWith("go: downloading ")) {
      this.fetched++;
    } else if (/^[\w.~/-]+$/.test(line)) {
      this.compiled.add(line);
    }
    this.show();
  }

  private show(): void {
    const total = this.stale.size;
    const fetched = this.fetched > 0 ? `, ${this.fetched} modules fetched` : "";
    const packages = total > 0 ? `, package ${this.compiled.size} of ${total}${fetched}` : fetched;
    this.progress.update({
      done: Math.min(this.compiled.size, total),
      total,
      text: `${this.text}${packages}`,
    });
  }

  /** Packages that both modules need are compiled once, and count once. */
  private async findStale(module: string, packages: readonly string[]): Promise<void> {
    const format = "{{if .Stale}}{{.ImportPath}}{{end}}";
    const args = ["list", "-deps", "-trimpath", "-f", format, ...packages];
    const out = await this.go(module, args);
    for (const line of out.split("\n").filter((name) => name !== "")) {
      this.stale.add(line);
    }
  }

  private async compile(binary: Binary): Promise<void> {
    const made = path.join(this.work, binary.name);
    const ldflags = ["-s", "-w", ...versionFlags(this.options.project, binary)].join(" ");
    const args = ["build", "-v", "-trimpath", "-buildvcs=false", "-ldflags", ldflags];
    await this.go(binary.module, [...args, "-o", made, binary.package]);
    fs.renameSync(made, path.join(this.dir, binary.name));
  }

  private async copyCrds(): Promise<void> {
    this.text = "snapshot CRDs";
    this.show();
    await this.go("controlplane", ["mod", "download", CRD_MODULE]);
    const module = await this.go("controlplane", ["list", "-m", "-f", "{{.Dir}}", CRD_MODULE]);
    const source = path.join(module.trim(), CRD_SOURCE);
    const made = path.join(this.work, CRD_FOLDER);
    makeDir(made);
    for (const name of fs.readdirSync(source).filter((file) => /_.+\.yaml$/.test(file))) {
      fs.writeFileSync(path.join(made, name), fs.readFileSync(path.join(source, name)));
    }
    fs.rmSync(path.join(this.dir, CRD_FOLDER), { recursive: true, force: true });
    fs.renameSync(made, path.join(this.dir, CRD_FOLDER));
  }
}

/** Version of Kubernetes that the control plane's go.mod pins, e.g. `v1.37.2`. */
export function kubernetesVersion(project: string): string {
  const file = path.join(project, "lab", "controlplane", "go.mod");
  const match = /^\s*k8s\.io\/kubernetes (v\d+\.\d+\.\d+)/m.exec(fs.readFileSync(file, "utf8"));
  if (match?.[1] === undefined) {
    throw new Error(`${file} pins no version of k8s.io/kubernetes`);
  }
  return match[1];
}

/**
 * Without these a server built from modules says `v0.0.0-master+$Format:%H$`, which clients cannot parse.
 * etcd has its version in its source.
 */
function versionFlags(project: string, binary: Binary): string[] {
  if (!binary.package.startsWith("k8s.io/kubernetes/")) {
    return [];
  }
  const version = kubernetesVersion(project);
  const [major, minor] = version.slice(1).split(".");
  const target = "k8s.io/component-base/version";
  return [
    `-X ${target}.gitVersion=${version}`,
    `-X ${target}.gitMajor=${major}`,
    `-X ${target}.gitMinor=${minor}`,
    `-X ${target}.gitTreeState=clean`,
  ];
}
