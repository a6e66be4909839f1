import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import { storagePaths } from "../../lab/dataPaths";
import { labStop } from "../../lab/down";
import { runJob } from "../../lab/job";
import { labPaths } from "../../lab/paths";
import { PRODUCT_CLAIMS } from "../../lab/product";
import { labStatus } from "../../lab/status";
import { silentReporter } from "../support/silentReporter";
import { sharedDataPlane, type DataPlane } from "./support/dataPlane";
import { kill, pidsOf, up } from "./support/labs";
import { contents, gone, readyToUse } from "./support/objects";

const SNAPSHOTS = "/apis/snapshot.storage.k8s.io/v1/namespaces/atom/volumesnapshots";
const DATA = [
  "lab-csi",
  "csi-provisioner",
  "csi-attacher",
  "csi-snapshotter",
  "snapshot-controller",
  "kube-scheduler",
  "kwok",
  "lab-runner",
];

describe("the data plane after a crash", () => {
  let lab: DataPlane;

  before(async () => {
    lab = await sharedDataPlane();
  });

  /** All that has to work: a write that is acknowledged, and a snapshot that is taken and removed. */
  async function assertWorks(mark: string): Promise<void> {
    const status = await labStatus(lab.root);
    assert.equal(status.running, true, status.lines.join("\n"));
    const pod = JSON.parse(
      (await lab.api.get("/api/v1/namespaces/atom/pods/telemetry-1")).text,
    ) as {
      spec: { nodeName: string };
    };
    await runJob(lab.api, {
      namespace: "atom",
      name: `after-${mark}`,
      node: pod.spec.nodeName,
      claims: { "/volume": "data-telemetry-1" },
      command: ["sh", "-c", `echo ${mark} > /volume/mark`],
    });
    for (const { folder } of await lab.replicas("atom", "data-telemetry-1")) {
      assert.equal(fs.readFileSync(path.join(folder, "mark"), "utf8"), `${mark}\n`);
      fs.rmSync(path.join(folder, "mark"));
    }
    await lab.api.apply(
      `${SNAPSHOTS}/${mark}`,
      JSON.stringify({
        apiVersion: "snapshot.storage.k8s.io/v1",
        kind: "VolumeSnapshot",
        metadata: { name: mark },
        spec: {
          volumeSnapshotClassName: "atom-snapshots",
          source: { persistentVolumeClaimName: "data-telemetry-1" },
        },
      }),
    );
    await readyToUse(lab.api, `${SNAPSHOTS}/${mark}`);
    await lab.api.delete(`${SNAPSHOTS}/${mark}`);
    await gone(lab.api, `${SNAPSHOTS}/${mark}`);
  }

  async function bytes(): Promise<Record<string, string>[]> {
    const claims = PRODUCT_CLAIMS.filter(({ claim }) => claim !== "data-telemetry-1");
    const replicas = await Promise.all(
      claims.map(({ namespace, claim }) => lab.replicas(namespace, claim)),
    );
    return replicas.flat().map(({ folder }) => contents(folder));
  }

  for (const name of ["lab-csi", "csi-snapshotter", "lab-runner"]) {
    it(`${name} killed is started again by the next start, and everything works`, async () => {
      const { systems, root } = lab;
      await kill(root, systems.record, [name]);
      assert.equal((await labStatus(root)).running, false);
      assert.deepEqual(await up(root), systems.record);
      await assertWorks(`killed-${name}`);
    });
  }

  it("all of it killed or stopped comes back with every byte, as it ran before", async () => {
    const { systems, root } = lab;
    const before = await bytes();
    await kill(root, systems.record, DATA);
    await labStop({ root, reporter: silentReporter });
    assert.deepEqual(Object.values(pidsOf(root, systems.record)).flat(), []);
    assert.deepEqual(await up(root), systems.record);
    assert.deepEqual(await bytes(), before);
    await assertWorks("killed-all");
  });

  it("takes a snapshot of etcd by a Job on a control-plane node, whole by etcd's own check", async () => {
    const { systems, root, api } = lab;
    await runJob(api, {
      namespace: "default",
      name: "etcd-backup",
      node: "atom-b-cp",
      onControlPlane: true,
      hostFolders: { "/backup": "/var/backups/etcd", "/pki": "/etc/kubernetes/pki/etcd" },
      command: [
        "sh",
        "-c",
        `etcdctl --endpoints=https://127.0.0.1:${systems.record.ports.etcd} --cacert=/pki/ca.crt --cert=/pki/client.crt --key=/pki/client.key snapshot save /backup/new.db && mv /backup/new.db /backup/etcd.db`,
      ],
    });
    const { hosts, tools } = storagePaths(labPaths(root));
    const file = path.join(hosts, "atom-b-cp", "var", "backups", "etcd", "etcd.db");
    const { stdout } = await promisify(execFile)(path.join(tools, "etcdutl"), [
      "snapshot",
      "status",
      file,
      "--write-out=json",
    ]);
    const status = JSON.parse(stdout) as { totalKey: number; totalSize: number };
    assert.ok(status.totalKey > 300, stdout);
    // The file ends with its own SHA-256.
    assert.equal(status.totalSize + 32, fs.statSync(file).size);
    // A snapshot with a byte changed is found out.
    const damaged = fs.readFileSync(file);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 100) ^ 1, damaged.length - 100);
    fs.writeFileSync(`${file}.damaged`, damaged);
    await assert.rejects(
      promisify(execFile)(path.join(tools, "etcdutl"), [
        "snapshot",
        "restore",
        `${file}.damaged`,
        "--data-dir",
        `${file}.restored`,
      ]),
      /expected sha256/,
    );
  });
});
