import assert from "node:assert/strict";
import { actionLines, findingLines, lostLines, previewLines } from "../../cli/print/findings";
import type { Finding, FindingKind } from "../../drift/types";
import type { EngineStep } from "../../engine/preview";
import type { Action, ActionKind } from "../../site/action";

const common = {
  type: "kubernetes:storage.k8s.io/v1:StorageClass",
  object: "StorageClass atom-replicated",
  changes: [],
  reason: "it is declared and is not there",
  command: undefined,
  id: undefined,
};

function finding(kind: FindingKind, changes: Partial<Finding> = {}): Finding {
  return { ...common, kind, urn: `urn:${kind}`, ...changes };
}

function action(kind: ActionKind): Action {
  return { ...common, kind, urn: `urn:${kind}` };
}

describe("printed findings", () => {
  it("show each changed field, the reason and the command, and leave unchanged objects out", () => {
    const lines = findingLines([
      finding("same"),
      finding("differs", {
        changes: [{ path: "parameters.replicas", from: "2", to: "3" }],
        reason: "parameters are immutable",
        command: "./atom up",
      }),
    ]);
    assert.deepEqual(lines, [
      "≠ differs: StorageClass atom-replicated",
      '      parameters.replicas: "2" -> "3"',
      "      parameters are immutable",
      "      run: ./atom up",
      "1 differs, 1 as declared",
    ]);
  });

  it("call an absent value none, and keep false, zero and empty text apart from it", () => {
    const lines = findingLines([
      finding("differs", {
        changes: [
          { path: "a", from: undefined, to: false },
          { path: "b", from: 0, to: "" },
        ],
      }),
    ]);
    assert.deepEqual(lines.slice(1, 3), ["      a: (none) -> false", '      b: 0 -> ""']);
  });

  it("count every kind, what is as declared last", () => {
    const kinds: FindingKind[] = ["same", "missing", "missing", "lost", "unknown", "differs"];
    const counts = findingLines(kinds.map((kind) => finding(kind))).at(-1);
    const last = counts?.split(", ").at(-1);
    assert.deepEqual(new Set(counts?.split(", ")), new Set(countsOf(kinds)));
    assert.equal(last, "1 as declared");
    assert.deepEqual(findingLines([]), ["nothing is declared"]);
  });

  it("are of actions alike", () => {
    const lines = actionLines(
      ["removeFromState", "import", "same"].map((kind) => action(kind as ActionKind)),
    );
    assert.deepEqual(
      lines.filter((line) => !line.startsWith(" ")),
      [
        "○ remove from state: StorageClass atom-replicated",
        "= import: StorageClass atom-replicated",
        "1 import, 1 remove from state, 1 unchanged",
      ],
    );
  });

  it("name point and node of a VM snapshot that will be marked lost", () => {
    const [line] = lostLines([
      {
        point: "pre-24.1",
        key: "vm atom-a-1",
        node: "atom-a-1",
        uuid: "4221a701-0000-4000-8000-00000000000a",
        handle: "snapshot-7",
      },
    ]);
    assert.match(line ?? "", /restore point pre-24\.1: the VM snapshot of atom-a-1 .* LOST/u);
  });
});

function countsOf(kinds: readonly FindingKind[]): string[] {
  const words = { same: "as declared" } as Partial<Record<FindingKind, string>>;
  return kinds.map(
    (kind) => `${kinds.filter((one) => one === kind).length} ${words[kind] ?? kind}`,
  );
}

describe("a printed preview", () => {
  const step = (op: EngineStep["op"], type: string, name: string): EngineStep => ({
    op,
    urn: `urn:${name}`,
    type,
    name,
    changes: [],
  });
  const preview = (steps: readonly EngineStep[]): string[] =>
    previewLines({ steps, errors: [], warnings: [] });

  it("has each live object with what happens to it, and no bookkeeping", () => {
    const replaced = {
      ...step("replace", "kubernetes:storage.k8s.io/v1:StorageClass", "atom-replicated"),
      changes: [{ path: "parameters.replicas", from: "2", to: "3" }],
    };
    const component = step("create", "atom-backup:index:RestorePoint", "pre-24.1");
    const provider = step("create", "pulumi:providers:kubernetes", "cluster");
    assert.deepEqual(preview([component, provider, replaced]), [
      "pulumi would:",
      "± replace StorageClass atom-replicated",
      '      parameters.replicas: "2" -> "3"',
    ]);
  });

  it("has one line where nothing live changes", () => {
    assert.equal(preview([step("create", "pulumi:pulumi:Stack", "lab")]).length, 1);
  });
});
