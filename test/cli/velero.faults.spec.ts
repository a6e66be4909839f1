// Shows that the Schedule which the program declares makes a backup of the real Velero, from which an empty cluster gets the
// product's objects back, and the volumes by a restore point. Not shown: data of volumes, which Velero's pods move.
import { deepStrictEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { rmSync } from "node:fs";

import { waitFor } from "../../clients/wait";
import { dataPaths } from "../../lab/dataPaths";
import { labStop } from "../../lab/down";
import { labPaths } from "../../lab/paths";
import { readLabRecord, writeLabRecord, type LabRecord } from "../../lab/record";
import { blocksOf, pageOf, runBlock } from "../docs/support/page";
import { up } from "../lab/support/labs";
import { silentReporter } from "../support/silentReporter";
import { leastRights } from "./support/leastRights";
import { moduleCrds, serveKinds } from "./support/moduleCrds";
import { PointLab } from "./support/pointLab";
import { grantOwnKinds, rolledState } from "./support/rolledState";
import { VeleroRun } from "./support/runVelero";

const API = "velero.io/v1";
const namespace = "velero";
const [whole, objects] = blocksOf(pageOf("how-to/back-up-with-velero.md"), "Restore it").map(
  ({ commands }) => commands,
);

describe("a backup by the real Velero", () => {
  let lab: PointLab;
  let velero: VeleroRun;
  let then: Awaited<ReturnType<typeof rolledState>>;
  let name: string;

  before(async () => {
    lab = await PointLab.up();
    lab.group("never");
    equal((await lab.create("before", { consistency: "crash" })).status, 0);
    velero = await VeleroRun.open(lab.root, "backups");
    await install();
    lab.edit(["nodeBackups", "velero"], {
      cron: "* * * * *",
      bucket: "backups",
      endpoint: velero.endpoint,
      credential: { name: "backups", key: "cloud" },
    });
    await grant();
    then = await rolledState(lab);
  });

  after(async () => {
    await velero.close();
    await lab.down();
  });

  /** What people do beside this program: kinds, namespace, credentials and Velero's Deployment. */
  async function install(): Promise<void> {
    await serveKinds(lab.cluster, (await moduleCrds("velero")).values());
    const own = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
    await lab.cluster.create(own, "test");
    const text = "[default]\naws_access_key_id=lab\naws_secret_access_key=lab-secret\n";
    const data = { cloud: Buffer.from(text).toString("base64") };
    const metadata = { name: "backups", namespace };
    await lab.cluster.create({ apiVersion: "v1", kind: "Secret", metadata, data }, "test");
    // A restore reads the image of its own pod; the server is a process here.
    const containers = [{ name: "velero", image: "lab.example/velero:v1.18.3" }];
    const labels = { component: "velero" };
    const template = { metadata: { labels }, spec: { containers } };
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "velero", namespace },
      spec: { replicas: 0, selector: { matchLabels: labels }, template },
    };
    await lab.cluster.create(deployment, "test");
  }

  /** The rights that the lab's own copy of the stack file asks for. */
  function grant(): Promise<void> {
    const { root } = lab;
    return leastRights(root, lab.cluster, { root, file: labPaths(root).stackFile });
  }

  /** Name of the newest backup that came to its end whole. */
  async function completed(): Promise<string> {
    const found = await waitFor(
      async () => {
        const backups = await lab.cluster.list(API, "Backup", { namespace });
        return backups
          .filter((one) => (one["status"] as { phase?: string } | undefined)?.phase === "Completed")
          .map(({ metadata }) => metadata.name)
          .sort()
          .at(-1);
      },
      { timeoutMs: 600_000, pauseMs: 500 },
    );
    ok(found !== undefined, velero.log().slice(-4000));
    return found;
  }

  /** Commands of the page, with this lab's names in them. */
  async function follow(commands = ""): Promise<string> {
    const own = commands
      .replaceAll("BACKUP", name)
      .replaceAll("pre-24.2", "before")
      .replaceAll("velero -n", `KUBECONFIG=${velero.kubeconfig} ${velero.bin}/velero -n`);
    const { status, output } = await runBlock(lab.root, `set -e\n${own}`);
    equal(status, 0, output);
    return output;
  }

  it("is made by the Schedule that the program declares", async () => {
    await lab.done(["up"]);
    await velero.serve();
    name = await completed();
    match(name, /^atom-backup-\d{14}$/);
    await told(["status"], /^copies off the cluster +Velero's backup atom-backup-\d{14}, of /m);
    const drift = await told(["drift"], /Velero's node agent/);
    doesNotMatch(drift, /Velero's (backups|object store)/);
    await told(
      ["exporter"],
      /^atom_backup_copy_timestamp_seconds\{stack="lab",copy="velero"\} \d{10}$/m,
    );
  });

  /** What a command says in the end: on a slow machine the first looks may come too late for it. */
  async function told(args: readonly string[], line: RegExp): Promise<string> {
    let last = "";
    const found = await waitFor(
      async () => {
        last = (await lab.checkout.atom(args)).stdout;
        return line.test(last) ? last : undefined;
      },
      { timeoutMs: 600_000, pauseMs: 1000 },
    );
    ok(found !== undefined, last);
    return found;
  }

  it("gives an empty cluster the product's objects back, and leaves the volumes to a restore point", async () => {
    const { root } = lab;
    await velero.stopServer();
    await labStop({ root, reporter: silentReporter });
    rmSync(dataPaths(labPaths(root)).etcd, { recursive: true });
    writeLabRecord(root, { ...(readLabRecord(root) as LabRecord), clusterUid: undefined });
    await up(root, ["cluster", "vcenter", "data"]);
    await install();
    await grant();
    await grantOwnKinds(lab);
    await follow(whole?.split("\n").slice(0, 2).join("\n"));
    await velero.serve();
    equal((await completed()) >= name, true);
    const output = await follow(objects);
    match(output, /Restore completed with status: Completed/);
    deepStrictEqual(unmarked(await rolledState(lab)), unmarked(then));
  });
});

/** A state without the labels by which Velero marks what it restored. */
function unmarked(state: object): unknown {
  const text = JSON.stringify(state, (key, value: unknown) => {
    const labels = key === "labels" && value !== null && typeof value === "object" ? value : {};
    const own = Object.entries(labels).filter(([name]) => !name.startsWith("velero.io/"));
    return key !== "labels" ? value : own.length === 0 ? undefined : Object.fromEntries(own);
  });
  return JSON.parse(text);
}
