import { equal, notEqual } from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { storagePaths } from "../../../lab/dataPaths";
import { labPaths } from "../../../lab/paths";
import { commandLine } from "../../../lab/processes";
import type { LabRecord } from "../../../lab/record";
import type { Site } from "../../../planning/site";
import { restoreEtcdOf } from "../../../restorepoint/etcd/procedure";
import { pidsOf } from "../../lab/support/labs";
import { labSite } from "../../restorepoint/verify/takeRestorePoint";
import { followProcedure } from "./followProcedure";

const NAMES = ["cp-1", "cp-2", "cp-3"];

/** Starts an etcd of three members, snapshots it, changes it, and restores all three by the program's commands. */
export async function restoreThreeMembers(root: string, record: LabRecord): Promise<void> {
  const { tools } = storagePaths(labPaths(root));
  const [etcd = ""] = commandLine(pidsOf(root, record)["etcd"]?.[0] ?? 0);
  const folder = mkdtempSync(join(tmpdir(), "atom-etcd-"));
  // Nodes are folders here: what a command says of /node is that of its node.
  const own = (text: string, name: string): string => text.replaceAll("/node", join(folder, name));
  const members = await Promise.all(
    NAMES.map(async (name) => ({ name, client: await freeUrl(), peer: await freeUrl() })),
  );
  const endpoints = members.map(({ client }) => client);
  const ctl = async (...args: readonly string[]): Promise<string> => {
    const all = [`--endpoints=${endpoints.join(",")}`, ...args];
    return (await promisify(execFile)(join(tools, "etcdctl"), all)).stdout;
  };
  for (const { name, client, peer } of members) {
    mkdirSync(join(folder, name));
    const cluster = members.map((one) => `${one.name}=${one.peer}`).join(",");
    const args = [
      ...["--name", name, "--data-dir", "/node/etcd", "--initial-cluster", cluster],
      ...["--listen-client-urls", client, "--advertise-client-urls", client],
      ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--unsafe-no-fsync"],
    ];
    const start = `setsid ${etcd} ${args.join(" ")} >/node/log 2>&1 & echo $! >/node/pid`;
    writeFileSync(join(folder, name, "start"), own(start, name));
  }
  const stop = "kill -9 $(cat /node/pid); tail --pid=$(cat /node/pid) -f /dev/null";
  const run = (name: string, text: string): Promise<unknown> =>
    promisify(execFile)("/bin/sh", ["-c", own(text, name)]);
  try {
    await Promise.all(NAMES.map((name) => run(name, "sh /node/start")));
    while (!(await isHealthy(ctl))) {}
    await ctl("put", "kept", "then");
    await ctl("put", "changed", "then");
    const file = join(folder, "snapshot.db");
    await promisify(execFile)(join(tools, "etcdctl"), [
      `--endpoints=${endpoints[0] ?? ""}`,
      ...["snapshot", "save", file],
    ]);
    await ctl("put", "changed", "since");
    await ctl("put", "made", "since");
    await ctl("del", "kept");
    const before = await ctl("get", "", "--prefix");
    const site = labSite();
    const backup = { ...site.nodeBackups.etcd, endpoints, dataDir: "/node/etcd", stop };
    const files = { caFile: undefined, certFile: undefined, keyFile: undefined };
    const found = restoreEtcdOf(
      {
        ...site,
        nodeBackups: { etcd: { ...backup, ...files, start: "sh /node/start" } },
      } as Site,
      "p",
      {
        kind: "etcd",
        node: "cp-1",
        file,
        sha256: createHash("sha256").update(readFileSync(file)).digest("hex"),
        createdAt: "2026-11-20T10:00:00Z",
        members: members.map(({ name, peer }) => ({ name, peers: [peer] })),
      },
    );
    await followProcedure("procedure" in found ? found.procedure : [], tools, own);
    const after = await ctl("get", "", "--prefix");
    notEqual(after, before);
    equal(after, "changed\nthen\nkept\nthen\n");
    equal((await ctl("member", "list")).trim().split("\n").length, 3);
  } finally {
    await Promise.all(NAMES.map((name) => run(name, stop).catch(() => undefined)));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function isHealthy(ctl: (...args: readonly string[]) => Promise<string>): Promise<boolean> {
  return ctl("endpoint", "health").then(
    () => true,
    () => false,
  );
}

async function freeUrl(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
