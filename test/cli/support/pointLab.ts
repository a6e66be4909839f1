import {
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { parseDocument } from "yaml";
import { setTimeout as pause } from "node:timers/promises";

import { KILL_VARIABLE } from "../../../clients/killPoints";
import type { ClusterClient } from "../../../clients/kubernetes/client";
import { silentReporter } from "../../support/silentReporter";
import type { VcenterClient } from "../../../clients/vcenter/client";
import type { Vm, VmSnapshot } from "../../../clients/vcenter/vms";
import { pointFilePath } from "../../../config/pointFile";
import type { JsonValue } from "../../../config/rawConfiguration";
import { parseSite } from "../../../config/parseSite";
import { readConfiguration } from "../../../config/readConfiguration";
import { editYaml } from "../../../config/yamlEdit";
import { storagePaths } from "../../../lab/dataPaths";
import { labPaths } from "../../../lab/paths";
import { ensureProduct } from "../../../lab/product";
import { PRODUCT_CLAIMS, PRODUCT_NAMESPACE } from "../../../lab/product/parts";
import type { LabRecord } from "../../../lab/record";
import type { PointRecord } from "../../../planning/pointRecord";
import { siteCatalog, type Catalog } from "../../../restorepoint/catalog/catalog";
import { catalogFolder } from "../../../restorepoint/catalog/folderSide";
import { ReleaseStore } from "../../../restorepoint/release/store";
import { undoTake } from "../../../restorepoint/removeTaken";
import type { CreatePorts } from "../../../restorepoint/take/createPoint";
import { up } from "../../lab/support/labs";
import { LabSystems, type VmFixture } from "../../support/labSystems";
import { Checkout, type AtomRun } from "./checkout";
import { leastRights } from "./leastRights";

const CATALOG_DIR = ".pulumi-state/catalog";
const NAMESPACE = "atom-backup";
const GROUPS = "groupsnapshot.storage.k8s.io/v1";

/** How a point is asked for. */
export interface Taking {
  readonly consistency: PointRecord["consistency"];
  /** Names of nodes with commas; default none. */
  readonly virtualMachines?: string;
  /** Seconds for each volume; default 600. */
  readonly timeout?: number;
}

/** A folder with one copy of a volume's bytes. */
export interface VolumeReplica {
  readonly claim: string;
  readonly handle: string;
  readonly folder: string;
}

/**
 * A checkout with a lab of its own that has data plane and product, driven by the command line; its commands have the
 * published rights and no others.
 */
export class PointLab {
  private constructor(
    readonly checkout: Checkout,
    readonly root: string,
    readonly record: LabRecord,
    readonly cluster: ClusterClient,
    private readonly systems: LabSystems,
  ) {}

  static async up(): Promise<PointLab> {
    const checkout = Checkout.create();
    const root = realpathSync(checkout.root);
    rmSync(join(root, "stacks", "restore-points", "lab"), { recursive: true, force: true });
    const record = await up(root, ["cluster", "vcenter", "data"]);
    const systems = await LabSystems.connect(root, record);
    const lab = new PointLab(checkout, root, record, systems.cluster, systems);
    await leastRights(root, systems.cluster);
    await lab.done(["up"]);
    await ensureProduct(root, silentReporter);
    return lab;
  }

  async down(): Promise<void> {
    await this.systems.close();
    await this.checkout.atom(["lab", "down"]);
    this.checkout.remove();
  }

  /** Runs a command that has to succeed. */
  done(args: readonly string[]): Promise<AtomRun> {
    return this.checkout.done(args);
  }

  create(name: string, how: Taking, env: NodeJS.ProcessEnv = {}): Promise<AtomRun> {
    const { consistency, virtualMachines = "none", timeout = 600 } = how;
    const options = ["--consistency", consistency, "--virtual-machines", virtualMachines];
    options.push("--timeout", String(timeout));
    return this.checkout.atom(["restore-point", "create", name, ...options], env);
  }

  /** Takes a point, which has to succeed. */
  async take(name: string, how: Taking = { consistency: "crash" }): Promise<void> {
    const { status, stderr } = await this.create(name, how);
    if (status !== 0) {
      throw new Error(`restore point ${name} is not taken: ${stderr}`);
    }
  }

  /** Runs a command on restore points. */
  restorePoint(...args: readonly string[]): Promise<AtomRun> {
    return this.checkout.atom(["restore-point", ...args]);
  }

  /** @returns whether it was killed, or reached its end, with that exit code, before the moment came */
  async createAndKill(name: string, how: Taking, moment: number, end: number): Promise<boolean> {
    const run = await this.create(name, how, { [KILL_VARIABLE]: String(moment) });
    if (run.status !== null && run.status !== end) {
      throw new Error(`killed at ${moment}, it exits ${run.status}: ${run.stderr}`);
    }
    return run.status === null;
  }

  /** Changes the lab's copy of its stack file. @param value undefined takes the key out */
  edit([key = "", ...rest]: readonly string[], value: JsonValue | undefined): void {
    const file = join(labPaths(this.root).lab, "stacks", "Pulumi.lab.yaml");
    const path = ["config", `atom-backup:${key}`, ...rest];
    const text = readFileSync(file, "utf8");
    writeFileSync(
      file,
      value === undefined ? without(text, path) : editYaml(text, [{ path, value }]),
    );
  }

  /** Two volumes instead of eight, where that is enough to tell. */
  narrow(part: "inventory" | "all"): void {
    const selector = part === "all" ? undefined : `app.kubernetes.io/name=${part}`;
    this.edit(["product", "selector"], selector);
  }

  /** What a command of this process takes a point with. @param ask answers its question */
  ports(ask: () => Promise<boolean>): CreatePorts {
    const path = join(labPaths(this.root).lab, "stacks", "Pulumi.lab.yaml");
    const { raw } = readConfiguration("lab", { root: this.root, file: path });
    return {
      stack: {
        root: this.root,
        name: "lab",
        isLab: true,
        site: parseSite(raw),
        stackFile: { path },
      },
      ...this.systems.access,
      reporter: silentReporter,
      ask,
      signal: new AbortController().signal,
      engine: () => Promise.reject(new Error("no engine is needed")),
      preflight: () => Promise.resolve(true),
    };
  }

  /** Whether volumes are taken by group or one by one. */
  group(group: "auto" | "never"): void {
    this.edit(["snapshots", "group"], group);
  }

  /** Undefined where nothing was recorded. */
  point(name: string): Promise<PointRecord | undefined> {
    return this.catalog().read(name);
  }

  catalog(): Catalog {
    const own = { client: this.cluster, stack: "lab", namespace: NAMESPACE };
    return siteCatalog(own, { root: this.root, catalogDir: CATALOG_DIR }, () => new Date());
  }

  /** Path of a point's file; it exists only for points with VM snapshots. */
  fileOf(name: string): string {
    return pointFilePath(this.root, join(".lab", "stacks", "restore-points"), "lab", name);
  }

  get vcenter(): VcenterClient {
    return this.systems.vcenter;
  }

  /** All VMs of the simulator. */
  vms(): Promise<readonly Vm[]> {
    return this.systems.vcenter.vms();
  }

  /** Snapshots of all VMs. */
  vmSnapshots(): Promise<readonly VmSnapshot[]> {
    return this.systems.snapshots();
  }

  /** Takes a snapshot of a VM (by reference) as another tool would. */
  takeVmSnapshot(vm: string, name: string): Promise<void> {
    return this.systems.take(vm, { name });
  }

  /** Removes one (by reference) as an administrator would. */
  async removeVmSnapshot(reference: string): Promise<void> {
    await this.systems.vcenter.removeSnapshot(reference, { timeoutMs: 60_000 });
  }

  /** Makes the vCenter simulator go wrong by its rules; none puts it right again. */
  vmFaults(rules: readonly object[]): Promise<void> {
    return this.systems.faults(rules);
  }

  /** Makes VMs what the fixtures say, and all others what they were. */
  fixtures(vms: readonly VmFixture[]): Promise<void> {
    return this.systems.fixtures(vms);
  }

  /** With a volume attached to one of them, VMs are no part of a point that does not ask for them; until other fixtures. */
  leaveVmsOut(): Promise<void> {
    return this.fixtures([
      { vm: "atom-a-1", disks: [{ file: "fcd/x.vmdk", bytes: 1024, volume: "fcd-7" }] },
    ]);
  }

  /** Folder of the driver. */
  get storage(): string {
    return storagePaths(labPaths(this.root)).storage;
  }

  /** Tells the driver what to do wrong; no rules put it right. */
  faults(rules: readonly object[]): void {
    const file = join(this.storage, "faults.json");
    if (rules.length === 0) {
      rmSync(file, { force: true });
      return;
    }
    writeFileSync(`${file}.new`, JSON.stringify(rules));
    renameSync(`${file}.new`, file);
  }

  /** All copies of the product's volumes. */
  replicas(): readonly VolumeReplica[] {
    const records = readdirSync(join(this.storage, "volumes")).filter(
      (file) => !file.startsWith("."),
    );
    return records.flatMap((record) => {
      const { id, claim, replicas } = JSON.parse(
        readFileSync(join(this.storage, "volumes", record), "utf8"),
      ) as VolumeRecord;
      return replicas.map(({ node }) => ({
        claim: `${claim.namespace}/${claim.name}`,
        handle: id,
        folder: join(this.storage, "nodes", node, "volumes", id),
      }));
    });
  }

  /** Takes all snapshots out of the storage, that of those that nothing leads to any more nothing stays. */
  eraseSnapshots(): void {
    const nodes = readdirSync(join(this.storage, "nodes")).map((node) => join("nodes", node));
    const snapshots = ["", ...nodes].map((one) => join(this.storage, one, "snapshots"));
    for (const folder of [...snapshots, join(this.storage, "groups")]) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
    }
  }

  /** Writes the same into a file of every copy of every volume: bytes tell of which moment a snapshot is. */
  write(text: string): void {
    for (const { folder } of this.replicas()) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "moment"), text);
    }
  }

  /** Waits until a command has stopped every workload of the product and its pods are gone. */
  async isStopped(): Promise<void> {
    const namespace = PRODUCT_NAMESPACE;
    while ((await this.cluster.list("v1", "Pod", { namespace })).length > 0) {
      await pause(20);
    }
  }

  /** Takes away a point and all that was kept of it. */
  async remove(name: string): Promise<void> {
    const client = this.cluster;
    const namespace = PRODUCT_NAMESPACE;
    const volumes = PRODUCT_CLAIMS.map(({ claim }) => ({ namespace, claim, uid: "" }));
    await undoTake(
      { stack: "lab", name, volumes },
      {
        client,
        vcenter: this.systems.vcenter,
        className: "atom-snapshots",
        taskLimit: { timeoutMs: 60_000 },
        progress: silentReporter.progress(""),
        settleMs: 0,
      },
    );
    rmSync(this.fileOf(name), { force: true });
    const folder = catalogFolder(this.root, CATALOG_DIR, "lab");
    await new ReleaseStore({ client, stack: "lab", namespace: NAMESPACE }, folder).remove(name);
    await this.catalog().remove(name);
  }

  /** Names of everything that taking points leaves in the cluster. */
  async live(): Promise<Readonly<Record<string, readonly string[]>>> {
    const { cluster } = this;
    const kinds = [
      ["snapshot.storage.k8s.io/v1", "VolumeSnapshot"],
      ["snapshot.storage.k8s.io/v1", "VolumeSnapshotContent"],
      [GROUPS, "VolumeGroupSnapshot"],
      [GROUPS, "VolumeGroupSnapshotContent"],
      ["batch/v1", "Job"],
    ] as const;
    const found = await Promise.all(
      kinds.map(async ([apiVersion, kind]) => {
        const objects = await cluster.list(apiVersion, kind);
        return [kind, objects.map(({ metadata }) => metadata.name).sort()] as const;
      }),
    );
    return Object.fromEntries(found);
  }
}

