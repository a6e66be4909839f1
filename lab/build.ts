import * as fs from "node:fs";
import * as path from "node:path";
import type { Progress, Reporter } from "../clients/reporter";
import type { Binary, BinaryPlace, Lack, LabPart, Module } from "./binaries";
import {
  CRD_FOLDER,
  MODULES,
  binaryPlace,
  checkBrought,
  goFolder,
  isComplete,
  missing,
  programFile,
} from "./binaries";
import type { Environment } from "./cache";
import { makeCacheRoot } from "./cache";
import { noteChecksum } from "./checksums";
import { explainFileError } from "./error";
import { makeDir } from "./files";
import { goInfo, runGo } from "./go";
import { withLock } from "./lock";
import { versionFlags } from "./versions";

/** Module that carries the snapshot CRDs as YAML, under `CRD_SOURCE`. */
const CRD_MODULE = "github.com/kubernetes-csi/external-snapshotter/client/v8";
const CRD_SOURCE = path.join("config", "crd");

/** The linker drops the debugger's tables; not to make them saves a fifth of time and disk. */
const COMPILE_FLAGS = ["-trimpath", "-gcflags=all=-dwarf=false"];

export interface BuildOptions {
  readonly project: string;
  readonly need: readonly LabPart[];
  readonly env: Environment;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal;
}

/**
 * Gives the place of the lab's binaries and CRDs, building what is missing. Interrupted, it goes on where
 * it stopped; two at once build only once. @throws LabError if something needed for it is missing.
 */
export async function ensureBinaries(options: BuildOptions): Promise<BinaryPlace> {
  const place = binaryPlace(options.project, options.env);
  if (place.brought) {
    checkBrought(place, options.need);
    return place;
  }
  if (isComplete(place, options.need)) {
    return place;
  }
  makeCacheRoot(options.env);
  const modules = lackingModules(missing(place, options.need));
  await withLocks(modules, place, options, async () => {
    const lack = missing(place, options.need);
    if (lackingModules(lack).length > 0) {
      await build(place, modules, lack, options);
    }
  });
  return place;
}

function lackingModules({ binaries, crds }: Lack): Module[] {
  return MODULES.filter(
    (module) =>
      binaries.some((binary) => binary.module === module) || (crds && module === "controlplane"),
  );
}

/** Holds the lock of each module, always in the same order, so that no two builds wait for each other. */
async function withLocks(
  modules: readonly Module[],
  place: BinaryPlace,
  options: BuildOptions,
  work: () => Promise<void>,
): Promise<void> {
  const [first, ...rest] = modules;
  if (first === undefined) {
    await work();
    return;
  }
  const lock = {
    onWait: (pid: number) =>
      options.reporter.info(`Process ${pid} builds the lab; waiting for it.`),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  await withLock(`${place.dirs[first]}.lock`, lock, () => withLocks(rest, place, options, work));
}

async function build(
  place: BinaryPlace,
  modules: readonly Module[],
  lack: Lack,
  options: BuildOptions,
): Promise<void> {
  await goInfo(options.env);
  const progress = options.reporter.progress("Building the lab (once)");
  const works = modules.map((module) => workFolder(place, module));
  try {
    modules.forEach((module) => clearLeftovers(place.dirs[module]));
    works.forEach(makeDir);
    await new Build(place, options, progress).run(lack.binaries, lack.crds);
    progress.done();
  } catch (error) {
    progress.fail("stopped");
    const where = path.dirname(place.dirs.controlplane);
    throw explainFileError(error, `The lab's binaries cannot be put into ${where}`);
  } finally {
    works.forEach((work) => fs.rmSync(work, { recursive: true, force: true }));
  }
}

/** Where a program is built before it is moved to its place, on the same disk. */
function workFolder(place: BinaryPlace, module: Module): string {
  return path.join(place.dirs[module], `building-${process.pid}`);
}

/** Half-made files of builds that were killed; the lock says that none of them is running. */
function clearLeftovers(dir: string): void {
  makeDir(dir);
  for (const name of fs.readdirSync(dir).filter((entry) => entry.startsWith("building-"))) {
    fs.rmSync(path.join(dir, name), { recursive: true, force: true });
  }
}

function tagFlag({ tag }: Binary): readonly string[] {
  return tag === undefined ? [] : [`-tags=${tag}`];
}

/** One run of the build with what it has done so far. */
class Build {
  private readonly compiled = new Set<string>();
  private fetched = 0;
  private readonly stale = new Set<string>();
  private text = "looking what there is to build";

  constructor(
    private readonly place: BinaryPlace,
    private readonly options: BuildOptions,
    private readonly progress: Progress,
  ) {}

  async run(binaries: readonly Binary[], crds: boolean): Promise<void> {
    for (const folder of new Set(binaries.map(goFolder))) {
      const own = binaries.filter((one) => goFolder(one) === folder);
      await this.findStale(folder, own);
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

  private async go(folder: string, args: readonly string[]): Promise<string> {
    return await runGo(args, {
      cwd: path.join(this.options.project, "lab", folder),
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

  /** Packages that several modules need are compiled once, and count once. */
  private async findStale(folder: string, binaries: readonly Binary[]): Promise<void> {
    const format = "{{if .Stale}}{{.ImportPath}}{{end}}";
    const flags = [...COMPILE_FLAGS, ...binaries.slice(0, 1).flatMap(tagFlag)];
    const packages = binaries.map((one) => one.package);
    const args = ["list", "-deps", ...flags, "-f", format, ...packages];
    const out = await this.go(folder, args);
    for (const line of out.split("\n").filter((name) => name !== "")) {
      this.stale.add(line);
    }
  }

  private async compile(binary: Binary): Promise<void> {
    const made = path.join(workFolder(this.place, binary.module), binary.name);
    const ldflags = ["-s", "-w", ...versionFlags(this.options.project, binary)].join(" ");
    const flags = [...COMPILE_FLAGS, ...tagFlag(binary)];
    const args = ["build", "-v", ...flags, "-buildvcs=false", "-ldflags", ldflags];
    await this.go(goFolder(binary), [...args, "-o", made, binary.package]);
    const file = programFile(this.place, binary.name);
    fs.renameSync(made, file);
    noteChecksum(file);
  }

  private async copyCrds(): Promise<void> {
    this.text = "snapshot CRDs";
    this.show();
    await this.go("controlplane", ["mod", "download", CRD_MODULE]);
    const module = await this.go("controlplane", ["list", "-m", "-f", "{{.Dir}}", CRD_MODULE]);
    const source = path.join(module.trim(), CRD_SOURCE);
    const made = path.join(workFolder(this.place, "controlplane"), CRD_FOLDER);
    makeDir(made);
    for (const name of fs.readdirSync(source).filter((file) => /_.+\.yaml$/.test(file))) {
      fs.writeFileSync(path.join(made, name), fs.readFileSync(path.join(source, name)));
    }
    const target = path.join(this.place.dirs.controlplane, CRD_FOLDER);
    fs.rmSync(target, { recursive: true, force: true });
    fs.renameSync(made, target);
  }
}
