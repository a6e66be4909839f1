import assert from "node:assert/strict";

import type { PointRecord } from "../../../planning/pointRecord";
import type { Journal } from "../../../restorepoint/catalog/journal";
import type { Catalog } from "../../../restorepoint/catalog/catalog";
import { CatalogConflict, CatalogError } from "../../../restorepoint/catalog/errors";
import { catalogOver, MemorySide, seed } from "./support";

/** What ends a run in the middle, as SIGKILL does: nothing after it is written. */
class Killed extends Error {}

const STEPS = ["scale down", "take", "scale up"];

/** A command of three steps, which goes on where an earlier run stopped. */
async function command(catalog: Catalog, done: string[]): Promise<Journal> {
  const journal = await catalog.open(seed("p"), "create");
  const left = new Set(journal.pending().map(({ step }) => step));
  for (const step of STEPS) {
    if (journal.record.uncovered.some(({ claim }) => claim === step)) {
      continue;
    }
    await journal.begin(step, { count: 1 });
    // A step that was begun before is looked at; here the list of what was done is the world.
    if (!left.has(step) || !done.includes(step)) {
      done.push(step);
    }
    await journal.end(step, { outcome: "done" }, (record) => ({
      ...record,
      uncovered: [...record.uncovered, { namespace: "atom", claim: step, reason: "done" }],
    }));
  }
  await journal.close("done");
  return journal;
}

