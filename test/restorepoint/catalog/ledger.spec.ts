import assert from "node:assert/strict";

import type { Journal } from "../../../restorepoint/catalog/journal";
import type { Ledger } from "../../../restorepoint/catalog/ledger";
import { LedgerConflict, LedgerError } from "../../../restorepoint/catalog/types";
import { ledgerOver, MemorySide, SEED } from "./support";

/** What ends a run in the middle, as SIGKILL does: nothing after it is written. */
class Killed extends Error {}

const STEPS = ["scale down", "cut", "scale up"];

/** A command of three steps, which goes on where an earlier run stopped. */
async function command(ledger: Ledger, done: string[]): Promise<Journal> {
  const journal = await ledger.open("p", "create", SEED);
  const left = new Set(journal.pending().map(({ step }) => step));
  for (const step of STEPS) {
    if (journal.catalogue.uncovered.some(({ claim }) => claim === step)) {
      continue;
    }
    await journal.begin(step, { count: 1 });
    // A step that was begun before is looked at; here the list of what was done is the world.
    if (!left.has(step) || !done.includes(step)) {
      done.push(step);
    }
    await journal.end(step, { outcome: "done" }, (catalogue) => ({
      ...catalogue,
      uncovered: [...catalogue.uncovered, { namespace: "atom", claim: step, reason: "done" }],
    }));
  }
  await journal.close("done");
  return journal;
}

