import * as fs from "node:fs";
import * as path from "node:path";

/** Where everything of a checkout's lab lies; all paths are absolute. */
export interface LabPaths {
  /** The checkout. */
  readonly root: string;
  /** `.lab/` in the checkout: whatever the lab writes, but for the binary cache. */
  readonly lab: string;
  /** Process ids of what runs. May be lost (as by a reboot) at any time. */
  readonly run: string;
  /** etcd, certificates, tokens, the simulator's journal. */
  readonly data: string;
  readonly logs: string;
  /** The lab's own copies of its stack and point files. */
  readonly stacks: string;
  readonly stackFile: string;
  readonly restorePoints: string;
  readonly record: string;
  readonly kubeconfig: string;
  /** Held by the command that is changing the lab. */
  readonly lock: string;
}

/** Paths of the lab of the checkout `root`. */
export function labPaths(root: string): LabPaths {
  // The processes of a lab are found again by these paths in their command lines, so that they have to be
  // the same whichever way the checkout is reached.
  const real = fs.existsSync(root) ? fs.realpathSync(root) : path.resolve(root);
  const lab = path.join(real, ".lab");
  const data = path.join(lab, "data");
  const stacks = path.join(lab, "stacks");
  return {
    root: real,
    lab,
    run: path.join(lab, "run"),
    data,
    logs: path.join(lab, "logs"),
    stacks,
    stackFile: path.join(stacks, "Pulumi.lab.yaml"),
    restorePoints: path.join(stacks, "restore-points"),
    record: path.join(lab, "record.json"),
    kubeconfig: path.join(data, "kubeconfig"),
    lock: path.join(lab, "lock"),
  };
}

/** The folder of this project's sources, from which the binaries are built. */
export function projectDir(): string {
  // Compiled files lie one level deeper (dist/lab) than their sources (lab).
  const candidates = [path.resolve(__dirname, ".."), path.resolve(__dirname, "..", "..")];
  const found = candidates.find((dir) =>
    fs.existsSync(path.join(dir, "lab", "controlplane", "go.mod")),
  );
  return found ?? path.resolve(__dirname, "..");
}
