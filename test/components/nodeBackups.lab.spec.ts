// Shows that what the CronJob runs makes backups from which alone an empty lab gets its control plane back. Not shown here:
// that Kubernetes starts it on time, and an NFS export.
import { deepStrictEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";

import { join } from "node:path";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { text as readText } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";

import { kubernetesProvider, NodeBackups } from "../../components";
import { projectRoot } from "../../config/projectRoot";
import { LabApi } from "../../lab/api";
import { dataPaths, storagePaths } from "../../lab/dataPaths";
import { labStop } from "../../lab/down";
import { labPaths } from "../../lab/paths";
import { readLabRecord, writeLabRecord, type LabRecord } from "../../lab/record";
import { adminToken, clusterCa } from "../../lab/serviceFiles";
import { erase, up } from "../lab/support/labs";
import { look, lookAll, soon, type Seen } from "../lab/support/objects";
import { temporary } from "../lab/support/temporary";
import { record } from "../support/recorder";
import { silentReporter } from "../support/silentReporter";

const JOBS = "/apis/batch/v1/namespaces/kube-system/jobs";
const NODES = ["atom-a-cp", "atom-b-cp", "atom-c-cp"];
const FOLDERS = { folder: "/var/backups/etcd", offCluster: "/mnt/off-cluster" };
/** What is restored is compared by identity. */
const KINDS = ["namespaces", "configmaps", "secrets", "serviceaccounts", "nodes"];

describe("backups of the control plane", () => {
  const root = temporary();
  /** All that is left in the end: the copies off the cluster, and the key. */
  const safe = temporary();
  const key = join(safe, "backup.key");
  const page = readFileSync(
    join(projectRoot(), "docs", "how-to", "back-up-the-control-plane.md"),
    "utf8",
  );
  let lab: LabRecord;
  let api: LabApi;
  let objects: readonly string[];
  let token: string;

  const open = (at: string, { ports }: LabRecord): LabApi =>
    new LabApi(ports.apiserver, clusterCa(labPaths(at)), adminToken(labPaths(at)));
  const onNode = (node: string, folder: string): string =>
    join(storagePaths(labPaths(root)).hosts, node, folder);
  const files = (node: string, folder: string): string[] =>
    readdirSync(onNode(node, folder)).sort();

  /** Commands of one section of the page. */
  function commandsOf(title: string): string {
    const [, section = ""] = page.split(`\n## ${title}\n`);
    const [, commands] = /```sh\n([^]*?)```/.exec(section) ?? [];
    ok(commands !== undefined, title);
    return commands;
  }

  before(async () => {
    execFileSync("/bin/sh", ["-ec", commandsOf("Make a key")], { cwd: safe, stdio: "pipe" });
    lab = await up(root, ["cluster", "data"]);
    api = open(root, lab);
    for (const node of NODES) {
      mkdirSync(onNode(node, FOLDERS.offCluster), { recursive: true });
      const { serviceAccountKey } = dataPaths(labPaths(root));
      copyFileSync(serviceAccountKey, onNode(node, "etc/kubernetes/pki/sa.key"));
    }
    await configMap(api, "before");
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "keeper" } };
    await api.apply("/api/v1/namespaces/default/serviceaccounts/keeper", JSON.stringify(account));
    token = await issueToken();
    equal(await isAccepted(token), true);
  });

  after(async () => {
    api.close();
    await erase(root);
  });

  async function configMap(at: LabApi, name: string): Promise<void> {
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { is: name } };
    await at.apply(`/api/v1/namespaces/default/configmaps/${name}`, JSON.stringify(object));
  }

  /** A job of the CronJob, and how it ended. */
  async function backUp(name: string, taken: readonly string[] = ["/etc/kubernetes"]) {
    const { one } = await record(() => {
      const providers = [kubernetesProvider("kubernetes", { clusterIdentifier: "lab" })];
      const etcd = {
        endpoints: [`https://127.0.0.1:${lab.ports.etcd}`],
        node: NODES[0] as string,
        caFile: "/etc/kubernetes/pki/etcd/ca.crt",
        certFile: "/etc/kubernetes/pki/etcd/client.crt",
        keyFile: "/etc/kubernetes/pki/etcd/client.key",
        image: "lab.example/etcd:3.7",
        folder: FOLDERS.folder,
        timeoutSeconds: 120,
        ...{ dataDir: "/var/lib/etcd", stop: "true", start: "true" },
      };
      const controlPlane = {
        cron: "17 */6 * * *",
        timeZone: "Etc/UTC",
        namespace: "kube-system",
        image: "lab.example/etcd:3.7",
        files: taken,
        certificate: readFileSync(join(safe, "backup.crt"), "utf8"),
        offCluster: FOLDERS.offCluster,
        keepLocal: 1,
        keepOffCluster: 2,
        timeoutSeconds: 120,
      };
      new NodeBackups("backups", { stack: "lab", etcd, controlPlane, labels: {} }, { providers });
    }).then((made) => ({
      one: made.one("kubernetes:batch/v1:CronJob", "backups-control-plane").inputs,
    }));
    const at = `/apis/batch/v1/namespaces/kube-system/cronjobs/atom-control-plane-backup`;
    await api.apply(at, JSON.stringify(one));
    const template = (one["spec"] as unknown as { jobTemplate: Seen }).jobTemplate;
    const spec = template.spec as { template: { spec: object } };
    // On one node, so that its folder off the cluster is that of all.
    spec.template.spec = { ...spec.template.spec, nodeName: NODES[0] };
    const job = { apiVersion: "batch/v1", kind: "Job", metadata: { name }, spec };
    await api.apply(
      `${JOBS}/${name}`,
      JSON.stringify({ ...job, spec: { ...spec, backoffLimit: 0 } }),
    );
    return await soon(`the end of job ${name}`, async () => {
      const { status } = (await look(api, `${JOBS}/${name}`)) as unknown as {
        status: { conditions?: { type: string; status: string }[] };
      };
      return status.conditions?.find(
        (each) => each.status === "True" && /^(Complete|Failed)$/.test(each.type),
      )?.type;
    });
  }

  async function identities(at: LabApi): Promise<string[]> {
    const found = await Promise.all(KINDS.map((kind) => lookAll(at, `/api/v1/${kind}`)));
    return found
      .flatMap((items, index) =>
        items.map(({ metadata }) => `${KINDS[index]} ${metadata.name} ${metadata.uid}`),
      )
      .sort();
  }

  it("are whole in both places, and only the newest stay", async () => {
    const part = "control-plane-lab-20280229T000000Z.tar.cms.part";
    writeFileSync(onNode(NODES[0] as string, join(FOLDERS.offCluster, part)), "of a killed run");
    for (const name of ["first", "second", "third"]) {
      objects = await identities(api);
      equal(await backUp(name), "Complete");
      // Their names have the second.
      await pause(1000);
    }
    const off = files(NODES[0] as string, FOLDERS.offCluster);
    equal(off.length, 4, off.join());
    deepStrictEqual(files(NODES[0] as string, FOLDERS.folder), off.slice(2));
    off.forEach((name) => match(name, /^control-plane-lab-\d{8}T\d{6}Z\.tar\.cms(\.sha256)?$/));
  });

  it("fail where something of the node is not there, and leave nothing", async () => {
    const before = files(NODES[0] as string, FOLDERS.offCluster);
    equal(await backUp("fails", ["/etc/kubernetes", "/etc/encryption"]), "Failed");
    deepStrictEqual(files(NODES[0] as string, FOLDERS.offCluster), before);
  });

  it("give an empty lab its control plane back, without what came later", async () => {
    await configMap(api, "later");
    cpSync(onNode(NODES[0] as string, FOLDERS.offCluster), safe, { recursive: true });
    const revision = await revisionOf(api);
    api.close();
    await erase(root);
    mkdirSync(root);
    lab = await up(root, ["cluster", "data"]);
    equal(await isAccepted(token), false, "an empty lab has a key of its own");
    await labStop({ root, reporter: silentReporter });

    const data = dataPaths(labPaths(root));
    const peer = `https://127.0.0.1:${lab.ports.etcdPeer}`;
    const backup = readdirSync(safe)
      .filter((name) => name.endsWith(".cms"))
      .at(-1) as string;
    const tampered = join(safe, "tampered.tar.cms");
    const bytes = readFileSync(join(safe, backup));
    const middle = bytes.length >> 1;
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    writeFileSync(tampered, bytes);
    const restore = (file: string) =>
      spawnSync("/bin/sh", ["-c", commandsOf("Restore it")], {
        cwd: temporary(),
        encoding: "utf8",
        env: {
          PATH: `${storagePaths(labPaths(root)).tools}:${process.env["PATH"] ?? ""}`,
          ...{ BACKUP: file, KEY: key, ROOT: onNode(NODES[0] as string, "."), NAME: "lab" },
          ...{ ETCD_DATA: data.etcd, PEER: peer, CLUSTER: `lab=${peer}` },
        },
      });
    rmSync(data.etcd, { recursive: true });
    execFileSync("/bin/sh", [
      "-c",
      `cd ${safe} && sha256sum tampered.tar.cms > tampered.tar.cms.sha256`,
    ]);
    notEqual(restore(tampered).status, 0);
    const { status, stderr } = restore(join(safe, backup));
    equal(status, 0, stderr);
    copyFileSync(onNode(NODES[0] as string, "etc/kubernetes/pki/sa.key"), data.serviceAccountKey);
    // The lab knows its cluster by what it wrote down of the one that this etcd was not made by.
    writeLabRecord(root, { ...(readLabRecord(root) as LabRecord), clusterUid: undefined });
    lab = await up(root, ["cluster", "data"]);
    api = open(root, lab);

    const restored = await identities(api);
    deepStrictEqual(
      objects.filter((one) => !restored.includes(one)),
      [],
    );
    equal(await look(api, "/api/v1/namespaces/default/configmaps/later"), undefined);
    ok((await look(api, "/api/v1/namespaces/default/configmaps/before")) !== undefined);
    ok((await revisionOf(api)) > revision + 900_000_000, "no revision comes twice");
    equal(await isAccepted(token), true, "tokens of before are good");
  });

  async function revisionOf(at: LabApi): Promise<number> {
    const { text } = await at.get("/api/v1/namespaces/default/configmaps");
    return Number(
      (JSON.parse(text) as { metadata: { resourceVersion: string } }).metadata.resourceVersion,
    );
  }

  /** A token of a ServiceAccount, which the API server signs with its key. */
  async function issueToken(): Promise<string> {
    const paths = labPaths(root);
    const call = request({
      ...{ host: "127.0.0.1", port: lab.ports.apiserver, ca: clusterCa(paths), method: "POST" },
      path: "/api/v1/namespaces/default/serviceaccounts/keeper/token",
      headers: {
        Authorization: `Bearer ${adminToken(paths)}`,
        "Content-Type": "application/json",
      },
    });
    call.end(JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest" }));
    const [answer] = (await once(call, "response")) as [IncomingMessage];
    return (JSON.parse(await readText(answer)) as { status: { token: string } }).status.token;
  }

  /** Whether the API server takes a token for one of its own. */
  async function isAccepted(one: string): Promise<boolean> {
    const asAccount = new LabApi(lab.ports.apiserver, clusterCa(labPaths(root)), one);
    const { status } = await asAccount.get("/api/v1/namespaces/default/configmaps");
    asAccount.close();
    return status !== 401;
  }
});