describe("a ledger of a point", () => {
  it("writes each entry to the copy, then to the cluster, before the step is done", async () => {
    const order: string[] = [];
    const copy = new MemorySide("copy", false, () => order.push("copy"));
    const cluster = new MemorySide("cluster", true, () => order.push("cluster"));
    const journal = await ledgerOver(copy, cluster).open("p", "create", SEED);
    await journal.begin("cut", { claim: "data-db-0" });
    order.push("step");
    await journal.end("cut", { claim: "data-db-0", handle: "h-1" });
    assert.deepEqual(order, "copy cluster copy cluster step copy cluster".split(" "));
    assert.equal(copy.texts.get("p"), cluster.texts.get("p"));
    const entry = journal.document.entries[2];
    assert.deepEqual(entry, {
      sequence: 3,
      at: "2026-11-25T12:00:02.000Z",
      who: "ops@jump",
      command: "create",
      run: 1,
      event: "ended",
      step: "cut",
      detail: { claim: "data-db-0", handle: "h-1" },
      chain: entry?.chain,
    });
  });

  it("shares one write among steps that begin at once, and loses none", async () => {
    let writes = 0;
    const copy = new MemorySide("copy", false, () => (writes += 1));
    const cluster = new MemorySide("cluster", true);
    const ledger = ledgerOver(copy, cluster);
    const journal = await ledger.open("p", "create", SEED);
    const steps = Array.from({ length: 200 }, (_, index) => `cut ${index}`);
    await Promise.all(
      steps.map(async (step) => {
        await journal.begin(step);
        await journal.end(step);
      }),
    );
    assert.equal(writes, 3);
    assert.deepEqual(journal.pending(), []);
    const document = await ledger.read("p");
    assert.equal(document?.sequence, 401);
    assert.deepEqual(
      document.entries.map(({ sequence }) => sequence),
      Array.from({ length: 401 }, (_, index) => index + 1),
    );
  });

  it("goes on after a kill before any of its writes, and does each step once", async () => {
    const clean = new MemorySide("copy", false);
    await command(ledgerOver(clean, new MemorySide("cluster", true)), []);
    const writes = 2 * 8;
    for (let kill = 1; kill <= writes; kill += 1) {
      let number = 0;
      const strike = (): void => {
        number += 1;
        if (number >= kill) {
          throw new Killed();
        }
      };
      const done: string[] = [];
      const copy = new MemorySide("copy", false, strike);
      const cluster = new MemorySide("cluster", true, strike);
      await assert.rejects(command(ledgerOver(copy, cluster), done), Killed, `kill ${kill}`);

      number = Number.NEGATIVE_INFINITY;
      const journal = await command(ledgerOver(copy, cluster), done);
      assert.deepEqual(done, STEPS, `kill ${kill}`);
      assert.deepEqual(journal.pending(), [], `kill ${kill}`);
      assert.equal(copy.texts.get("p"), cluster.texts.get("p"), `kill ${kill}`);
      assert.deepEqual(
        journal.catalogue.uncovered.map(({ claim }) => claim),
        STEPS,
        `kill ${kill}`,
      );
    }
  }).timeout(20_000);

  it("tells what a killed run left, until it is settled by any command", async () => {
    const [copy, cluster] = [new MemorySide("copy", false), new MemorySide("cluster", true)];
    const ledger = ledgerOver(copy, cluster);
    const killed = await ledger.open("p", "create", SEED);
    await killed.begin("freeze db", { name: "db", until: "2026-11-25T12:01:00Z" });
    await killed.begin("cut", {});
    await killed.end("cut", {});

    const next = await ledger.open("p", "expire", SEED);
    assert.deepEqual(next.pending(), [
      {
        command: "create",
        step: "freeze db",
        detail: { name: "db", until: "2026-11-25T12:01:00Z" },
        at: "2026-11-25T12:00:01.000Z",
        who: "ops@jump",
      },
    ]);
    for (const left of next.pending()) {
      await next.settle(left, { outcome: "undone", message: "m".repeat(600) });
    }
    assert.deepEqual(next.pending(), []);
    const settled = (await ledger.read("p"))?.entries.at(-1);
    assert.equal(settled?.detail.message, `${"m".repeat(500)}…`);
  });

  it("takes the copy when etcd was lost or reverted, and the cluster's when another machine ran", async () => {
    const [copy, cluster] = [new MemorySide("copy", false), new MemorySide("cluster", true)];
    const ledger = ledgerOver(copy, cluster);
    const journal = await ledger.open("p", "create", SEED);
    const early = cluster.texts.get("p") ?? "";
    await journal.close("done");
    const late = copy.texts.get("p");

    cluster.texts.clear();
    assert.equal((await ledger.read("p"))?.sequence, 2);
    assert.equal(cluster.texts.get("p"), late);
    cluster.put("p", early);
    assert.equal((await ledger.read("p"))?.sequence, 2);
    assert.equal(cluster.texts.get("p"), late);

    const elsewhere = new MemorySide("elsewhere", false);
    await (await ledgerOver(elsewhere, cluster).open("p", "verify", SEED)).close("done");
    assert.equal((await ledger.read("p"))?.sequence, 4);
    assert.equal(copy.texts.get("p"), elsewhere.texts.get("p"));
  });

  it("refuses two ledgers that went different ways, and names both", async () => {
    const [copy, other] = [new MemorySide("copy", false), new MemorySide("other", false)];
    const cluster = new MemorySide("cluster", true);
    const ledger = ledgerOver(copy, cluster);
    await ledger.open("p", "create", SEED);
    const reverted = cluster.texts.get("p") ?? "";
    await (await ledger.open("p", "create", SEED)).close("done");
    cluster.put("p", reverted);
    const rival = ledgerOver(other, cluster, { who: "night@jump" });
    await (await rival.open("p", "expire", SEED)).close("done");
    const expected = {
      name: "LedgerError",
      message:
        "The ledger of restore point p went two ways: copy p and cluster p both have an entry 3, and not the same one. " +
        "Nothing was changed. Read both, and remove the one whose last entries did not happen.",
    };
    const before = [copy.texts.get("p"), cluster.texts.get("p")];
    await assert.rejects(ledger.read("p"), expected);
    // Also where one of them is longer.
    await (await rival.open("p", "expire", SEED)).close("done");
    await assert.rejects(ledger.open("p", "create", SEED), expected);
    assert.equal(copy.texts.get("p"), before[0]);
    assert.deepEqual((await ledger.list()).points[0]?.notes, [expected.message]);
  });

  it("stops when another run writes meanwhile, and leaves no trace of its own entry", async () => {
    const [copy, other] = [new MemorySide("copy", false), new MemorySide("other", false)];
    const cluster = new MemorySide("cluster", true);
    const ledger = ledgerOver(copy, cluster);
    const journal = await ledger.open("p", "create", SEED);
    const before = copy.texts.get("p");
    await ledgerOver(other, cluster, { who: "night@jump" }).open("p", "expire", SEED);
    await assert.rejects(journal.begin("cut"), LedgerConflict);
    assert.equal(copy.texts.get("p"), before);
    await assert.rejects(journal.begin("cut"), LedgerConflict);
    assert.equal((await ledger.read("p"))?.entries.at(-1)?.who, "night@jump");
  });

  it("lists all points from both places without writing", async () => {
    const [copy, cluster] = [new MemorySide("copy", false), new MemorySide("cluster", true)];
    const ledger = ledgerOver(copy, cluster);
    for (const point of ["both", "copied", "live"]) {
      await ledger.open(point, "create", SEED);
    }
    cluster.texts.delete("copied");
    copy.texts.delete("live");
    copy.put("bad", "{");
    const { points, clusterUnread } = await ledger.list();
    assert.equal(clusterUnread, undefined);
    const soon = "the next command that changes the point brings it up to date";
    assert.deepEqual(
      points.map(({ point, document, notes }) => [point, document?.sequence, ...notes]),
      [
        [
          "bad",
          undefined,
          "The ledger copy bad cannot be used: it is no JSON. Nothing was changed. Mend it.",
        ],
        ["both", 1],
        ["copied", 1, `cluster copied is missing or older than copy copied; ${soon}.`],
        ["live", 1, `copy live is missing or older than cluster live; ${soon}.`],
      ],
    );
    assert.equal(cluster.texts.has("copied") || copy.texts.has("live"), false);
    await assert.rejects(ledger.read("bad"), LedgerError);
  });

  it("forgets a point in both places, also after a kill between them", async () => {
    let killed = true;
    const copy = new MemorySide("copy", false, () => {
      if (killed) {
        throw new Killed();
      }
    });
    const cluster = new MemorySide("cluster", true);
    const ledger = ledgerOver(copy, cluster);
    killed = false;
    await ledger.open("p", "expire", SEED);
    killed = true;
    await assert.rejects(ledger.remove("p"), Killed);
    killed = false;
    assert.equal((await ledger.read("p"))?.sequence, 1);
    await ledger.remove("p");
    await ledger.remove("p");
    assert.equal(await ledger.read("p"), undefined);
  });
});
