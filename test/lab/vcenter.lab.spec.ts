import assert from "node:assert/strict";
import * as fs from "node:fs";
import { LAB_VCENTER_PASSWORD, LAB_VCENTER_USER } from "../../lab/credentials";
import { LAB_NODES } from "../../lab/inventory";
import { labPaths } from "../../lab/paths";
import type { LabRecord } from "../../lab/record";
import { commandLine } from "../../lab/processes";
import { dataPaths } from "../../lab/dataPaths";
import { erase, kill, pidsOf, up } from "./support/labs";
import { SoapClient, type SeenVm } from "./support/soap";
import { temporary } from "./support/temporary";

// What this cannot show: what vCenter does to disks, memory and the guest; the simulator keeps names only.
describe("the lab's vCenter", () => {
  const root = temporary();
  let record: LabRecord;
  let client: SoapClient;

  async function connect(): Promise<void> {
    client = new SoapClient(record.ports.vcenter);
    assert.equal((await client.login(LAB_VCENTER_USER, LAB_VCENTER_PASSWORD)).status, 200);
  }

  async function vm(name: string): Promise<SeenVm> {
    const found = (await client.vms()).find((one) => one.name === name);
    assert.ok(found !== undefined, name);
    return found;
  }

  /** Cuts a snapshot and gives its reference. */
  async function taken(name: string, snapshot: string): Promise<string> {
    const { reference } = await vm(name);
    const task = await client.task(await client.createSnapshot(reference, snapshot));
    assert.equal(task.state, "success");
    return task.result ?? "";
  }

  async function setFaults(rules: readonly object[]): Promise<{ status: number; text: string }> {
    const secret = Buffer.from(`${LAB_VCENTER_USER}:${LAB_VCENTER_PASSWORD}`).toString("base64");
    const headers = { Authorization: `Basic ${secret}` };
    return await client.http("PUT", "/lab/faults", JSON.stringify(rules), headers);
  }

  async function killAndRestart(): Promise<void> {
    client.close();
    await kill(root, record, ["vcenter"]);
    record = await up(root, ["vcenter"]);
    await connect();
  }

  before(async () => {
    record = await up(root, ["vcenter"]);
    await connect();
  });

  afterEach(() => setFaults([]));

  after(async () => {
    client.close();
    await erase(root);
  });

  it("has the nine machines of the inventory, on, in one answer of the property collector", async () => {
    const seen = await client.vms();
    assert.deepEqual(
      seen.map(({ name, uuid, instanceUuid, powerState, snapshots }) => ({
        name,
        uuid,
        instanceUuid,
        powerState,
        snapshots,
      })),
      LAB_NODES.map(({ name, uuid, instanceUuid }) => ({
        name,
        uuid,
        instanceUuid,
        powerState: "poweredOn",
        snapshots: [],
      })),
    );
  });

  it("lets only its user in, with the right password, over every door", async () => {
    const stranger = new SoapClient(record.ports.vcenter);
    for (const [user, password] of [
      [LAB_VCENTER_USER, "wrong"],
      [LAB_VCENTER_USER, ""],
      ["somebody", LAB_VCENTER_PASSWORD],
    ] as const) {
      assert.equal((await stranger.login(user, password)).fault, "InvalidLogin");
      const secret = Buffer.from(`${user}:${password}`).toString("base64");
      const headers = { Authorization: `Basic ${secret}` };
      for (const [method, path] of [
        ["POST", "/rest/com/vmware/cis/session"],
        ["GET", "/lab/faults"],
      ] as const) {
        assert.equal((await stranger.http(method, path, undefined, headers)).status, 401);
      }
    }
    const token = `<LoginByToken xmlns="urn:vim25"><_this type="SessionManager">SessionManager</_this></LoginByToken>`;
    assert.equal((await stranger.call(token)).fault, "InvalidLogin");
    const { reference } = await vm("atom-a-1");
    assert.equal((await stranger.createSnapshot(reference, "x")).fault, "NotAuthenticated");
    stranger.close();
  });

  it("runs alone where nothing else was asked for", () => {
    const running = Object.entries(pidsOf(root, record)).filter(([, pids]) => pids.length > 0);
    assert.deepEqual(
      running.map(([name]) => name),
      ["vcenter"],
    );
  });

  it("has its password neither in its arguments nor in its files", () => {
    const [pid] = pidsOf(root, record)["vcenter"] ?? [];
    assert.ok(pid !== undefined);
    assert.ok(!commandLine(pid).join(" ").includes(LAB_VCENTER_PASSWORD));
    const { lab } = labPaths(root);
    for (const entry of fs.readdirSync(lab, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) {
        const text = fs.readFileSync(`${entry.parentPath}/${entry.name}`, "utf8");
        assert.ok(!text.includes(LAB_VCENTER_PASSWORD), entry.name);
      }
    }
  });

  it("offers the vSphere provider its policy service and a REST session", async () => {
    const question = `<PbmRetrieveServiceContent xmlns="urn:pbm"><_this type="PbmServiceInstance">ServiceInstance</_this></PbmRetrieveServiceContent>`;
    for (const path of ["/pbm", "/pbm/sdk"]) {
      const answer = await client.call(question, path);
      assert.equal(answer.status, 200);
      assert.match(answer.text, /<profileManager type="PbmProfileProfileManager">ProfileManager</);
    }
    const secret = Buffer.from(`${LAB_VCENTER_USER}:${LAB_VCENTER_PASSWORD}`).toString("base64");
    const address = "/rest/com/vmware/cis/session";
    const opened = await client.http("POST", address, "", { Authorization: `Basic ${secret}` });
    const { value } = JSON.parse(opened.text) as { value: string };
    const headers = { "vmware-api-session-id": value };
    assert.equal((await client.http("GET", address, undefined, headers)).status, 200);
    assert.equal((await client.http("DELETE", address, undefined, headers)).status, 200);
    assert.equal((await client.http("GET", address, undefined, headers)).status, 401);
  });

  it("answers a creation with the snapshot's reference in the task's result", async () => {
    const { reference } = await vm("atom-a-1");
    const task = await client.task(await client.createSnapshot(reference, "first"));
    const seen = await vm("atom-a-1");
    assert.deepEqual(task, { state: "success", result: seen.current });
    assert.deepEqual(seen.snapshots, [`${seen.current} first -`]);
  });

  it("keeps every tree with the same references over a kill, and gives none of them twice", async () => {
    const first = await taken("atom-b-1", "one");
    const removed = await taken("atom-b-1", "two");
    await client.task(await client.removeSnapshot(removed));
    const third = await taken("atom-b-1", "three");
    await client.task(
      await client.call(
        `<RevertToSnapshot_Task xmlns="urn:vim25"><_this type="VirtualMachineSnapshot">${first}</_this></RevertToSnapshot_Task>`,
      ),
    );
    const branch = await taken("atom-b-1", "four");
    const before = await client.vms();
    await killAndRestart();
    assert.deepEqual(await client.vms(), before);
    const seen = await vm("atom-b-1");
    assert.deepEqual(seen.snapshots, [
      `${first} one -`,
      `${third} three ${first}`,
      `${branch} four ${first}`,
    ]);
    assert.equal(seen.current, branch);
    const later = await taken("atom-b-1", "five");
    assert.ok(![first, removed, third, branch].includes(later), later);
    const last = Math.max(
      ...[first, removed, third, branch].map((ref) => Number(ref.split("-")[1])),
    );
    assert.ok(Number(later.split("-")[1]) > last);
  });

  it("starts with all but the last change if that was half written when it was killed", async () => {
    await taken("atom-b-2", "whole");
    const before = await client.vms();
    client.close();
    await kill(root, record, ["vcenter"]);
    const journal = `${dataPaths(labPaths(root)).vcenter}/journal.jsonl`;
    fs.appendFileSync(journal, '{"vm":"atom-b-2","power":"poweredOn","roots":[{"ref":"snapsh');
    record = await up(root, ["vcenter"]);
    await connect();
    assert.deepEqual(await client.vms(), before);
  });

  it("removes a snapshot alone or with all below it, and moves the current one up", async () => {
    const one = await taken("atom-c-1", "one");
    const two = await taken("atom-c-1", "two");
    const three = await taken("atom-c-1", "three");
    const four = await taken("atom-c-1", "four");
    assert.equal((await client.task(await client.removeSnapshot(two))).state, "success");
    let seen = await vm("atom-c-1");
    assert.deepEqual(seen.snapshots, [
      `${one} one -`,
      `${three} three ${one}`,
      `${four} four ${three}`,
    ]);
    assert.equal(seen.current, four);
    assert.equal((await client.task(await client.removeSnapshot(three, true))).state, "success");
    seen = await vm("atom-c-1");
    assert.deepEqual(seen.snapshots, [`${one} one -`]);
    assert.equal(seen.current, one);
    assert.equal((await client.removeSnapshot(four)).fault, "ManagedObjectNotFound");
    assert.equal((await client.task(await client.removeSnapshot(one))).state, "success");
    seen = await vm("atom-c-1");
    assert.deepEqual([seen.snapshots, seen.current], [[], undefined]);
  });

  it("refuses the 33rd level of a chain", async () => {
    for (let level = 1; level <= 32; level++) {
      await taken("atom-a-cp", `level-${level}`);
    }
    const { reference, snapshots } = await vm("atom-a-cp");
    assert.equal(snapshots.length, 32);
    const task = await client.task(await client.createSnapshot(reference, "level-33"));
    assert.deepEqual(task, { state: "error", fault: "TooManySnapshotLevels" });
    assert.deepEqual((await vm("atom-a-cp")).snapshots, snapshots);
  });

  it("takes many changes and questions at once, loses none and stays up", async () => {
    const { reference, uuid } = await vm("atom-c-cp");
    const find = `<FindByUuid xmlns="urn:vim25"><_this type="SearchIndex">SearchIndex</_this><uuid>${uuid}</uuid><vmSearch>true</vmSearch></FindByUuid>`;
    const before = pidsOf(root, record);
    const work = async (number: number): Promise<(string | undefined)[]> => {
      const one = new SoapClient(record.ports.vcenter);
      await one.login(LAB_VCENTER_USER, LAB_VCENTER_PASSWORD);
      const takes: (string | undefined)[] = [];
      for (let round = 0; round < 3; round++) {
        takes.push(
          (await one.task(await one.createSnapshot(reference, `${number}-${round}`))).result,
        );
        for (let question = 0; question < 3; question++) {
          assert.ok((await one.call(find)).text.includes(`>${reference}<`));
          await one.vms();
        }
      }
      one.close();
      return takes;
    };
    const takes = await Promise.all(Array.from({ length: 10 }, (_, number) => work(number)));
    assert.equal(new Set(takes.flat()).size, 30);
    assert.equal((await vm("atom-c-cp")).snapshots.length, 30);
    assert.deepEqual(pidsOf(root, record), before);
  });

  it("tells which privileges a fault rule denies", async () => {
    const { reference } = await vm("atom-a-1");
    const question = `<HasPrivilegeOnEntities xmlns="urn:vim25"><_this type="AuthorizationManager">AuthorizationManager</_this><entity type="VirtualMachine">${reference}</entity><sessionId>any</sessionId><privId>VirtualMachine.State.CreateSnapshot</privId><privId>VirtualMachine.State.RemoveSnapshot</privId></HasPrivilegeOnEntities>`;
    const granted = async () =>
      [
        ...(await client.call(question)).text.matchAll(
          /<privId>([^<]+)<\/privId><isGranted>(\w+)</g,
        ),
      ].map(([, id, is]) => `${id?.split(".").at(-1)} ${is}`);
    assert.deepEqual(await granted(), ["CreateSnapshot true", "RemoveSnapshot true"]);
    await setFaults([
      { method: "HasPrivilegeOnEntities", deny: ["VirtualMachine.State.RemoveSnapshot"] },
    ]);
    assert.deepEqual(await granted(), ["CreateSnapshot true", "RemoveSnapshot false"]);
  });

  describe("with fault rules", () => {
    it("fails the task of one machine so many times, and no other", async () => {
      const rule = {
        method: "CreateSnapshot_Task",
        vm: "atom-b-cp",
        count: 2,
        fault: "TaskInProgress",
      };
      assert.equal((await setFaults([rule])).status, 200);
      const { reference } = await vm("atom-b-cp");
      const states = [];
      for (let tries = 0; tries < 3; tries++) {
        states.push(
          (await client.task(await client.createSnapshot(reference, `try-${tries}`))).fault,
        );
      }
      assert.deepEqual(states, ["TaskInProgress", "TaskInProgress", undefined]);
      assert.equal((await vm("atom-b-cp")).snapshots.length, 1);
      await taken("atom-c-2", "other");
    });

    it("fails the call itself when asked to", async () => {
      const { reference } = await vm("atom-a-2");
      await setFaults([{ method: "CreateSnapshot_Task", fault: "NoPermission", stage: "call" }]);
      const answer = await client.createSnapshot(reference, "x");
      assert.deepEqual([answer.status, answer.fault], [500, "NoPermission"]);
    });

    it("loses the answer but does the work, or loses both", async () => {
      const { reference } = await vm("atom-a-2");
      await setFaults([{ method: "CreateSnapshot_Task", drop: "after" }]);
      await assert.rejects(client.createSnapshot(reference, "done"));
      await setFaults([{ method: "CreateSnapshot_Task", drop: "before" }]);
      await assert.rejects(client.createSnapshot(reference, "not-done"));
      const { snapshots } = await vm("atom-a-2");
      assert.deepEqual(
        snapshots.map((line) => line.split(" ")[1]),
        ["done"],
      );
    });

    it("holds a call back and lets the first ones pass", async () => {
      await setFaults([{ method: "Login", skip: 1, count: 1, delayMs: 400 }]);
      const times = [];
      for (let tries = 0; tries < 3; tries++) {
        const one = new SoapClient(record.ports.vcenter);
        const began = performance.now();
        await one.login(LAB_VCENTER_USER, LAB_VCENTER_PASSWORD);
        times.push(performance.now() - began >= 400);
        one.close();
      }
      assert.deepEqual(times, [false, true, false]);
    });

    it("refuses rules that say nothing it knows, and keeps the earlier ones", async () => {
      await setFaults([{ method: "Login", count: 7 }]);
      for (const [rule, words] of [
        [{ fault: "TaskInProgress" }, /rule 0: method is missing/],
        [{ method: "Login", vm: "atom-z" }, /rule 0: vm "atom-z" is none of atom-a-1, /],
        [{ method: "Login", fault: "NoSuchFault" }, /fault "NoSuchFault" is no vSphere fault type/],
        [{ method: "Login", drop: "sometimes" }, /drop "sometimes" is neither before nor after/],
        [{ method: "Login", tiems: 1 }, /unknown field "tiems"/],
      ] as const) {
        const answer = await setFaults([rule]);
        assert.equal(answer.status, 400);
        assert.match(answer.text, words);
      }
      const secret = Buffer.from(`${LAB_VCENTER_USER}:${LAB_VCENTER_PASSWORD}`).toString("base64");
      const kept = await client.http("GET", "/lab/faults", undefined, {
        Authorization: `Basic ${secret}`,
      });
      assert.deepEqual(JSON.parse(kept.text), [{ method: "Login", count: 7, used: 0 }]);
    });
  });
});
