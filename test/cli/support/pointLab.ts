import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { pointFilePath, readPointFile } from "../../../config/pointFile";
import type { JsonValue } from "../../../config/rawConfiguration";
import { editYaml } from "../../../config/yamlEdit";
import { storagePaths } from "../../../lab/dataPaths";
import { labPaths } from "../../../lab/paths";
import { ensureProduct } from "../../../lab/product";
import { PRODUCT_CLAIMS, PRODUCT_NAMESPACE } from "../../../lab/product/parts";
import { LabStore } from "../../../drift/store";
import { KILL_VARIABLE } from "../../../clients/killPoints";
import { ledgerFolder } from "../../../restorepoint/catalog/folderSide";
import { siteLedger } from "../../../restorepoint/catalog/ledger";
import type { Ledger } from "../../../restorepoint/catalog/ledger";
import { PartFolder } from "../../../restorepoint/release/partFolder";
import { ReleaseStore } from "../../../restorepoint/release/store";
import { silentReporter } from "../../../clients/reporter";
import { undoTake } from "../../../restorepoint/undoTake";
import { volumeSnapshotName } from "../../../planning/names";
import type { RestorePointFile } from "../../../planning/site";
import { up } from "../../lab/support/labs";
import { LabSystems } from "../../support/labSystems";
import { Checkout, type AtomRun } from "./checkout";

const LEDGER_DIR = ".pulumi-state/ledger";
const NAMESPACE = "atom-backup";
const GROUPS = "groupsnapshot.storage.k8s.io/v1";

/** How a point is asked for. */
export interface Taking {
  readonly consistency: RestorePointFile["consistency"];
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

/** A checkout with a lab of its own that has data plane and product, driven by the command line. */
export class PointLab {
  private constructor(
    readonly checkout: Checkout,
    readonly systems: LabSystems,
  ) {}

  static async up(): Promise<PointLab> {
    const checkout = Checkout.create();
    const root = realpathSync(checkout.root);
    const stack = join(root, "stacks", "Pulumi.lab.yaml");
    const without = [{ path: ["config", "atom-backup:restorePoints"], value: [] }];
    writeFileSync(stack, editYaml(readFileSync(stack, "utf8"), without));
    rmSync(join(root, "stacks", "restore-points", "lab"), { recursive: true, force: true });
    const record = await up(root, ["cluster", "vcenter", "data"]);
    const lab = new PointLab(checkout, await LabSystems.connect(root, record));
    await lab.done(["up"]);
    await ensureProduct(root, silentReporter);
    return lab;
  }

  async down(): Promise<void> {
    await this.systems.close();
    await this.checkout.atom(["lab", "down"]);
    this.checkout.remove();
  }

  get root(): string {
    return this.systems.root;
  }

  /** Runs a command that has to succeed. */
  async done(args: readonly string[]): Promise<AtomRun> {
    const run = await this.checkout.atom(args);
    if (run.status !== 0) {
      throw new Error(`./atom ${args.join(" ")} exits ${run.status}: ${run.stderr}`);
    }
    return run;
  }

  create(name: string, how: Taking, env: NodeJS.ProcessEnv = {}): Promise<AtomRun> {
    const { consistency, virtualMachines = "none", timeout = 600 } = how;
    const options = ["--consistency", consistency, "--virtual-machines", virtualMachines];
    options.push("--timeout", String(timeout));
    return this.checkout.atom(["restore-point", "create", name, ...options], env);
  }

  /** @returns whether it was killed, or reached its end, with that exit code, before the moment came */
  async createAndKill(name: string, how: Taking, moment: number, end: number): Promise<boolean> {
    const run = await this.create(name, how, { [KILL_VARIABLE]: String(moment) });
    if (run.status !== null && run.status !== end) {
      throw new Error(`killed at ${moment}, it exits ${run.status}: ${run.stderr}`);
    }
    return run.status === null;
  }

  /** Changes the lab's copy of its stack file. */
  edit(path: readonly string[], value: JsonValue): void {
    const file = join(this.systems.labDir, "stacks", "Pulumi.lab.yaml");
    const [key = "", ...rest] = path;
    const edits = [{ path: ["config", `atom-backup:${key}`, ...rest], value }];
    writeFileSync(file, editYaml(readFileSync(file, "utf8"), edits));
  }

  /** Whether volumes are cut by group or one by one. */
  async group(group: "auto" | "never"): Promise<void> {
    await this.done(["up", "-c", `snapshots.group=${group}`]);
  }

  fileOf(name: string): string {
    return pointFilePath(this.root, join(".lab", "stacks", "restore-points"), "lab", name);
  }

  /** Undefined where no file was written. */
  point(name: string): RestorePointFile | undefined {
    const file = this.fileOf(name);
    return existsSync(file) ? readPointFile(file) : undefined;
  }

  ledger(): Ledger {
    const own = { client: this.systems.cluster, stack: "lab", namespace: NAMESPACE };
    return siteLedger(own, { root: this.root, ledgerDir: LEDGER_DIR }, () => new Date());
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
    return readdirSync(join(this.storage, "volumes")).flatMap((record) => {
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

  /** Writes the same into a file of every copy of every volume: bytes tell of which moment a snapshot is. */
  write(text: string): void {
    for (const { folder } of this.replicas()) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "moment"), text);
    }
  }

  /** Takes away a point and all that was kept of it. */
  async remove(name: string): Promise<void> {
    const { cluster, vcenter } = this.systems;
    const question = {
      stack: "lab",
      point: name,
      groupVersion: "v1" as const,
      className: "atom-snapshots",
      snapshots: new Set(
        PRODUCT_CLAIMS.map(
          ({ claim }) => `${PRODUCT_NAMESPACE}/${volumeSnapshotName(name, claim)}`,
        ),
      ),
    };
    const progress = silentReporter.progress("");
    const settleMs = 0;
    const options = { client: cluster, vcenter, apiTimeoutMinutes: 1, progress, settleMs };
    await undoTake(question, options);
    const store = LabStore.open({ labDir: this.systems.labDir, stack: "lab" });
    store.dropAll(
      store
        .load()
        .resources.map(({ urn }) => urn)
        .filter((urn) => urn.includes("RestorePoint")),
    );
    store.fold();
    this.edit(["restorePoints"], []);
    rmSync(this.fileOf(name), { force: true });
    const folder = new PartFolder(ledgerFolder(this.root, LEDGER_DIR, "lab"));
    const own = { client: cluster, stack: "lab", namespace: NAMESPACE };
    await new ReleaseStore(own, folder).remove(name);
    await this.ledger().remove(name);
  }

  /** Names of everything that cuts leave in the cluster. */
  async live(): Promise<Readonly<Record<string, readonly string[]>>> {
    const { cluster } = this.systems;
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

// Loaded by a test file, this is a hook of the whole run.
after(async () => {
  await (await shared)?.down();
});
