import { deepStrictEqual, equal, match, rejects } from "node:assert/strict";

import { KILL_VARIABLE } from "../../clients/killPoints";
import { destroyVm } from "../../clients/vcenter/images";
import { runTask } from "../../clients/vcenter/task";
import { readNamed, type Named } from "../../clients/vcenter/vms";
import { machineAt } from "../../clients/vcenter/xml";
import { NODE } from "../../drift/node";
import type { Finding } from "../../drift/types";
import { clusterObjects, nodeStatuses } from "../../lab/clusterObjects";
import { LAB_NODES } from "../../lab/inventory";
import { applyAll } from "../../lab/seed";
import { isClone } from "../../planning/nodeImages";
import { cyclePoint } from "../../planning/windows";
import { takeImages } from "../../restorepoint/images/takeImages";
import { readLeftovers } from "../../site/down/leftovers";
import { apiOf } from "../lab/support/cluster";
import { PointLab } from "./support/pointLab";

const WATCH = { timeoutMs: 60_000 };
const LOST = "atom-a-1";
const DUE = ["schedule", "run", "--due"];

// A lab of its own: a VM and a node of it are lost.
describe("images of node VMs", () => {
  let lab: PointLab;

  before(async () => {
    lab = await PointLab.up();
    lab.narrow("inventory");
  });

  after(() => lab.down());

  /** A cycle whose window opened so many minutes ago, for a day, and comes once a year. @returns the run that is due */
  function open(minutes: number): string {
    const start = new Date(Math.floor(Date.now() / 60_000 - minutes) * 60_000);
    const [minute, hour] = [start.getUTCMinutes(), start.getUTCHours()];
    const cron = `${minute} ${hour} ${start.getUTCDate()} ${start.getUTCMonth() + 1} *`;
    const window = { name: "day", cron, timeZone: "UTC", durationMinutes: 1440, owner: "Ada" };
    lab.edit(["windows"], [window]);
    lab.edit(["schedules"], [{ name: "clones", window: "day", takes: "images" }]);
    lab.edit(["nodeBackups", "images"], { datastore: "datastore-images", keep: 1 });
    return cyclePoint("clones", start);
  }

  const templates = async (): Promise<readonly Named[]> =>
    (await readNamed(lab.vcenter, "VirtualMachine")).filter(({ isTemplate }) => isTemplate);

  /** Nodes of which a run has an image in vCenter. */
  const imaged = async (run: string): Promise<readonly string[]> => {
    const all = await templates();
    return LAB_NODES.flatMap(({ name }) =>
      all
        .filter(({ annotation }) => isClone(annotation, "lab", run, name, "image"))
        .map(() => name),
    );
  };

  const drift = async (): Promise<readonly Finding[]> => {
    const { stdout } = await lab.checkout.atom(["drift", "--json"]);
    return (JSON.parse(stdout) as { readonly findings: readonly Finding[] }).findings;
  };
  const NAMES = LAB_NODES.map(({ name }) => name);
  let first = "";
  let second = "";

  it("are missed, and refused where the VM itself lies", async () => {
    first = open(600);
    deepStrictEqual(
      (await drift())
        .filter(({ kind }) => kind !== "same")
        .map(({ kind, object }) => [kind, object]),
      NAMES.map((name) => ["missing", `image of VM ${name}`]),
    );
    const ports = lab.ports(() => Promise.resolve(true));
    const { site } = ports.stack;
    const { virtualMachines } = site;
    const nodes = (virtualMachines?.nodes ?? []).filter(({ name }) => name === LOST);
    const narrowed = {
      ...site,
      nodeBackups: { images: { datastore: "datastore-a", keep: 1, maxAgeDays: 7 } },
      virtualMachines: virtualMachines && { ...virtualMachines, nodes },
    };
    const cycle = {
      name: "other",
      start: "2026-01-01T00:00:00Z",
      takes: "images",
      owner: "Ada",
    } as const;
    const systems = { ...ports, stack: { ...ports.stack, site: narrowed } };
    await rejects(takeImages("other-1", cycle, systems), /atom-a-1 lies on datastore datastore-a/);
    equal((await lab.point("other-1"))?.state, "failed");
    await lab.remove("other-1");
    deepStrictEqual(await templates(), []);
  });

  it("are made once each by a run that is killed again and again, loses an answer and finds one being made", async () => {
    await lab.fixtures([
      {
        vm: "atom-b-1",
        disks: [
          { file: "fcd/x.vmdk", bytes: 1024 * 1024, volume: "fcd-7" },
          { file: "data.vmdk", bytes: 1024 * 1024, mode: "independent_persistent" },
        ],
      },
    ]);
    let killed = 0;
    for (; (await imaged(first)).length < 4; killed += 1) {
      equal((await lab.checkout.atom(DUE, { [KILL_VARIABLE]: "11" })).status, null);
    }
    equal(killed > 1, true);
    await lab.vmFaults([
      { method: "CloneVM_Task", vm: "atom-c-1", count: 1, drop: "after", taskMs: 4000 },
      { method: "CloneVM_Task", vm: "atom-c-2", count: 1, fault: "NoDiskSpace", message: "full" },
    ]);
    const failed = await lab.checkout.atom(DUE);
    equal(failed.status, 1, failed.stderr);
    match(failed.stderr, /2 of 9 node VMs have no image: atom-c-1: .*; atom-c-2: .*full/);
    equal((await lab.point(first))?.state, "failed");
    match((await lab.done(DUE)).stdout, new RegExp(`^${first}: done$`, "m"));
    deepStrictEqual(await imaged(first), NAMES);
    equal((await templates()).length, NAMES.length);
    equal((await lab.done(DUE)).stdout, "expiry: nothing\n");
  });

  it("are recorded, are no machine that a node could be taken for, and leave volumes out", async () => {
    const record = await lab.point(first);
    equal(record?.state, "ready");
    const vms = await lab.vms();
    deepStrictEqual(vms.map(({ name }) => name).sort(), [...NAMES].sort());
    deepStrictEqual(
      record.vms?.map(({ node, uuid }) => `${node} ${uuid}`).sort(),
      LAB_NODES.map(({ name, uuid }) => `${name} ${uuid}`).sort(),
    );
    const { images } = await readLeftovers({
      site: lab.ports(() => Promise.resolve(true)).stack.site,
      points: [],
      cluster: { state: "open", client: lab.cluster },
      vcenter: { state: "open", client: lab.vcenter },
    });
    deepStrictEqual(images?.map(({ node }) => node).sort(), [...NAMES].sort());
    const all = await templates();
    for (const { node, name, reference, labels, cpus, without } of record.images ?? []) {
      equal(all.find((one) => one.reference === reference)?.name, name);
      equal(
        labels["topology.kubernetes.io/zone"],
        LAB_NODES.find((one) => one.name === node)?.site,
      );
      equal(cpus, 1);
      deepStrictEqual(without, node === "atom-b-1" ? ["Hard disk 2", "Hard disk 3"] : []);
    }
    await lab.fixtures([]);
    deepStrictEqual(
      (await drift()).filter(({ kind }) => kind !== "same"),
      [],
    );
    match((await lab.done(["status"])).stdout, /images of all node VMs, the oldest of /);
  });

  it("started twice at once, are made once, and older ones go", async () => {
    second = open(300);
    const runs = await Promise.all([lab.checkout.start(DUE).run, lab.checkout.start(DUE).run]);
    equal(
      runs.some(({ status }) => status === 0),
      true,
      runs[0].stderr + runs[1].stderr,
    );
    await lab.done(DUE);
    deepStrictEqual(await imaged(second), NAMES);
    equal((await templates()).length, NAMES.length);
    equal((await lab.point(first))?.state, "expired");
    const named = await lab.create(second, { consistency: "crash" });
    equal(named.status, 2, named.stderr);
    match((await lab.done(["schedule", "show"])).stdout, /^clones +day +images +\S+Z taken/m);
  });

  it("that are not as they were made are not removed", async () => {
    const { reference = "" } =
      (await lab.point(second))?.images?.find(({ node }) => node === "atom-b-2") ?? {};
    const change = [machineAt(reference), { spec: { annotation: "mine" } }] as const;
    await runTask(lab.vcenter, ["ReconfigVM_Task", ...change], "Writing notes", WATCH);
    const third = open(200);
    const run = await lab.checkout.atom(DUE);
    equal(run.status, 1, run.stderr);
    match(run.stdout, new RegExp(`^${third}: done\nold images: left$`, "m"));
    match(run.stderr, /is not as it was made/);
    equal((await templates()).length, NAMES.length + 1);
    await destroyVm(lab.vcenter, reference, WATCH);
    match((await lab.done(DUE)).stdout, /^old images: done$/m);
  });

  it("bring a node back, which nothing tells from the one before", async () => {
    const was = (await lab.vms()).find(({ name }) => name === LOST);
    const back = (...args: readonly string[]) => lab.checkout.atom(["restore-node", LOST, ...args]);
    const refused = await back();
    equal(refused.status, 1);
    match(refused.stderr, /has the UUID of the node and is poweredOn/);
    equal((await lab.checkout.atom(["restore-node", "no-1"])).status, 2);

    await lab.vcenter.power(was?.reference ?? "", "Off", WATCH);
    match((await back("--preview")).stdout, /and is off: power it on, or remove it/);
    await destroyVm(lab.vcenter, was?.reference ?? "", WATCH);
    const { apiVersion, kind } = NODE;
    await lab.cluster.delete({ apiVersion, kind, name: LOST }, undefined);
    const lost = (await drift()).filter(({ kind: found }) => found === "missing");
    deepStrictEqual(
      lost
        .map(({ object }) => object)
        .filter((object) => object.endsWith(LOST))
        .sort(),
      [`Node ${LOST}`, `VM of node ${LOST}`],
    );

    const preview = await lab.done(["restore-node", LOST, "--preview"]);
    match(preview.stdout, /00:50:56:00:00:a1.*1 CPUs, 32 MiB/);
    await lab.vmFaults([{ method: "ReconfigVM_Task", count: 1, fault: "TaskInProgress" }]);
    let killed = 0;
    for (const moment of [5, 9]) {
      killed +=
        (await lab.checkout.atom(["restore-node", LOST], { [KILL_VARIABLE]: `${moment}` }))
          .status === null
          ? 1
          : 0;
    }
    equal(killed > 0, true);
    const done = await lab.done(["restore-node", LOST, "--power-on"]);
    match(done.stderr, /has the label topology\.kubernetes\.io\/zone=a/);
    const now = (await lab.vms()).find(({ name }) => name === LOST);
    deepStrictEqual(
      [now?.uuid, now?.hardware?.nics, now?.powerState, now?.host, now?.datastores],
      [was?.uuid, was?.hardware?.nics, "poweredOn", was?.host, was?.datastores],
    );
    equal((await lab.vms()).length, NAMES.length);
    // What is broken about it is not known, and it is no clone that a run has only begun.
    const again = await lab.checkout.atom(["restore-node", LOST, "--power-on"]);
    equal(again.status, 1);
    match(again.stderr, /has the UUID of the node and is poweredOn: it is the node/);
    equal((await lab.vms()).length, NAMES.length);

    // The kubelet registers itself with what the machine says of itself.
    const objects = clusterObjects().filter(({ path }) => path === `/api/v1/nodes/${LOST}`);
    const statuses = nodeStatuses().filter(({ path }) => path.includes(`/${LOST}/`));
    const told = JSON.stringify(statuses).replaceAll(was?.uuid ?? "", now?.uuid ?? "");
    await apiOf(lab.root, lab.record, async (api) => {
      await applyAll(api, objects);
      await applyAll(api, JSON.parse(told) as typeof statuses);
    });
    deepStrictEqual(
      (await drift()).filter(({ kind: found }) => found !== "same"),
      [],
    );
  });

  it("that are gone are a finding", async () => {
    const [one] = await templates();
    await destroyVm(lab.vcenter, one?.reference ?? "", WATCH);
    const found = (await drift()).filter(({ kind }) => kind !== "same");
    equal(
      found.some(({ kind, object }) => kind === "lost" && object.startsWith("image of VM ")),
      true,
    );
  });
});
