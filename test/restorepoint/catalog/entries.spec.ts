import assert from "node:assert/strict";

import { printRecord } from "../../../restorepoint/catalog/record";
import type { NewEntry } from "../../../restorepoint/catalog/entries";
import { compact, pendingSteps, withEntry } from "../../../restorepoint/catalog/entries";
import { reconcile } from "../../../restorepoint/catalog/reconcile";
import type { JournalEvent, PointRecord } from "../../../planning/pointRecord";
import { seed } from "./support";

const at = "2026-11-25T12:00:00Z";

function entry(run: number, event: JournalEvent, step: string, command = "create"): NewEntry {
  const detail = event === "closed" ? ({ outcome: "done" } as const) : {};
  return { at, who: "o@h", command, run, event, step, detail };
}

function recordOf(entries: readonly NewEntry[]): PointRecord {
  return entries.reduce<PointRecord>(withEntry, seed("p"));
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

describe("entries of a journal", () => {
  it("are hashed over all before them", () => {
    const [one, two] = [recordOf(run(1, 1)), recordOf([entry(1, "opened", "x"), ...run(2, 1)])];
    assert.match(one.journal.entries[0]?.chain ?? "", /^[0-9a-f]{16}$/);
    assert.equal(
      new Set([...one.journal.entries, ...two.journal.entries].map(({ chain }) => chain)).size,
      9,
    );
    assert.deepEqual(recordOf(run(1, 1)), one);
  });

  it("leave a step pending by command and name, in the order of their beginning", () => {
    const entries = recordOf([
      entry(1, "begun", "a"),
      entry(1, "begun", "b"),
      entry(1, "begun", "a"),
      entry(1, "ended", "b", "expire"),
      entry(1, "noted", "b"),
    ]).journal.entries;
    assert.deepEqual(
      pendingSteps(entries).map(({ command, step }) => `${command} ${step}`),
      ["create a", "create b"],
    );
  });

  it("are summarised oldest run first, until they fit, never the last run", () => {
    const record = recordOf([...run(1, 3), ...run(9, 3), ...run(17, 3)]);
    const size = Buffer.byteLength(printRecord(record));
    assert.equal(compact(record, printRecord, size), record);
    const smaller = compact(record, printRecord, size - 1);
    const { chain } = record.journal.entries[7] ?? { chain: "" };
    const summary = { command: "create", who: "o@h", from: at, to: at };
    assert.deepEqual(smaller.journal.summaries, [
      { ...summary, first: 1, last: 8, steps: 3, outcome: "done", chain },
    ]);
    assert.deepEqual(smaller.journal.entries, record.journal.entries.slice(8));
    const smallest = compact(record, printRecord, 1);
    assert.equal(smallest.journal.summaries.length, 2);
    assert.deepEqual(smallest.journal.entries, record.journal.entries.slice(16));
    assert.equal(smallest.journal.sequence, 24);
  });

  it("of a run that left a step pending are not summarised", () => {
    const killed = [entry(1, "opened", ""), entry(1, "begun", "freeze")];
    const record = recordOf([...killed, ...run(3, 2)]);
    assert.equal(compact(record, printRecord, 1), record);
    const settled = recordOf([...killed, ...run(3, 2), entry(9, "ended", "freeze")]);
    const [first] = compact(settled, printRecord, 1).journal.summaries;
    assert.deepEqual([first?.first, first?.last, first?.outcome], [1, 2, undefined]);
  });

  it("are compared across summaries", () => {
    const entries = [...run(1, 3), ...run(9, 3), ...run(17, 3)];
    const long = compact(recordOf(entries), printRecord, 1);
    for (const length of [8, 11, 16, 20]) {
      const { state } = reconcile(long, recordOf(entries.slice(0, length)));
      assert.equal(state, "copyNewer", `${length}`);
    }
    const other = recordOf([entry(1, "opened", "other"), ...entries.slice(1, 8)]);
    assert.deepEqual(reconcile(other, long), { state: "forked", sequence: 8 });
  });
});
