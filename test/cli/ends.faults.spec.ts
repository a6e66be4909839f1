import { deepStrictEqual, equal, match } from "node:assert/strict";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { onPointLab, type PointLab, type Taking } from "./support/pointLab";
import { productState } from "./support/productState";
import { storedSnapshots } from "./support/wholePoint";

const stopped: Taking = { consistency: "stopped" };
const words = ["--consistency", "stopped", "--virtual-machines", "none"];

// The rows of docs/reference/ends.md that no other test plays.
describe("how commands on restore points end", () => {
  let lab: PointLab;
  let state: unknown;

  onPointLab({ part: "inventory" }, async (shared) => {
    lab = shared;
    state = await productState(lab);
  });

  afterEach(() => lab.faults([]));

  /** Begins a take that a slow driver holds up while the product is stopped. */
  async function stuck(name: string): Promise<ReturnType<PointLab["checkout"]["start"]>> {
    const action = { delayMs: 12_000 };
    lab.faults([{ method: "CreateSnapshot", claim: "atom/data-inventory-0", action }]);
    const started = lab.checkout.start(["restore-point", "create", name, ...words]);
    await lab.isStopped();
    return started;
  }

  /** The same command ends what it was killed in. */
  async function completes(name: string): Promise<void> {
    lab.faults([]);
    await lab.take(name, stopped);
    deepStrictEqual(await productState(lab), state);
    await lab.remove(name);
  }

  it("a second Ctrl-C ends the command at once, and list says what it leaves", async () => {
    const { child, run } = await stuck("twice");
    let said = "";
    child.stderr.on("data", (data: Buffer) => (said += data.toString()));
    child.kill("SIGINT");
    while (!said.includes("Stopping (SIGINT)")) {
      await pause(10);
    }
    child.kill("SIGINT");
    equal((await run).status, null);
    equal(child.signalCode, "SIGINT");
    const { stdout } = await lab.restorePoint("list");
    match(stdout, /run \.\/atom restore-point create twice again/);
    await completes("twice");
  });

  it("a catalog that cannot be written stands in no way of the product", async () => {
    const folder = join(lab.root, ".pulumi-state", "catalog", "lab");
    const { run } = await stuck("unwritten");
    renameSync(folder, `${folder}.away`);
    writeFileSync(folder, "no folder");
    const { status, stderr } = await run;
    rmSync(folder);
    renameSync(`${folder}.away`, folder);
    equal(status, 1, stderr);
    match(stderr, /The product runs again, which could not be written down/);
    deepStrictEqual(await productState(lab), state);
    deepStrictEqual(storedSnapshots(lab), []);
    await completes("unwritten");
  });

  it("a point that is dated ahead is told and kept, and the date that is to come is quoted", async () => {
    await lab.take("ahead");
    await lab.take("later");
    const takenAt = new Date(Date.now() + 86_400_000).toISOString();
    const record = await lab.point("ahead");
    const journal = await lab.catalog().open(record as NonNullable<typeof record>, "clock");
    await journal.note("clock", {}, (known) => ({ ...known, takenAt }));
    await journal.close("done");
    const { stdout } = await lab.restorePoint("list");
    match(stdout, /^ahead +ready .*dated .* ahead/m);
    const { status, stderr } = await lab.restorePoint("expire", "ahead");
    equal(status, 1, stderr);
    match(stderr, new RegExp(`is dated ${takenAt}, which is still to come: clocks disagree`));
    await lab.remove("ahead");
    await lab.remove("later");
  });

  it("a ConfigMap that is gone is written anew, and one that was edited is refused", async () => {
    await lab.take("kept");
    const reference = {
      apiVersion: "v1",
      kind: "ConfigMap",
      namespace: "atom-backup",
      name: "restore-point-kept",
    };
    await lab.cluster.delete(reference, undefined);
    const shown = await lab.restorePoint("show", "kept");
    equal(shown.status, 0, shown.stderr);
    match(shown.stdout, /restore-point-kept is missing or older than .*kept\.json/);
    await lab.done(["restore-point", "verify", "kept"]);
    await lab.cluster.modify(reference, "test", (live) => {
      const data = live["data"] as { readonly "record.json": string };
      const edited = data["record.json"].replace('"24.1.0"', '"24.1.1"');
      return { ...live, data: { "record.json": edited } };
    });
    const refused = await lab.restorePoint("verify", "kept");
    equal(refused.status, 1, refused.stdout);
    match(refused.stderr, /restore-point-kept cannot be used: digest does not hold/);
    await lab.cluster.delete(reference, undefined);
    await lab.remove("kept");
  });

  it("a checkout without the point's file still has its members from the catalog", async () => {
    const how: Taking = { consistency: "crash", virtualMachines: "atom-a-1" };
    await lab.take("filed", how);
    await lab.take("later");
    renameSync(lab.fileOf("filed"), `${lab.fileOf("filed")}.away`);
    const { status, stdout, stderr } = await lab.restorePoint("show", "filed");
    equal(status, 0, stderr);
    match(stdout, /vm atom-a-1: there/);
    match(stdout, /volume atom\/data-inventory-0: there/);
    renameSync(`${lab.fileOf("filed")}.away`, lab.fileOf("filed"));
    const expired = await lab.restorePoint("expire", "filed");
    equal(expired.status, 0, expired.stderr);
    deepStrictEqual(await lab.vmSnapshots(), []);
    await lab.remove("filed");
    await lab.remove("later");
  });
});
