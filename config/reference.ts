import type { OptionSpec } from "../planning/backends/backend";
import type { JsonValue } from "./rawConfiguration";
import type { MapNode, SchemaNode } from "./schema/node";
import { formText } from "./schema/words";

/** A backend as the reference page shows it. */
export interface ReferenceBackend {
  readonly id: string;
  readonly title: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly classOptions: Readonly<Record<string, OptionSpec>>;
}

/** The reference page of all keys, in Markdown. */
export function configurationPage(
  site: MapNode,
  point: MapNode,
  backends: readonly ReferenceBackend[],
): string {
  return [
    "# Configuration",
    "",
    "Made from `config/schema.ts` by `node dist/docs/generate.js`; edit there.",
    "",
    "A stack's configuration stands in `stacks/Pulumi.<stack>.yaml` below `config:`, each key with the namespace",
    "`atom-backup:`. The model sites in `stacks/` are complete, commented examples. An unknown key is an error at every",
    "depth, all problems of a file are reported together, and keys of other namespaces are left alone. A value that is",
    "written is never replaced by a default, be it 0, empty or `false`.",
    "",
    "For completion and checks in an editor, put this line on top of a stack file:",
    "",
    "```yaml",
    "# yaml-language-server: $schema=../docs/reference/site.schema.json",
    "```",
    "",
    "## Keys",
    "",
    ...rows(site, "", (node) => !isStructured(node)),
    "",
    ...Object.entries(site.properties).flatMap(([key, node]) => section(key, node)),
    "## Restore point files",
    "",
    point.description,
    "",
    ...rows(point, "", () => true),
    "",
    ...backends.flatMap(backendSection),
  ].join("\n");
}

function section(key: string, node: SchemaNode): readonly string[] {
  if (!isStructured(node)) {
    return [];
  }
  const map = mapOf(node);
  return [
    `## ${key}`,
    "",
    node.description,
    "",
    ...(node.default !== undefined && !isEmpty(node.default)
      ? ["Default:", "", "```yaml", ...yamlLines(key, node.default), "```", ""]
      : []),
    ...(map === undefined ? [] : [...rows(map, prefixOf(key, node), () => true), ""]),
  ];
}

/** Maps with known keys, and lists of them, get a section of their own. */
function isStructured(node: SchemaNode): boolean {
  const map = mapOf(node);
  return map !== undefined && Object.keys(map.properties).length > 0;
}

function mapOf(node: SchemaNode): MapNode | undefined {
  if ("anyOf" in node) {
    return undefined;
  }
  return node.type === "object" ? node : node.type === "array" ? mapOf(node.items) : undefined;
}

function prefixOf(key: string, node: SchemaNode): string {
  return !("anyOf" in node) && node.type === "array" ? `${key}[].` : `${key}.`;
}

function rows(
  map: MapNode,
  prefix: string,
  shown: (node: SchemaNode) => boolean,
): readonly string[] {
  return [
    "| key | form | default | meaning |",
    "|---|---|---|---|",
    ...fieldRows(map, prefix, shown),
  ];
}

function fieldRows(
  map: MapNode,
  prefix: string,
  shown: (node: SchemaNode) => boolean,
): readonly string[] {
  return Object.entries(map.properties).flatMap(([name, node]) => {
    if (!shown(node)) {
      return [
        `| [\`${prefix}${name}\`](#${name.toLowerCase()}) | ${kind(node)} | ${preset(map, name, node)} | ${cell(node.description)} |`,
      ];
    }
    const inner = mapOf(node);
    const key = `${prefix}${name}`;
    return [
      `| \`${key}\` | ${kind(node)} | ${preset(map, name, node)} | ${cell(node.description)} |`,
      ...(inner === undefined ? [] : fieldRows(inner, prefixOf(key, node), shown)),
    ];
  });
}

function kind(node: SchemaNode): string {
  if ("anyOf" in node) {
    return cell(node.form);
  }
  if (node.type === "string" && node.secret === true) {
    return "secret text";
  }
  if (node.type === "string" && node.enum !== undefined) {
    return node.enum.map((value) => `\`${value}\``).join(", ");
  }
  if (node.type === "object") {
    return "map";
  }
  if (node.type === "array") {
    return mapOf(node) === undefined ? `list of: ${kind(node.items)}` : "list of maps";
  }
  const unit = node.type === "integer" && node.unit !== undefined ? ` (${node.unit})` : "";
  return cell(`${formText(node)}${unit}`);
}

function preset(map: MapNode, name: string, node: SchemaNode): string {
  if (map.required?.includes(name) === true) {
    return "required";
  }
  if (node.default === undefined) {
    return "absent";
  }
  if (typeof node.default === "object" && !isEmpty(node.default)) {
    return "see below";
  }
  return `\`${JSON.stringify(node.default)}\``;
}

function isEmpty(value: JsonValue): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** A list of flat maps, or one, as YAML; enough for the defaults there are. */
function yamlLines(key: string, value: JsonValue): readonly string[] {
  const entries = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
  return [
    `atom-backup:${key}:`,
    ...entries.flatMap((entry) =>
      Object.entries(entry ?? {}).map(
        ([name, inner], position) =>
          `  ${position === 0 ? "- " : "  "}${name}: ${flow(inner as JsonValue)}`,
      ),
    ),
  ];
}

function flow(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function backendSection(backend: ReferenceBackend): readonly string[] {
  return [
    `## Options of backend ${backend.id}`,
    "",
    `${backend.title}.`,
    "",
    ...optionRows("backendOptions", backend.options),
    "",
    ...(Object.keys(backend.classOptions).length === 0
      ? []
      : [...optionRows("classes[].options", backend.classOptions), ""]),
  ];
}

function optionRows(
  prefix: string,
  options: Readonly<Record<string, OptionSpec>>,
): readonly string[] {
  if (Object.keys(options).length === 0) {
    return [`\`${prefix}\` has no keys.`];
  }
  return [
    "| key | form | default | meaning |",
    "|---|---|---|---|",
    ...Object.entries(options).map(([name, option]) => {
      const fallback = option.required === true ? "required" : (option.default ?? "absent");
      return `| \`${prefix}.${name}\` | ${optionKind(option)} | ${cell(fallback)} | ${cell(option.description)} |`;
    }),
  ];
}

function optionKind({ type, allowed, minimum, maximum }: OptionSpec): string {
  if (allowed !== undefined) {
    const values = allowed.map((value) => `\`${value}\``).join(", ");
    return type === "strings" ? `list of: ${values}` : values;
  }
  switch (type) {
    case "integer":
      return formText({ type, description: "", ...bounds(minimum, maximum) });
    case "boolean":
      return "true or false";
    case "strings":
      return "list of: text";
    default:
      return "text";
  }
}

function bounds(
  minimum: number | undefined,
  maximum: number | undefined,
): { minimum?: number; maximum?: number } {
  return {
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
  };
}

function cell(text: string): string {
  return text.replace(/\|/g, "\\|").replace(/\s+/g, " ");
}
