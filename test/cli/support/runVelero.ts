import { type ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { ensureBinaries } from "../../../lab/build";
import { binaryPlace, programFile } from "../../../lab/binaries";
import { labPaths, projectDir } from "../../../lab/paths";
import { silentReporter } from "../../support/silentReporter";
import { end, freePort } from "./runController";

/** The real Velero and an object store, as processes beside a lab. */
export class VeleroRun {
  private constructor(
    private readonly root: string,
    /** Address of the object store. */
    readonly endpoint: string,
    private readonly store: ChildProcess,
    private server: ChildProcess | undefined,
  ) {}

  /** Builds what is needed, which takes minutes the first time, and starts the store with an empty bucket. */
  static async open(root: string, bucket: string): Promise<VeleroRun> {
    const options = { project: projectDir(), env: process.env, reporter: silentReporter };
    await ensureBinaries({ ...options, need: ["velero"] });
    const port = await freePort();
    const file = join(root, "object-store.db");
    const args = ["-backend", "bolt", "-bolt.db", file, "-initialbucket", bucket];
    const store = start(root, "gofakes3", [...args, "-host", `127.0.0.1:${port}`]);
    return new VeleroRun(root, `http://127.0.0.1:${port}`, store, undefined);
  }

  /**
   * Starts the server on the cluster that the lab has now. Without the CSI feature: data of volumes is moved by pods, and
   * the lab has none.
   */
  async serve(): Promise<void> {
    const plugins = join(this.root, "velero-plugins");
    const temporary = join(this.root, "velero-tmp");
    [plugins, temporary].forEach((folder) => mkdirSync(folder, { recursive: true }));
    const plugin = "velero-plugin-for-aws";
    rmSync(join(plugins, plugin), { force: true });
    symlinkSync(program(plugin), join(plugins, plugin));
    const ports = [await freePort(), await freePort()];
    this.server = start(
      this.root,
      "velero",
      [
        ...["server", `--kubeconfig=${this.kubeconfig}`, "--namespace=velero"],
        ...[`--plugin-dir=${plugins}`, "--backup-sync-period=2s"],
        ...[`--metrics-address=127.0.0.1:${ports[0]}`, `--profiler-address=127.0.0.1:${ports[1]}`],
      ],
      // It writes credentials into the folder for temporary files.
      { VELERO_NAMESPACE: "velero", HOME: this.root, TMPDIR: temporary },
    );
  }

  /** Of the administrator: the commands of the lab's checkout have fewer rights. */
  get kubeconfig(): string {
    const config = JSON.parse(readFileSync(labPaths(this.root).kubeconfig, "utf8")) as {
      readonly users: readonly { readonly user: { as?: string } }[];
    };
    config.users.forEach(({ user }) => delete user.as);
    const file = join(this.root, "velero.kubeconfig");
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    return file;
  }

  /** Folder of the command line `velero`. */
  get bin(): string {
    return binaryPlace(projectDir(), process.env).dirs.velero;
  }

  /** What the server has written. */
  log(): string {
    return readFileSync(join(this.root, "velero.log"), "utf8");
  }

  async stopServer(): Promise<void> {
    if (this.server !== undefined) {
      await end(this.server);
    }
  }

  async close(): Promise<void> {
    await this.stopServer();
    await end(this.store);
  }
}

function program(name: string): string {
  return programFile(binaryPlace(projectDir(), process.env), name);
}

/** Its output goes to a file of its name. */
function start(
  root: string,
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): ChildProcess {
  const log = openSync(join(root, `${name}.log`), "a");
  try {
    return spawn(program(name), args, {
      cwd: root,
      env: { PATH: process.env["PATH"], ...env },
      stdio: ["ignore", log, log],
    });
  } finally {
    closeSync(log);
  }
}
