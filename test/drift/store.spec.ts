import { deepStrictEqual, equal, throws } from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { LabStore } from "../../drift/store";
import { recorded, snapshotClass, storageClass } from "./fixtures";

describe("the record of the lab", () => {
  let labDir: string;

  beforeEach(() => {
    labDir = mkdtempSync(join(tmpdir(), "atom-store-test-"));
  });

  afterEach(() => rmSync(labDir, { recursive: true, force: true }));

  const file = (name: string): string => join(labDir, name);
  const open = (stack = "lab"): LabStore => LabStore.open({ labDir, stack });
  const first = recorded(storageClass());
  const second = recorded(snapshotClass());
  const at = new Date("2026-11-23T12:00:00Z");

  it("is empty before the first deployment, and writes nothing by being read", () => {
    deepStrictEqual(open().load(), { way: "lab", resources: [] });
    equal(existsSync(file("state.json")), false);
  });

  it("knows every step of those that were begun together, and keeps them over a fold", () => {
    const store = open();
    const steps = [first, second].map(({ urn }) => ({ urn, kind: "create" as const }));
    store.beginAll(steps, at);
    const pending = steps.map((step) => ({ ...step, at: "2026-11-23T12:00:00.000Z" }));
    deepStrictEqual(open().load().pending, pending);
    store.recordAll([first]);
    store.fold();
    deepStrictEqual(open().load(), {
      way: "lab",
      resources: [first],
      pending: pending.slice(1),
    });
    store.dropAll([first.urn, second.urn]);
    deepStrictEqual(open().load(), { way: "lab", resources: [] });
  });

  it("is the same whether it was folded or not", () => {
    const store = open();
    store.begin(first.urn, "create", at);
    store.record(first);
    store.record(second);
    store.drop(first.urn);
    deepStrictEqual(open().load().resources, [second]);
    store.fold();
    equal(existsSync(file("state.journal")), false);
    deepStrictEqual(open().load().resources, [second]);
  });

  it("knows the step that was begun and not ended", () => {
    const store = open();
    store.begin(first.urn, "create", at);
    deepStrictEqual(open().load().pending, [
      {
        urn: first.urn,
        kind: "create",
        at: "2026-11-23T12:00:00.000Z",
      },
    ]);
    store.record(first);
    equal(open().load().pending, undefined);
  });

  it("still knows that step after it failed and the journal was folded", () => {
    const store = open();
    store.begin(first.urn, "replace", at);
    store.fold();
    equal(open().load().pending?.[0]?.kind, "replace");
  });

  it("forgets a line that was being written when it was killed", () => {
    const store = open();
    store.record(first);
    store.record(second);
    const journal = file("state.journal");
    for (let length = readFileSync(journal).length - 1; length > 0; length -= 7) {
      truncateSync(journal, length);
      const known = open()
        .load()
        .resources.map(({ urn }) => urn);
      deepStrictEqual(known, [first.urn, second.urn].slice(0, known.length));
    }
  });

  it("may be killed between the new file and the journal's end", () => {
    const store = open();
    store.record(first);
    store.drop(first.urn);
    store.record(second);
    const journal = readFileSync(file("state.journal"));
    store.fold();
    writeFileSync(file("state.journal"), journal);
    deepStrictEqual(open().load().resources, [second]);
  });

  it("keeps the record of before the last deployment", () => {
    const store = open();
    store.record(first);
    store.fold();
    store.record(second);
    store.fold();
    deepStrictEqual(
      (JSON.parse(readFileSync(file("state.json.bak"), "utf8")) as { resources: unknown })
        .resources,
      [first],
    );
  });

  describe("that is damaged", () => {
    const advice =
      "Nothing was changed. Without this file, what is live and carries our mark is taken over by the next deployment.";
    const valid = { version: 1, stack: "lab", resources: [first] };

    for (const [title, text, what] of [
      ["no JSON", "{", "it is no JSON"],
      ["truncated", JSON.stringify(valid).slice(0, 60), "it is no JSON"],
      ["no object", "[]", "the document is [], an object is needed"],
      [
        "of an unknown version",
        JSON.stringify({ ...valid, version: 2 }),
        "version is 2, known is 1",
      ],
      [
        "of another stack",
        JSON.stringify({ ...valid, stack: "prod" }),
        'stack is "prod": it belongs to another stack than lab',
      ],
      [
        "without resources",
        JSON.stringify({ version: 1, stack: "lab" }),
        "resources is missing, a list is needed",
      ],
      [
        "with a resource of another stack",
        JSON.stringify({ ...valid, resources: [{ ...first, urn: "urn:pulumi:prod::x::y::z" }] }),
        'resources[0].urn is "urn:pulumi:prod::x::y::z", which is of another stack than lab',
      ],
      [
        "with an id that is no text",
        JSON.stringify({ ...valid, resources: [{ ...first, id: 7 }] }),
        "resources[0].id is 7, a text is needed",
      ],
      [
        "with a resource twice",
        JSON.stringify({ ...valid, resources: [first, first] }),
        `resources[1].urn is there twice: "${first.urn.slice(0, 79)}…`,
      ],
      [
        "with protect that is neither",
        JSON.stringify({ ...valid, resources: [{ ...first, protect: "yes" }] }),
        'resources[0].protect is "yes", true or false is needed',
      ],
    ] as const) {
      it(`and ${title} is refused`, () => {
        writeFileSync(file("state.json"), text);
        throws(open, {
          name: "StateError",
          message: `${file("state.json")} cannot be used: ${what}. ${advice}`,
        });
        equal(readFileSync(file("state.json"), "utf8"), text);
      });
    }

    it("names the line of the journal", () => {
      open().record(first);
      appendFileSync(file("state.journal"), '{"op":"invent"}\n');
      throws(open, {
        message: `${file("state.journal")} cannot be used: line 2 op is "invent", known are begin, record and drop. ${advice}`,
      });
    });

    it("points to the copy where there is one", () => {
      const store = open();
      store.record(first);
      store.fold();
      store.fold();
      writeFileSync(file("state.json"), "");
      throws(open, {
        message:
          `${file("state.json")} cannot be used: it is no JSON. Nothing was changed. The record before the last ` +
          `deployment is ${file("state.json.bak")}; without a record, what carries our mark is taken over.`,
      });
    });
  });
});
