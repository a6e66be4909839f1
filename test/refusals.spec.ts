// Shows that each text by which configuration, planning and preflight refuse stands in full in a test. Not shown here:
// that the test that holds it reaches the line (the tests of that line show it), and a short text may be part of another.
import { deepStrictEqual, ok } from "node:assert/strict";

import { projectRoot } from "../config/projectRoot";
import { isHeld, refusalTexts, testTexts } from "./support/refusalTexts";

/** Texts that no test compares in full; a line that is compared meanwhile has to go. */
const NOT_COMPARED: readonly string[] = [
  "planning/backends/rookCeph.ts: create the CephCluster with its monitors where backendOptions.monitors says, each on a node of its own",
  // Mistakes of a programmer, which no stack file can bring about.
  "config/complete.ts: a choice needs a form",
  "config/pointRecord.ts: Restore point … was cut at …; its members stay",
  "config/schema/words.ts: unknown kind of schema node: …",
  // The YAML library names the key of every duplicate that it was given so far.
  "config/yamlText.ts: has a key twice",
  // The shared lab observes no volumes, so that only their judgement is compared, in test/planning/copies.spec.ts.
  "operations/preflight/copies.ts: How many copies the volumes have cannot be told. …",
  "operations/preflight/copies.ts: See that the storage backend answers, and look at its volumes with its own tools.",
  "operations/preflight/copies.ts: Wait until its copies are whole before the next restore point or the next patching; if they do not become so, look with the backend's own tools.",
];

/** Rules of the CRDs, not ours to say: the API server's answers are compared in test/planning/snapshotApi. */
const OF_THE_API_SERVER = "planning/snapshotApi/";

describe("the texts of refusals", () => {
  it("stand in full in a test, but for those that are listed here", function () {
    this.timeout(60_000);
    const root = projectRoot();
    const held = testTexts(root, "test", "refusals.spec.ts");
    const texts = refusalTexts(root, ["planning", "config", "operations/preflight"]).filter(
      ({ place }) => !place.startsWith(OF_THE_API_SERVER),
    );
    ok(texts.length >= 300, "the search finds what it looks for");
    const missing = texts.filter((one) => !isHeld(one, held));
    deepStrictEqual(
      missing.map(
        ({ place, text }) => `${place.replace(/:\d+$/, "")}: ${text.replaceAll("\u0000", "…")}`,
      ),
      NOT_COMPARED,
    );
  });
});
