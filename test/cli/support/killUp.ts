import { deepEqual, equal } from "node:assert/strict";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { KILL_VARIABLE } from "../../../clients/killPoints";
import { readPointFile } from "../../../config/pointFile";
import { engineStateOfLab } from "../../../lab/engineState";
import { prepareLabStack } from "../../../lab/index";
import { ensureBinaries } from "../../../lab/build";
import { labPaths } from "../../../lab/paths";
import { findProcesses } from "../../../lab/processes";
import { up } from "../../lab/support/labs";
import { LabSystems } from "../../support/labSystems";
import { silentReporter } from "../../support/silentReporter";
import { Checkout, type AtomRun } from "./checkout";

/** What is killed, and when: `./atom` at a moment, or `pulumi` once it has written so many lines of a command. */
export type Kill =
  | { readonly atom: number }
  | { readonly pulumi: "stack" | "preview" | "up"; readonly lines: number };

const CLASSES = [
  ["storage.k8s.io/v1", "StorageClass", "atom-replicated"],
  ["snapshot.storage.k8s.io/v1", "VolumeSnapshotClass", "atom-snapshots"],
  ["groupsnapshot.storage.k8s.io/v1", "VolumeGroupSnapshotClass", "atom-snapshots"],
] as const;

/** Runs the real CLI, and ends it and itself with SIGKILL once it has written as many lines as it may. */
const wrapper = (pulumi: string): string => `#!${process.execPath}
const { spawn } = require("node:child_process");
const args = process.argv.slice(2);
const [command, lines] = (process.env.KILL_PULUMI ?? "").split(" ");
const child = spawn(${JSON.stringify(pulumi)}, args, { stdio: ["inherit", "pipe", "inherit"] });
const kill = () => child.kill("SIGKILL");
let left = args[0] === command ? Number(lines) : Infinity;
if (left === 0) setTimeout(kill, 200);
child.stdout.on("data", (data) => {
  process.stdout.write(data);
  left -= data.toString().split("\\n").length - 1;
  if (left <= 0) kill();
});
process.on("SIGINT", () => child.kill("SIGINT"));
child.on("close", (code, signal) => {
  if (signal) process.kill(process.pid, "SIGKILL");
  process.exitCode = code;
});
`;

interface State {
  readonly checkpoint: {
    readonly latest?: {
      readonly resources?: readonly { readonly id?: string; readonly type: string }[];
      readonly pending_operations?: readonly unknown[];
    };
  };
}

/** A checkout with a lab of its own, to which nothing is deployed yet. */
export class KillLab {
  private constructor(
    private readonly checkout: Checkout,
    private readonly root: string,
    private readonly systems: LabSystems,
    private readonly bin: string,
  ) {}

  static async up(): Promise<KillLab> {
    const checkout = Checkout.create();
    const root = realpathSync(checkout.root);
    const record = await up(root, ["cluster", "vcenter"]);
    await prepareLabStack(root, record);
    const { lab, stackFile } = labPaths(root);
    cpSync(join(stackFile, ".."), join(lab, "..", "stacks-before"), { recursive: true });
    const { dirs } = await ensureBinaries({
      project: root,
      env: process.env,
      reporter: silentReporter,
      need: ["engine"],
    });
    const bin = mkdtempSync(join(tmpdir(), "atom-kill-bin-"));
    for (const name of readdirSync(dirs.engine).filter((one) => one !== "pulumi")) {
      symlinkSync(join(dirs.engine, name), join(bin, name));
    }
    writeFileSync(join(bin, "pulumi"), wrapper(join(dirs.engine, "pulumi")));
    chmodSync(join(bin, "pulumi"), 0o755);
    return new KillLab(checkout, root, await LabSystems.connect(root, record), bin);
  }

  async down(): Promise<void> {
    await this.systems.close();
    await this.checkout.atom(["lab", "down"]);
    rmSync(this.bin, { recursive: true });
    this.checkout.remove();
  }

