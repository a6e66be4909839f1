// Shows that the reference page has something to say about every argument and output.
import assert from "node:assert/strict";
import { projectRoot } from "../../config/projectRoot";
import {
  componentReference,
  componentSources,
  documentedTypes,
} from "../../docs/componentReference";

const types = documentedTypes(componentSources(projectRoot()));

describe("the components' comments", () => {
  it("cover what the components' index exports", () => {
    assert.deepEqual(types.map((type) => type.name).sort(), [
      "Alerts",
      "AlertsArgs",
      "KubernetesProviderArgs",
      "NodeBackups",
      "NodeBackupsArgs",
      "ReplicatedStorage",
      "ReplicatedStorageArgs",
      "RestorePoint",
      "RestorePointArgs",
      "RestorePointMember",
      "SnapshotClasses",
      "SnapshotClassesArgs",
      "SnapshotController",
      "SnapshotControllerArgs",
      "TakeHooksOptions",
      "TakeRecorder",
      "VsphereProviderArgs",
    ]);
  });

  for (const type of types) {
    it(`say what ${type.name} is, and each field of it`, () => {
      assert.notEqual(type.text, "", `${type.file}: ${type.name} has no comment`);
      assert.ok(type.fields.length > 0);
      for (const field of type.fields) {
        assert.notEqual(field.text, "", `${type.file}: ${type.name}.${field.name} has no comment`);
        assert.notEqual(field.type, "", `${type.file}: ${type.name}.${field.name} has no type`);
        if (field.optional) {
          assert.ok(field.default, `${type.file}: ${type.name}.${field.name} has no @default`);
        }
      }
    });
  }

  it("give every component its type token, under which its children's URNs stand", () => {
    assert.deepEqual(
      types.filter((type) => type.kind === "component").map((type) => type.token),
      [
        "atom:backup:Alerts",
        "atom:backup:NodeBackups",
        "atom:backup:ReplicatedStorage",
        "atom:backup:RestorePoint",
        "atom:backup:SnapshotClasses",
        "atom:backup:SnapshotController",
      ],
    );
  });
});

describe("the components' reference page", () => {
  it("has a table of arguments with defaults and links, and one of outputs", () => {
    const text = [
      "/** Args of {@link Box}. */",
      "export interface BoxArgs {",
      "  /**",
      "   * How wide,",
      "   * in metres.",
      "   * @default 2",
      "   * @see https://example.org/wide",
      "   */",
      "  readonly width?: 1 | 2;",
      "  /** What is in it. */",
      "  readonly content: string;",
      "}",
      "/** A box. */",
      "export class Box {",
      "  /** The label. */",
      "  public readonly label: string;",
      "  private readonly hidden: string;",
      '  constructor() { super("atom:test:Box", "x"); }',
      "}",
    ].join("\n");
    const page = componentReference([{ file: "box.ts", text }]);
    assert.deepEqual(page.split("\n").slice(4), [
      "",
      "## BoxArgs",
      "",
      "Args of `Box`.",
      "",
      "| Argument | Type | Default | Meaning |",
      "|---|---|---|---|",
      "| `width` | `1 \\| 2` | 2 | How wide, in metres. [More](https://example.org/wide) |",
      "| `content` | `string` | required | What is in it. |",
      "",
      "## Box",
      "",
      "A box.",
      "",
      "Type token: `atom:test:Box`",
      "",
      "| Output | Type | Meaning |",
      "|---|---|---|",
      "| `label` | `string` | The label. |",
      "",
    ]);
  });
});
