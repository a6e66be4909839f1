import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import { LabError } from "./error";
import { commandLine } from "./processes";
import type { DataPorts, LabPorts } from "./record";

// Below the range that Linux gives to outgoing connections (from 32768 on), so that a stopped lab finds its
// ports free again.
const LOWEST = 20_000;
const COUNT = 12_000;

/** Whether nothing listens on this port of 127.0.0.1. */
export async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}

/** Different free ports. @throws LabError if there are none. */
async function freePorts(count: number, random: () => number): Promise<number[]> {
  const chosen = new Set<number>();
  for (let tries = 0; chosen.size < count; tries++) {
    if (tries > 500) {
      throw new LabError(
        `No free ports were found on 127.0.0.1 from ${LOWEST} to ${LOWEST + COUNT - 1}. End some listening programs.`,
      );
    }
    const port = LOWEST + Math.floor(random() * COUNT);
    if (!chosen.has(port) && (await isFree(port))) {
      chosen.add(port);
    }
  }
  return [...chosen];
}

/** Five different free ports for the control plane and the vCenter. @throws LabError if there are none. */
export async function choosePorts(random: () => number = Math.random): Promise<LabPorts> {
  const [etcd = 0, etcdPeer = 0, apiserver = 0, controllerManager = 0, vcenter = 0] =
    await freePorts(5, random);
  return { etcd, etcdPeer, apiserver, controllerManager, vcenter };
}

/** Eight more for the data plane. @throws LabError if there are none. */
export async function chooseDataPorts(random: () => number = Math.random): Promise<DataPorts> {
  const [
    csi = 0,
    provisioner = 0,
    attacher = 0,
    snapshotter = 0,
    snapshotController = 0,
    kwok = 0,
    scheduler = 0,
    runner = 0,
  ] = await freePorts(8, random);
  return {
    csi,
    provisioner,
    attacher,
    snapshotter,
    snapshotController,
    kwok,
    scheduler,
    runner,
  };
}

/** Who listens on a port, in words; processes of other users cannot be named. */
export function portHolder(port: number): string {
  const inodes = listeningInodes(port);
  for (const pid of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    if (holdsOne(pid, inodes)) {
      const argv = commandLine(Number(pid));
      return `process ${pid} (${path.basename(argv[0] ?? "?")})`;
    }
  }
  return "a process of another user";
}

function listeningInodes(port: number): Set<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const inodes = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const lines = fs.existsSync(table) ? fs.readFileSync(table, "utf8").split("\n").slice(1) : [];
    for (const line of lines) {
      const fields = line.trim().split(/\s+/);
      const inode = fields[9];
      // State 0A is LISTEN.
      if (fields[1]?.endsWith(suffix) === true && fields[3] === "0A" && inode !== undefined) {
        inodes.add(inode);
      }
    }
  }
  return inodes;
}

function holdsOne(pid: string, inodes: ReadonlySet<string>): boolean {
  try {
    return fs.readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const match = /^socket:\[(\d+)\]$/.exec(fs.readlinkSync(`/proc/${pid}/fd/${fd}`));
      return match?.[1] !== undefined && inodes.has(match[1]);
    });
  } catch {
    // The process ended, or is another user's.
    return false;
  }
}
