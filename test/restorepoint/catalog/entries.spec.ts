import assert from "node:assert/strict";

import { printLedger } from "../../../restorepoint/catalog/document";
import type { NewEntry } from "../../../restorepoint/catalog/entries";
import { compact, pendingSteps, withEntry } from "../../../restorepoint/catalog/entries";
import { reconcile } from "../../../restorepoint/catalog/reconcile";
import type { LedgerDocument, LedgerEvent } from "../../../restorepoint/catalog/types";
import { emptyCatalogue } from "../../../restorepoint/catalog/types";
import { SEED } from "./support";

const at = "2026-11-25T12:00:00Z";

function entry(run: number, event: LedgerEvent, step: string, command = "create"): NewEntry {
  const detail = event === "closed" ? ({ outcome: "done" } as const) : {};
  return { at, who: "o@h", command, run, event, step, detail };
}

function ledgerOf(entries: readonly NewEntry[]): LedgerDocument {
  const catalogue = emptyCatalogue(SEED);
  const empty = { stack: "lab", point: "p", sequence: 0, catalogue, summaries: [], entries: [] };
  return entries.reduce<LedgerDocument>(withEntry, { version: 1, ...empty });
}

/** A run of so many steps, from its first sequence on. */
function run(first: number, steps: number): NewEntry[] {
  const inner = Array.from({ length: steps }, (_, index) => `step ${index}`);
  return [
    entry(first, "opened", ""),
    ...inner.flatMap((step) => [entry(first, "begun", step), entry(first, "ended", step)]),
    entry(first, "closed", ""),
  ];
}

describe("entries of a ledger", () => {
  it("are hashed over all before them", () => {
    const [one, two] = [ledgerOf(run(1, 1)), ledgerOf([entry(1, "opened", "x"), ...run(2, 1)])];
    assert.match(one.entries[0]?.chain ?? "", /^[0-9a-f]{16}$/);
    assert.equal(new Set([...one.entries, ...two.entries].map(({ chain }) => chain)).size, 9);
    assert.deepEqual(ledgerOf(run(1, 1)), one);
  });

  it("leave a step pending by command and name, in the order of their beginning", () => {
    const entries = ledgerOf([
      entry(1, "begun", "a"),
      entry(1, "begun", "b"),
      entry(1, "begun", "a"),
      entry(1, "ended", "b", "expire"),
      entry(1, "noted", "b"),
    ]).entries;
    assert.deepEqual(
      pendingSteps(entries).map(({ command, step }) => `${command} ${step}`),
      ["create a", "create b"],
    );
  });

  it("are summarised oldest run first, until they fit, never the last run", () => {
    const ledger = ledgerOf([...run(1, 3), ...run(9, 3), ...run(17, 3)]);
    const size = Buffer.byteLength(printLedger(ledger));
    assert.equal(compact(ledger, printLedger, size), ledger);
    const smaller = compact(ledger, printLedger, size - 1);
    const { chain } = ledger.entries[7] ?? { chain: "" };
    const summary = { command: "create", who: "o@h", from: at, to: at };
    assert.deepEqual(smaller.summaries, [
      { ...summary, first: 1, last: 8, steps: 3, outcome: "done", chain },
    ]);
    assert.deepEqual(smaller.entries, ledger.entries.slice(8));
    const smallest = compact(ledger, printLedger, 1);
    assert.equal(smallest.summaries.length, 2);
    assert.deepEqual(smallest.entries, ledger.entries.slice(16));
    assert.equal(smallest.sequence, 24);
  });

  it("of a run that left a step pending are not summarised", () => {
    const killed = [entry(1, "opened", ""), entry(1, "begun", "freeze")];
    const ledger = ledgerOf([...killed, ...run(3, 2)]);
    assert.equal(compact(ledger, printLedger, 1), ledger);
    const settled = ledgerOf([...killed, ...run(3, 2), entry(9, "ended", "freeze")]);
    const [first] = compact(settled, printLedger, 1).summaries;
    assert.deepEqual([first?.first, first?.last, first?.outcome], [1, 2, undefined]);
  });

  it("are compared across summaries", () => {
    const entries = [...run(1, 3), ...run(9, 3), ...run(17, 3)];
    const long = compact(ledgerOf(entries), printLedger, 1);
    for (const length of [8, 11, 16, 20]) {
      const { state } = reconcile(long, ledgerOf(entries.slice(0, length)));
      assert.equal(state, "copyNewer", `${length}`);
    }
    const other = ledgerOf([entry(1, "opened", "other"), ...entries.slice(1, 8)]);
    assert.deepEqual(reconcile(other, long), { state: "forked", sequence: 8 });
  });
});
