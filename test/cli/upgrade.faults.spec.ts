import { deepStrictEqual, equal, match, notDeepStrictEqual, ok } from "node:assert/strict";

import type { Status } from "../../site/status/status";
import type { AtomRun } from "./support/checkout";
import { sharedPointLab, type PointLab } from "./support/pointLab";
import { damage, inventoryMap, resetProduct, thawedState } from "./support/rolledState";
import { requireReleased, requireRunning } from "./support/wholePoint";

const POINT = "pre-24.2";

describe("an upgrade with a way back", () => {
  let lab: PointLab;

  const upgrade = (...args: readonly string[]): Promise<AtomRun> =>
    lab.checkout.atom(["upgrade", ...args]);

  /** What an upgrade does to the product, well or badly. */
  const install = async (text: string): Promise<void> => {
    await damage(lab, text, "inventory");
    await lab.cluster.modify(inventoryMap, "test", (live) => ({ ...live, data: { text } }));
  };

  const state = () => thawedState(lab);

  const refused = async (pattern: RegExp, ...args: readonly string[]): Promise<void> => {
    const run = await upgrade(...args);
    equal(run.status, 2, run.stderr);
    match(run.stderr, pattern);
  };

  before(async () => {
    lab = await sharedPointLab();
    lab.group("never");
    lab.narrow("inventory");
    await lab.leaveVmsOut();
  });

  after(async () => {
    lab.faults([]);
    lab.narrow("all");
    await lab.fixtures([]);
    for (const name of [POINT, "pre-bad"]) {
      await lab.remove(name);
    }
    await resetProduct(lab);
  });

  it("cannot be ended before it was begun", async () => {
    await refused(/has no upgrade that was begun/, "commit");
    await refused(/has no upgrade that was begun/, "abort");
  });

  it("may not begin while a volume cannot be taken, and the product runs as before", async () => {
    const before = await state();
    const refuse = { code: "InvalidArgument", message: "no pool has room" };
    lab.faults([{ method: "CreateSnapshot", action: { refuse } }]);
    const run = await upgrade("begin", "24.2");
    lab.faults([]);
    equal(run.status, 1, run.stderr);
    match(run.stderr, /no pool has room/);
    equal((await lab.point(POINT))?.hold, false);
    deepStrictEqual(await state(), before);
    await requireRunning(lab);
  });

  it("may not begin while the point's bytes are wrong", async () => {
    await damage(lab, "bad", "inventory");
    const before = await state();
    const run = await upgrade("begin", "bad");
    equal(run.status, 1, run.stderr);
    match(run.stdout, /volume atom\/data-inventory-0 +FAILED/);
    match(run.stdout, /The upgrade may not begin: pre-bad does not lead back/);
    deepStrictEqual(await state(), before);
    await requireRunning(lab);
    await lab.remove("pre-bad");
    await resetProduct(lab);
  });

  it("begins once its point is taken, on hold and proven; no other may begin then", async () => {
    const run = await upgrade("begin", "24.2");
    equal(run.status, 0, run.stderr);
    match(run.stdout, /Upgrade to 24\.2 now/);
    const point = await lab.point(POINT);
    deepStrictEqual([point?.state, point?.hold], ["ready", true]);
    deepStrictEqual(
      point?.verifications.slice(-3).map(({ result }) => result),
      ["proven", "proven", "proven"],
    );
    await requireRunning(lab);
    const { stdout } = await lab.done(["status", "--json"]);
    const { status } = JSON.parse(stdout) as { readonly status: Status };
    const { recoverable, proven, verification, copiesOffCluster } = status;
    deepStrictEqual([recoverable?.point, recoverable?.takenAt], [POINT, point?.takenAt]);
    deepStrictEqual(
      [proven?.point, verification?.point, verification?.whole],
      [POINT, POINT, true],
    );
    ok((verification?.seconds ?? 0) > 0);
    deepStrictEqual(copiesOffCluster, []);
    await refused(/The upgrade of pre-24\.2 was begun and not ended/, "begin", "24.3");
    const again = await upgrade("begin", "24.2");
    equal(again.status, 0, again.stderr);
    match(again.stderr, /pre-24\.2 was taken already, at .*: whoever goes back to it loses/);
    equal((await lab.point(POINT))?.takenAt, point?.takenAt);
  });

  it("is aborted byte for byte, and the point stays on hold", async () => {
    const before = await state();
    await install("worse");
    notDeepStrictEqual(await state(), before);
    const run = await upgrade("abort");
    equal(run.status, 0, run.stderr);
    deepStrictEqual(await state(), before);
    equal((await lab.point(POINT))?.hold, true);
    await requireReleased(lab);
    await refused(/The upgrade of pre-24\.2 was aborted, .* begin 24\.2-2/, "begin", "24.2");
    await refused(/has no upgrade that was begun/, "commit");
  });

  it("is committed once the abort is undone: the point is let go and may end in seven days", async () => {
    await lab.done(["rollback", "--undo"]);
    const run = await upgrade("commit");
    equal(run.status, 0, run.stderr);
    const point = await lab.point(POINT);
    ok(point !== undefined);
    equal(point.hold, false);
    match(run.stdout, new RegExp(`pre-24\\.2 may end from ${point.expires} on`));
    const { at } = point.journal.entries.findLast(({ step }) => step === "commit") ?? {};
    const days = (Date.parse(point.expires) - Date.parse(at ?? "")) / 86_400_000;
    ok(Math.abs(days - 7) < 0.01, `${days} days`);
    await refused(/The upgrade of pre-24\.2 was committed/, "begin", "24.2");
    await refused(/has no upgrade that was begun/, "commit");
    await lab.done(["rollback", POINT, "--purge"]);
  });
});
