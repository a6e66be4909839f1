import assert from "node:assert/strict";
import { CREATE, finishTake, isUnfinished } from "../../restorepoint/finishTake";
import type { Journal } from "../../restorepoint/catalog/journal";
import type { Quiesce } from "../../restorepoint/quiesce";
import { pointFile } from "../support/points";
import { ledgerOver, MemorySide } from "./catalog/support";

const seed = { release: "24.1", consistency: "stopped" } as const;
const point = pointFile({
  name: "pre-24-1",
  consistency: "stopped",
  state: "ready",
  takenAt: "2026-11-25T10:00:00Z",
});

async function opened(): Promise<Journal> {
  const sides = [new MemorySide("copy", false), new MemorySide("cluster", true)] as const;
  return ledgerOver(...sides, { stack: "north" }).open("pre-24-1", CREATE, seed);
}

/** Runs the end of a cut that left this, and tells what was done. */
async function finished(journal: Journal): Promise<readonly string[]> {
  const log: string[] = [];
  const quiesce: Quiesce = {
    begin: () => Promise.reject(new Error("nothing is stopped any more")),
    holds: () => Promise.resolve(true),
    end: () => Promise.resolve(void log.push("going")),
  };
  const labelClaims = (wanted: boolean): Promise<void> =>
    Promise.resolve(void log.push(wanted ? "label" : "unlabel"));
  await finishTake(point, quiesce, { journal, labelClaims });
  return log;
}

describe("the end of a cut whose run was killed", () => {
  it("starts the product, takes the labels off and writes down the members", async () => {
    const journal = await opened();
    await journal.begin("stop product");
    await journal.begin("complete");
    assert.equal(isUnfinished(journal.document), true);
    assert.deepEqual(await finished(journal), ["going", "unlabel"]);
    assert.deepEqual(journal.pending(), []);
    assert.equal(journal.catalogue.takenAt, point.takenAt);
    assert.deepEqual(journal.catalogue.members, point.members);
    assert.equal(isUnfinished(journal.document), false);
  });

  it("leaves a product alone that runs again", async () => {
    const journal = await opened();
    await journal.begin("stop product");
    await journal.end("stop product");
    assert.equal(isUnfinished(journal.document), true);
    assert.deepEqual(await finished(journal), ["unlabel"]);
  });

  it("is nobody's business after a run that came to its end, or of a point without a ledger", async () => {
    const journal = await opened();
    await journal.close("done");
    assert.equal(isUnfinished(journal.document), false);
    assert.equal(isUnfinished(undefined), false);
  });
});
