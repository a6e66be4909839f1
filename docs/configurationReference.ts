import { stringify } from "yaml";
import type { OptionSpec } from "../planning/backends/backend";
import type { JsonValue } from "../config/rawConfiguration";
import { neededKeys, presetOf, type SchemaNode } from "../config/schemaNode";
import { formText } from "../config/shape";
import { markdownTable } from "./markdownTable";

/** A backend as the reference page shows it. */
export interface ReferenceBackend {
  readonly id: string;
  readonly title: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly classOptions: Readonly<Record<string, OptionSpec>>;
}

/** The reference page of all keys, in Markdown. */
export function configurationPage(
  site: SchemaNode,
  point: SchemaNode,
  backends: readonly ReferenceBackend[],
): string {
  return [
    "# Configuration",
    "",
    "Made from `planning/schema/` by `node dist/docs/generate.js`; edit there.",
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
    ...Object.entries(site.properties ?? {}).flatMap(([key, node]) => section(key, node)),
    "## Restore point files",
    "",
    point.description ?? "",
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
  const preset = presetOf(node);
  return [
    `## ${key}`,
    "",
    node.description ?? "",
    "",
    ...(preset !== undefined && !isEmpty(preset)
      ? ["Default:", "", "```yaml", `${stringify({ [`atom-backup:${key}`]: preset })}\`\`\``, ""]
      : []),
    ...(map === undefined ? [] : [...rows(map, prefixOf(key, node), () => true), ""]),
  ];
}

/** Maps with known keys, and lists of them, get a section of their own. */
function isStructured(node: SchemaNode): boolean {
  const map = mapOf(node);
  return map !== undefined && Object.keys(map.properties ?? {}).length > 0;
}

function mapOf(node: SchemaNode): SchemaNode | undefined {
  return node.type === "object" ? node : node.items === undefined ? undefined : mapOf(node.items);
}

function prefixOf(key: string, node: SchemaNode): string {
  return node.type === "array" ? `${key}[].` : `${key}.`;
}

const COLUMNS = ["key", "form", "default", "meaning"];

function rows(
  map: SchemaNode,
  prefix: string,
  shown: (node: SchemaNode) => boolean,
): readonly string[] {
  return markdownTable(COLUMNS, fieldRows(map, prefix, shown));
}

function fieldRows(
  map: SchemaNode,
  prefix: string,
  shown: (node: SchemaNode) => boolean,
): string[][] {
  return Object.entries(map.properties ?? {}).flatMap(([name, node]) => {
    const key = `${prefix}${name}`;
    const isShown = shown(node);
    const inner = isShown ? mapOf(node) : undefined;
    const link = isShown ? `\`${key}\`` : `[\`${key}\`](#${name.toLowerCase()})`;
    return [
      [link, kind(node), fallback(map, name, node), oneLine(node.description ?? "")],
      ...(inner === undefined ? [] : fieldRows(inner, prefixOf(key, node), shown)),
    ];
  });
}

function kind(node: SchemaNode): string {
  if (node.secret === true) {
    return "secret text";
  }
  if (node.enum !== undefined) {
    return node.enum.map((value) => `\`${value}\``).join(", ");
  }
  if (node.type === "object") {
    return "map";
  }
  if (node.items !== undefined) {
    return mapOf(node) === undefined ? `list of: ${kind(node.items)}` : "list of maps";
  }
  const unit = node.unit !== undefined ? ` (${node.unit})` : "";
  return oneLine(`${formText(node)}${unit}`);
}

function fallback(map: SchemaNode, name: string, node: SchemaNode): string {
  const preset = presetOf(node);
  if (preset === undefined) {
    return neededKeys(map).includes(name) ? "required" : "absent";
  }
  return typeof preset === "object" && !isEmpty(preset)
    ? "see below"
    : `\`${JSON.stringify(preset)}\``;
}

function isEmpty(value: JsonValue): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
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
  return markdownTable(
    COLUMNS,
    Object.entries(options).map(([name, option]) => [
      `\`${prefix}.${name}\``,
      optionKind(option),
      option.required === true ? "required" : oneLine(option.default ?? "absent"),
      oneLine(option.description),
    ]),
  );
}

function optionKind({ type, allowed, minimum, maximum }: OptionSpec): string {
  if (allowed !== undefined) {
    const values = allowed.map((value) => `\`${value}\``).join(", ");
    return type === "strings" ? `list of: ${values}` : values;
  }
  switch (type) {
    case "integer":
      return formText({
        type,
        ...(minimum === undefined ? {} : { minimum }),
        ...(maximum === undefined ? {} : { maximum }),
      });
    case "boolean":
      return "true or false";
    case "strings":
      return "list of: text";
    default:
      return "text";
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}
