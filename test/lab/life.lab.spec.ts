import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import { once } from "node:events";
import * as path from "node:path";
import { LAB_VCENTER_PASSWORD, LAB_VCENTER_USER } from "../../lab/credentials";
import { labDown, labStop } from "../../lab/down";
import { LabError } from "../../lab/error";
import { labPaths } from "../../lab/paths";
import { isFree } from "../../lab/ports";
import { startTime } from "../../clients/process";
import { until } from "../../lab/processes";
import { readLabRecord, type LabRecord } from "../../lab/record";
import { labStatus } from "../../lab/status";
import { silentReporter } from "../support/silentReporter";
import { thoroughly } from "../support/thoroughly";
import { apiOf } from "./support/cluster";
import { erase, kill, pidsOf, up } from "./support/labs";
import { SoapClient } from "./support/soap";
import { removeTemporary, temporary } from "./support/temporary";

const ALL = ["etcd", "kube-apiserver", "kube-controller-manager", "vcenter"] as const;

describe("the life of a lab", () => {
  const root = temporary();
  let record: LabRecord;

  /** A mark in etcd and one in vCenter: a lab that came back as it was still has both. */
  async function mark(name: string): Promise<string[]> {
    await apiOf(root, record, async (api) => {
      await api.apply(
        `/api/v1/namespaces/default/configmaps/${name}`,
        JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } }),
      );
    });
    const client = new SoapClient(record.ports.vcenter);
    await client.login(LAB_VCENTER_USER, LAB_VCENTER_PASSWORD);
    const vm = (await client.vms())[0];
    await client.createSnapshot(vm?.reference ?? "", name);
    client.close();
    return await marks();
  }

  async function marks(): Promise<string[]> {
    const uids = await apiOf(root, record, async (api) => {
      const { status, text } = await api.get("/api/v1/namespaces/default/configmaps");
      assert.equal(status, 200);
      const list = JSON.parse(text) as { items: { metadata: { name: string; uid: string } }[] };
      return list.items.map(({ metadata }) => `${metadata.name} ${metadata.uid}`);
    });
    const client = new SoapClient(record.ports.vcenter);
    await client.login(LAB_VCENTER_USER, LAB_VCENTER_PASSWORD);
    const snapshots = (await client.vms()).flatMap((vm) => vm.snapshots);
    client.close();
    return [...uids, ...snapshots];
  }

  async function assertWorks(expected: readonly string[]): Promise<void> {
    const status = await labStatus(root);
    assert.equal(status.running, true, status.lines.join("\n"));
    assert.deepEqual(await marks(), expected);
    for (const [name, pids] of Object.entries(pidsOf(root, record))) {
      assert.equal(pids.length, 1, name);
    }
  }

  before(async () => {
    record = await up(root);
  });

  after(async () => {
    await erase(root);
    removeTemporary();
  });

  it("starting it twice changes nothing", async () => {
    const before = pidsOf(root, record);
    assert.deepEqual(await up(root), record);
    assert.deepEqual(pidsOf(root, record), before);
  });

  for (const name of ALL) {
    (name === "etcd" ? it : thoroughly)(
      `${name} killed is started again, and everything is as it was`,
      async () => {
        const expected = await mark(`before-${name}`);
        const before = pidsOf(root, record);
        await kill(root, record, [name]);
        assert.equal((await labStatus(root)).running, false);
        assert.deepEqual(await up(root), record);
        await assertWorks(expected);
        // An API server that has lost its etcd lets requests hang, so that it is started anew with it.
        const anew = name === "etcd" ? ["etcd", "kube-apiserver"] : [name];
        const after = pidsOf(root, record);
        assert.deepEqual(
          ALL.filter((one) => String(after[one]) !== String(before[one])),
          anew,
        );
      },
    );
  }

  it("all killed and the run folder lost, as by a reboot, come back as they were, also by two starts at once", async () => {
    const expected = await mark("before-reboot");
    await kill(root, record, ALL);
    fs.rmSync(labPaths(root).run, { recursive: true });
    assert.deepEqual(await Promise.all([up(root), up(root)]), [record, record]);
    await assertWorks(expected);
  });

  it("processes that run are found again when the run folder is lost", async () => {
    const before = pidsOf(root, record);
    fs.rmSync(labPaths(root).run, { recursive: true });
    assert.deepEqual(await up(root), record);
    assert.deepEqual(pidsOf(root, record), before);
  });

  it("a pid file that names another program is not believed, and that program is left alone", async () => {
    const expected = await mark("before-reuse");
    const other = spawn("sleep", ["600"]);
    try {
      await kill(root, record, ["vcenter"]);
      fs.writeFileSync(path.join(labPaths(root).run, "vcenter.pid"), `${other.pid}\n`);
      assert.equal((await labStatus(root)).services.at(-1)?.pid, undefined);
      await up(root);
      await assertWorks(expected);
      assert.ok(other.pid !== undefined);
      assert.notEqual(startTime(other.pid), undefined);
    } finally {
      other.kill("SIGKILL");
    }
  });

  thoroughly("a process that hangs is started anew", async () => {
    const [pid] = pidsOf(root, record)["vcenter"] ?? [];
    assert.ok(pid !== undefined);
    process.kill(pid, "SIGSTOP");
    await up(root);
    assert.equal((await labStatus(root)).running, true);
    assert.notDeepEqual(pidsOf(root, record)["vcenter"], [pid]);
  });

  thoroughly("a start that is killed itself is completed by the next one", async () => {
    const expected = await mark("before-killed-start");
    await kill(root, record, ALL);
    const script = `
      const { labUp } = require(${JSON.stringify(path.resolve(__dirname, "../../lab/up.js"))});
      const { silentReporter } = require(${JSON.stringify(path.resolve(__dirname, "../support/silentReporter.js"))});
      void labUp({ root: ${JSON.stringify(root)}, reporter: silentReporter });`;
    const starter = spawn(process.execPath, ["-e", script], { stdio: "ignore", detached: true });
    const running = (): boolean => (pidsOf(root, record)["kube-apiserver"] ?? []).length === 1;
    assert.ok(await until(running, 120_000));
    assert.ok(starter.pid !== undefined);
    // All that belongs to the command goes, as when a terminal is closed; what it started stays.
    process.kill(-starter.pid, "SIGKILL");
    await once(starter, "close");
    assert.ok(running());
    assert.ok(fs.existsSync(labPaths(root).lock));
    assert.deepEqual(await up(root), record);
    await assertWorks(expected);
    assert.ok(!fs.existsSync(labPaths(root).lock));
  });

  it("stopped, it has no process and no port, and moves none that another program took, but names the holder", async () => {
    const expected = await mark("before-stop");
    await labStop({ root, reporter: silentReporter });
    assert.deepEqual(Object.values(pidsOf(root, record)).flat(), []);
    for (const port of Object.values(record.ports)) {
      assert.equal(await isFree(port), true);
    }
    const thief = net.createServer().listen(record.ports.apiserver, "127.0.0.1");
    await once(thief, "listening");
    await assert.rejects(
      up(root),
      new LabError(
        `kube-apiserver needs port ${record.ports.apiserver} of 127.0.0.1, which process ${process.pid} (node) uses. End that program and run the command again, or give the lab new ports by \`./atom lab down\`, which erases it.`,
      ),
    );
    assert.deepEqual(readLabRecord(root), record);
    thief.close();
    await once(thief, "close");
    await up(root);
    await assertWorks(expected);
  });

  thoroughly(
    "a second lab in another checkout is another one, and the end of it leaves the first alone",
    async () => {
      const expected = await mark("before-second");
      const second = temporary();
      const other = await up(second);
      assert.notEqual(other.clusterUid, record.clusterUid);
      assert.notEqual(other.caFingerprint, record.caFingerprint);
      assert.notEqual(other.vcenterInstanceUuid, record.vcenterInstanceUuid);
      const ports = [...Object.values(other.ports), ...Object.values(record.ports)];
      assert.equal(new Set(ports).size, 10);
      await labDown({ root: second, reporter: silentReporter });
      assert.deepEqual(fs.readdirSync(second), []);
      assert.deepEqual(Object.values(pidsOf(second, other)).flat(), []);
      for (const port of Object.values(other.ports)) {
        assert.equal(await isFree(port), true);
      }
      await assertWorks(expected);
    },
  );

  thoroughly("a first start moves to other ports when one is taken in between", async () => {
    const other = temporary();
    const thief = net.createServer().listen(0, "127.0.0.1");
    await once(thief, "listening");
    const taken = (thief.address() as net.AddressInfo).port;
    const unsettled = { ...record, settled: false, ports: { ...record.ports, vcenter: taken } };
    fs.mkdirSync(labPaths(other).lab);
    fs.writeFileSync(labPaths(other).record, JSON.stringify(unsettled));
    const moved = await up(other, ["vcenter"]);
    assert.notEqual(moved.ports.vcenter, taken);
    assert.equal(moved.settled, true);
    thief.close();
    await erase(other);
  });

  it("a damaged record is named, and `down` still ends and erases everything", async () => {
    fs.writeFileSync(labPaths(root).record, "{");
    await assert.rejects(up(root), /record\.json is damaged\. Run `\.\/atom lab down`/);
    await labDown({ root, reporter: silentReporter });
    assert.deepEqual(fs.readdirSync(root), []);
    assert.deepEqual(Object.values(pidsOf(root, record)).flat(), []);
  });
});
