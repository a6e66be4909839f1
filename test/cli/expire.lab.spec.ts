import { equal, match } from "node:assert/strict";

import { Checkout } from "./support/checkout";
import { taken, expireAndKill, requireRemoved } from "./support/expiry";

// One moment of the sample: after the VM snapshot went, before the volumes; every moment is in expire.faults.spec.ts.
describe("./atom restore-point expire on the lab", () => {
  let checkout: Checkout;

  before(async () => {
    checkout = Checkout.create();
    const run = await checkout.atom(["up"]);
    equal(run.status, 0, run.stderr);
    await taken(checkout, "old", "atom-a-1");
    await taken(checkout, "new", "none");
  });

  after(async () => {
    const run = await checkout.atom(["lab", "down"]);
    checkout.remove();
    equal(run.status, 0, run.stderr);
  });

  it("refuses the newest point, and one that a younger VM snapshot hangs below", async () => {
    const newest = await checkout.atom(["restore-point", "expire", "new"]);
    equal(newest.status, 1);
    match(newest.stderr, /Restore point new is not removed: it is the newest ready point/);
    const below = await checkout.atom(["restore-point", "expire", "pre-24.1"]);
    equal(below.status, 1);
    match(below.stderr, /waits: VM snapshot \S+ of atom-a-1: atom\.lab\.old \(\S+\) of atom-a-1/);
  });

  it("shows what it would do, and changes nothing", async () => {
    const run = await checkout.atom(["restore-point", "expire", "old", "--dry-run"]);
    equal(run.status, 0, run.stderr);
    match(run.stderr, /- VM snapshot \S+ of atom-a-1\n/);
    match(run.stderr, /- VolumeGroupSnapshot atom\/old and its members\n/);
    const list = await checkout.atom(["restore-point", "list", "--json"]);
    equal(list.status, 0, list.stderr);
    const { points } = JSON.parse(list.stdout) as {
      points: readonly {
        readonly name: string;
        readonly members: readonly { readonly presence: string }[];
      }[];
    };
    const old = points.find(({ name }) => name === "old");
    equal(old?.members.filter(({ presence }) => presence === "there").length, 9);
  });

  it("is killed, goes on, and leaves nothing of the point", async () => {
    const killed = await expireAndKill(checkout, "old", 10);
    equal(killed.status, null, killed.stderr);
    const run = await expireAndKill(checkout, "old", 0);
    equal(run.status, 0, run.stderr);
    await requireRemoved(checkout, "old", "new");
    const again = await expireAndKill(checkout, "old", 0);
    equal(again.status, 0, again.stderr);
    match(again.stderr, /Restore point old is removed already\./);
    const drift = await checkout.atom(["preview", "--expect-no-changes"]);
    equal(drift.status, 0, drift.stderr);
  });
});