  /**
   * Kills a first deployment, runs it again, and looks that everything is there, once, written down, and nothing else.
   *
   * @returns whether it was killed, or reached its end before
   */
  async killAndGoOn(kill: Kill): Promise<boolean> {
    const first = await this.up(kill);
    const killed = "atom" in kill ? first.status === null : first.status === 1;
    equal(killed || first.status === 0, true, first.stderr);
    const again = await this.up();
    equal(again.status, 0, again.stderr);
    await this.requireWhole();
    await this.clear();
    return killed;
  }

  private up(kill?: Kill): Promise<AtomRun> {
    const how =
      kill === undefined
        ? {}
        : "atom" in kill
          ? { [KILL_VARIABLE]: String(kill.atom) }
          : { KILL_PULUMI: `${kill.pulumi} ${kill.lines}` };
    return this.checkout.atom(["up"], { PATH: `${this.bin}:${process.env["PATH"] ?? ""}`, ...how });
  }

  private async requireWhole(): Promise<void> {
    const live = await Promise.all(
      CLASSES.map(([apiVersion, kind]) => this.systems.cluster.list(apiVersion, kind)),
    );
    deepEqual(
      live.map((objects) => objects.map(({ metadata }) => metadata.name)),
      CLASSES.map(([, , name]) => [name]),
    );
    const snapshots = (await this.systems.snapshots()).map(({ reference }) => reference).sort();
    equal(snapshots.length, 6);
    const { state, vms } = readPointFile(this.pointFile);
    equal(state, "ready");
    deepEqual(vms.map(({ handle }) => handle).sort(), snapshots);
    const folder = join(this.root, ".pulumi-state", ".pulumi");
    const file = join(folder, "stacks", "atom-backup", "lab.json");
    const { latest } = (JSON.parse(readFileSync(file, "utf8")) as State).checkpoint;
    const recorded = (latest?.resources ?? []).filter(({ type }) => /:VirtualMachineS/.test(type));
    deepEqual(recorded.map(({ id }) => id).sort(), snapshots);
    deepEqual(latest?.pending_operations ?? [], []);
    // Written in place: an engine that is killed meanwhile could not read its state again.
    const beside = readdirSync(folder, { recursive: true, encoding: "utf8" });
    deepEqual(
      beside.filter((name) => name.endsWith(".attrs")),
      [],
    );
    const locks = join(folder, "locks", "organization", "atom-backup", "lab");
    deepEqual(existsSync(locks) ? readdirSync(locks) : [], []);
    await this.requireNoOrphan();
  }

  /** Waits until nothing of the killed run is there: what the next run does not end looks whether its engine lives. */
  private async requireNoOrphan(): Promise<void> {
    const engine = (): number[] =>
      findProcesses((argv) => argv.some((one) => one.startsWith(this.bin)) || this.isProgram(argv));
    while (engine().length > 0) {
      await pause(200);
    }
  }

  private isProgram(argv: readonly string[]): boolean {
    return (
      argv.some((one) => /@pulumi\/pulumi\/cmd\/run/.test(one)) &&
      argv.some((one) => one.startsWith(this.root))
    );
  }

  private get pointFile(): string {
    return join(labPaths(this.root).restorePoints, "lab", "pre-24.1.yaml");
  }

  /** Back to where nothing is deployed. */
  private async clear(): Promise<void> {
    await this.systems.clear(
      CLASSES.map(([apiVersion, kind, name]) => ({ apiVersion, kind, name })),
    );
    engineStateOfLab(this.root).forEach((path) => rmSync(path, { recursive: true }));
    const { lab, stackFile } = labPaths(this.root);
    const stacks = join(stackFile, "..");
    rmSync(stacks, { recursive: true });
    mkdirSync(stacks);
    cpSync(join(lab, "..", "stacks-before"), stacks, { recursive: true });
  }
}