function without(text: string, path: readonly string[]): string {
  const document = parseDocument(text);
  document.deleteIn(path);
  return document.toString();
}

interface VolumeRecord {
  readonly id: string;
  readonly claim: { readonly namespace: string; readonly name: string };
  readonly replicas: readonly { readonly node: string }[];
}

let shared: Promise<PointLab> | undefined;

/** One such lab for all test files of a run, brought up at the first question. Tests leave it as they found it. */
export function sharedPointLab(): Promise<PointLab> {
  shared ??= PointLab.up();
  return shared;
}

// Loaded by a test file, this is a hook of the whole run; a benchmark has no hooks.
if (typeof after === "function") {
  after(async () => {
    await (await shared)?.down();
  });
}

/** What the shared lab is set to for the tests of a `describe`. */
interface Setting {
  /** Whether volumes are taken by group or one by one; default one by one. */
  readonly group?: "auto" | "never";
  /** Of whose volumes points are; default of all. */
  readonly part?: "inventory";
  /** Names of points that are taken before the tests, from the oldest. */
  readonly points?: readonly string[];
}

/**
 * Hooks of a `describe`: the shared lab is set so before its tests, and put back after them, without the points.
 *
 * @param use called once it is set
 */
export function onPointLab(setting: Setting, use: (lab: PointLab) => unknown): void {
  const { group = "never", part = "all", points = [] } = setting;
  let lab: PointLab | undefined;

  before(async () => {
    lab = await sharedPointLab();
    lab.group(group);
    lab.narrow(part);
    for (const name of points) {
      await lab.take(name);
    }
    await use(lab);
  });

  after(async () => {
    lab?.faults([]);
    lab?.narrow("all");
    for (const name of points) {
      await lab?.remove(name);
    }
  });
}