describe("a catalog of a point", () => {
  it("writes each entry to the copy, then to the cluster, before the step is done", async () => {
    const order: string[] = [];
    const copy = new MemorySide("copy", false, () => order.push("copy"));
    const cluster = new MemorySide("cluster", true, () => order.push("cluster"));
    const journal = await catalogOver(copy, cluster).open(seed("p"), "create");
    await journal.begin("take", { claim: "data-db-0" });
    order.push("step");
    await journal.end("take", { claim: "data-db-0", handle: "h-1" });
    assert.deepEqual(order, "copy cluster copy cluster step copy cluster".split(" "));
    assert.equal(copy.texts.get("p"), cluster.texts.get("p"));
    const entry = journal.record.journal.entries[2];
    assert.deepEqual(entry, {
      sequence: 3,
      at: "2026-11-25T12:00:02.000Z",
      who: "ops@jump",
      command: "create",
      run: 1,
      event: "ended",
      step: "take",
      detail: { claim: "data-db-0", handle: "h-1" },
      chain: entry?.chain,
    });
  });

  it("shares one write among steps that begin at once, and loses none", async () => {
    let writes = 0;
    const copy = new MemorySide("copy", false, () => (writes += 1));
    const cluster = new MemorySide("cluster", true);
    const catalog = catalogOver(copy, cluster);
    const journal = await catalog.open(seed("p"), "create");
    const steps = Array.from({ length: 200 }, (_, index) => `cut ${index}`);
    await Promise.all(
      steps.map(async (step) => {
        await journal.begin(step);
        await journal.end(step);
      }),
    );
    assert.equal(writes, 3);
    assert.deepEqual(journal.pending(), []);
    const record = await catalog.read("p");
    assert.equal(record?.journal.sequence, 401);
    assert.deepEqual(
      record.journal.entries.map(({ sequence }) => sequence),
      Array.from({ length: 401 }, (_, index) => index + 1),
    );
  });

  it("goes on after a kill before any of its writes, and does each step once", async () => {
    const clean = new MemorySide("copy", false);
    await command(catalogOver(clean, new MemorySide("cluster", true)), []);
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
      await assert.rejects(command(catalogOver(copy, cluster), done), Killed, `kill ${kill}`);

      number = Number.NEGATIVE_INFINITY;
      const journal = await command(catalogOver(copy, cluster), done);
      assert.deepEqual(done, STEPS, `kill ${kill}`);
      assert.deepEqual(journal.pending(), [], `kill ${kill}`);
      assert.equal(copy.texts.get("p"), cluster.texts.get("p"), `kill ${kill}`);
      assert.deepEqual(
        journal.record.uncovered.map(({ claim }) => claim),
        STEPS,
        `kill ${kill}`,
      );
    }
  }).timeout(20_000);

  it("tells what a killed run left, until it is settled by any command", async () => {
    const [copy, cluster] = [new MemorySide("copy", false), new MemorySide("cluster", true)];
    const catalog = catalogOver(copy, cluster);
    const killed = await catalog.open(seed("p"), "create");
    await killed.begin("freeze db", { name: "db", until: "2026-11-25T12:01:00Z" });
    await killed.begin("take", {});
    await killed.end("take", {});

    const next = await catalog.open(seed("p"), "expire");
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
    const settled = (await catalog.read("p"))?.journal.entries.at(-1);
    assert.equal(settled?.detail.message, `${"m".repeat(500)}…`);
  });

  it("takes the copy when etcd was lost or reverted, and the cluster's when another machine ran", async () => {
    const [copy, cluster] = [new MemorySide("copy", false), new MemorySide("cluster", true)];
    const catalog = catalogOver(copy, cluster);
    const journal = await catalog.open(seed("p"), "create");
    const early = cluster.texts.get("p") ?? "";
    await journal.close("done");
    cluster.texts.clear();
    assert.equal((await catalog.read("p"))?.journal.sequence, 2);
    assert.equal(cluster.texts.get("p"), undefined, "reading writes nothing");
    await (await catalog.open(seed("p"), "verify")).close("done");
    assert.equal(cluster.texts.get("p"), copy.texts.get("p"));
    cluster.put("p", early);
    assert.equal((await catalog.read("p"))?.journal.sequence, 4);
    assert.equal(cluster.texts.get("p"), early, "reading writes nothing");
    await (await catalog.open(seed("p"), "verify")).close("done");
    assert.equal(cluster.texts.get("p"), copy.texts.get("p"));

    const elsewhere = new MemorySide("elsewhere", false);
    await (await catalogOver(elsewhere, cluster).open(seed("p"), "verify")).close("done");
    assert.equal((await catalog.read("p"))?.journal.sequence, 8);
    await (await catalog.open(seed("p"), "verify")).close("done");
    assert.equal(copy.texts.get("p"), cluster.texts.get("p"));
  });

  it("believes the proofs of the copy and no other, and what speaks against a point at once", async () => {
    const [copy, cluster] = [new MemorySide("copy", false), new MemorySide("cluster", true)];
    const catalog = catalogOver(copy, cluster);
    const proof = (result: "proven" | "failed", seconds: number) => (record: PointRecord) => ({
      ...record,
      verifications: [
        ...record.verifications,
        { member: "volume a/b", result, at: "2026-11-25T12:00:00Z", seconds },
      ],
    });
    const journal = await catalog.open(seed("p"), "verify");
    await journal.note("found", {}, proof("proven", 1));
    const forger = catalogOver(new MemorySide("elsewhere", false), cluster);
    const forged = await forger.open(seed("p"), "verify");
    await forged.note("found", {}, proof("failed", 2));
    await forged.note("found", {}, proof("proven", 3));
    const results = (record: PointRecord | undefined) =>
      record?.verifications.map(({ seconds }) => seconds);
    assert.deepEqual(results(await catalog.read("p")), [1, 2]);
    const [listed] = (await catalog.list()).points;
    assert.deepEqual([listed?.claimsProof, results(listed?.record)], [true, [1, 2]]);
    await catalog.open(seed("p"), "expire");
    assert.deepEqual(results(await catalog.read("p")), [1, 2]);
    assert.equal((await catalog.list()).points[0]?.claimsProof, false);
    assert.equal(copy.texts.get("p"), cluster.texts.get("p"));
  });

  it("refuses two catalogs that went different ways, and names both", async () => {
    const [copy, other] = [new MemorySide("copy", false), new MemorySide("other", false)];
    const cluster = new MemorySide("cluster", true);
    const catalog = catalogOver(copy, cluster);
    await catalog.open(seed("p"), "create");
    const reverted = cluster.texts.get("p") ?? "";
    await (await catalog.open(seed("p"), "create")).close("done");
    cluster.put("p", reverted);
    const rival = catalogOver(other, cluster, { who: "night@jump" });
    await (await rival.open(seed("p"), "expire")).close("done");
    const expected = {
      name: "CatalogError",
      message:
        "The record of restore point p went two ways: copy p and cluster p both have an entry 3, and not the same one. " +
        "Nothing was changed. Read both, and remove the one whose last entries did not happen.",
    };
    const before = [copy.texts.get("p"), cluster.texts.get("p")];
    await assert.rejects(catalog.read("p"), expected);
    // Also where one of them is longer.
    await (await rival.open(seed("p"), "expire")).close("done");
    await assert.rejects(catalog.open(seed("p"), "create"), expected);
    assert.equal(copy.texts.get("p"), before[0]);
    assert.deepEqual((await catalog.list()).points[0]?.notes, [expected.message]);
  });

  it("stops when another run writes meanwhile, and leaves no trace of its own entry", async () => {
    const [copy, other] = [new MemorySide("copy", false), new MemorySide("other", false)];
    const cluster = new MemorySide("cluster", true);
    const catalog = catalogOver(copy, cluster);
    const journal = await catalog.open(seed("p"), "create");
    const before = copy.texts.get("p");
    await catalogOver(other, cluster, { who: "night@jump" }).open(seed("p"), "expire");
    await assert.rejects(journal.begin("take"), CatalogConflict);
    assert.equal(copy.texts.get("p"), before);
    await assert.rejects(journal.begin("take"), CatalogConflict);
    assert.equal((await catalog.read("p"))?.journal.entries.at(-1)?.who, "night@jump");
  });

  it("lists all points from both places without writing", async () => {
    const [copy, cluster] = [new MemorySide("copy", false), new MemorySide("cluster", true)];
    const catalog = catalogOver(copy, cluster);
    for (const point of ["both", "copied", "live"]) {
      await catalog.open(seed(point), "create");
    }
    cluster.texts.delete("copied");
    copy.texts.delete("live");
    copy.put("bad", "{");
    const { points, clusterUnread } = await catalog.list();
    assert.equal(clusterUnread, undefined);
    const soon = "the next command that changes the point brings it up to date";
    assert.deepEqual(
      points.map(({ point, record, notes }) => [point, record?.journal.sequence, ...notes]),
      [
        [
          "bad",
          undefined,
          "The record copy bad cannot be used: it is no JSON. Nothing was changed. Mend it.",
        ],
        ["both", 1],
        ["copied", 1, `cluster copied is missing or older than copy copied; ${soon}.`],
        ["live", 1, `copy live is missing or older than cluster live; ${soon}.`],
      ],
    );
    assert.equal(cluster.texts.has("copied") || copy.texts.has("live"), false);
    await assert.rejects(catalog.read("bad"), CatalogError);
  });

  it("forgets a point in both places, also after a kill between them", async () => {
    let killed = true;
    const copy = new MemorySide("copy", false, () => {
      if (killed) {
        throw new Killed();
      }
    });
    const cluster = new MemorySide("cluster", true);
    const catalog = catalogOver(copy, cluster);
    killed = false;
    await catalog.open(seed("p"), "expire");
    killed = true;
    await assert.rejects(catalog.remove("p"), Killed);
    killed = false;
    assert.equal((await catalog.read("p"))?.journal.sequence, 1);
    await catalog.remove("p");
    await catalog.remove("p");
    assert.equal(await catalog.read("p"), undefined);
  });
});
