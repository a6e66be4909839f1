import * as fs from "node:fs";
import * as path from "node:path";
import type { BinaryPlace } from "./binaries";
import { programFile } from "./binaries";
import { dataPaths, storagePaths } from "./dataPaths";
import { explainFileError } from "./error";
import { makeDir, readIfThere, writeFile } from "./files";
import { LAB_NODES, LAB_STORAGE_NODES } from "./inventory";
import { kwokStages } from "./kwokStages";
import type { LabPaths } from "./paths";

/** Programs that containers of the lab find on their PATH beside those of this machine. */
const TOOLS = ["etcdctl", "etcdutl"];

/** Writes what the services of the data plane need before they start. */
export function prepareData(paths: LabPaths, place: BinaryPlace): void {
  const files = storagePaths(paths);
  [paths.run, files.storage, files.hosts, files.tools].forEach(makeDir);
  const inventory = LAB_STORAGE_NODES.map(({ name, site }) => ({ name, site }));
  writeChanged(files.inventory, `${JSON.stringify(inventory, null, 2)}\n`);
  writeChanged(files.stages, kwokStages());
  giveCertificates(paths);
  TOOLS.forEach((tool) => bring(programFile(place, tool), path.join(files.tools, tool)));
}

/** Puts what etcd wants to see of its clients where control-plane nodes have it. */
function giveCertificates(paths: LabPaths): void {
  const { etcdCertificate, etcdKey } = dataPaths(paths);
  const files = { "ca.crt": etcdCertificate, "client.crt": etcdCertificate, "client.key": etcdKey };
  for (const { name } of LAB_NODES.filter(({ role }) => role === "controlPlane")) {
    const folder = path.join(storagePaths(paths).hosts, name, "etc", "kubernetes", "pki", "etcd");
    for (const [file, from] of Object.entries(files)) {
      writeChanged(path.join(folder, file), readIfThere(from) ?? "");
    }
  }
}

function writeChanged(file: string, text: string): void {
  if (readIfThere(file) !== text) {
    writeFile(file, text);
  }
}

/** A copy, as a link would lead out of what a container sees; the same file twice where the disk allows it. */
function bring(from: string, to: string): void {
  const source = fs.statSync(from);
  const there = fs.statSync(to, { throwIfNoEntry: false });
  if (there?.size === source.size && Math.abs(there.mtimeMs - source.mtimeMs) < 2) {
    return;
  }
  const made = `${to}.${process.pid}.tmp`;
  try {
    fs.rmSync(made, { force: true });
    try {
      fs.linkSync(from, made);
    } catch {
      fs.copyFileSync(from, made);
      fs.utimesSync(made, source.atime, source.mtime);
    }
    fs.renameSync(made, to);
  } catch (error) {
    throw explainFileError(error, `${to} cannot be written`);
  }
}
