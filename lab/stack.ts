import * as fs from "node:fs";
import * as path from "node:path";
import { vcenterServer } from "./environment";
import { LabError } from "./error";
import { readIfThere, writeFile } from "./files";
import { labPaths } from "./paths";
import type { LabRecord } from "./record";

/** Folder of the point copies, as the stack copy names it: relative to the checkout. */
const RESTORE_POINTS_DIR = ".lab/stacks/restore-points";

/**
 * Copies the committed lab stack and its point files into `.lab/stacks/`, once: commands and `pulumi` write
 * to the copies, and the checkout stays clean. In the copy the vCenter's address and the folder of the
 * points are this lab's; comments and order stay. A copy that is there is left as it is.
 * @throws LabError if the committed stack cannot be read.
 */
export async function prepareLabStack(root: string, record: LabRecord): Promise<void> {
  const paths = labPaths(root);
  const committed = path.join(paths.root, "stacks");
  if (!fs.existsSync(paths.stackFile)) {
    const source = path.join(committed, "Pulumi.lab.yaml");
    const text = readIfThere(source);
    if (text === undefined) {
      throw new LabError(
        `${source} is missing. Restore it, for instance by \`git checkout stacks\`.`,
      );
    }
    writeFile(
      paths.stackFile,
      await adaptStack(text, source, {
        vcenter: vcenterServer(record),
        etcd: `https://127.0.0.1:${record.ports.etcd}`,
      }),
    );
  }
  copyPoints(path.join(committed, "restore-points", "lab"), path.join(paths.restorePoints, "lab"));
}

/** Addresses of one lab. */
export interface LabAddresses {
  /** `host:port`. */
  readonly vcenter: string;
  /** Client address of etcd. */
  readonly etcd: string;
}

/** The text of the lab stack with this lab's addresses in it. */
export async function adaptStack(
  text: string,
  source: string,
  { vcenter, etcd }: LabAddresses,
): Promise<string> {
  const { isMap, parseDocument } = await import("yaml");
  const document = parseDocument(text, { keepSourceTokens: true });
  const first = document.errors[0];
  if (first !== undefined) {
    throw new LabError(`${source} is not valid YAML: ${first.message}`);
  }
  if (!isMap(document.getIn(["config", "atom-backup:virtualMachines"]))) {
    throw new LabError(`${source} has no atom-backup:virtualMachines with the lab's machines.`);
  }
  document.setIn(["config", "atom-backup:virtualMachines", "server"], vcenter);
  const backup = ["config", "atom-backup:nodeBackups", "etcd"];
  if (isMap(document.getIn(backup))) {
    document.setIn([...backup, "endpoints", 0], etcd);
  }
  document.setIn(["config", "atom-backup:restorePointsDir"], RESTORE_POINTS_DIR);
  return document.toString({ lineWidth: 0 });
}

function copyPoints(from: string, to: string): void {
  const names = fs.existsSync(from) ? fs.readdirSync(from) : [];
  for (const name of names.filter((file) => file.endsWith(".yaml"))) {
    const copy = path.join(to, name);
    if (!fs.existsSync(copy)) {
      writeFile(copy, fs.readFileSync(path.join(from, name), "utf8"));
    }
  }
}
