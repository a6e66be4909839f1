import { type Problem, problemAt } from "../planning/problem";
import { siteSchema } from "../planning/schema/site";
import { formatPath, parsePath } from "./keyPath";
import { nearest } from "./nearest";
import { projectName } from "./projectRoot";
import {
  isList,
  isMap,
  type JsonMap,
  type JsonValue,
  type KeyPath,
  step,
} from "./rawConfiguration";
import { childNode, presetOf, type SchemaNode } from "./schemaNode";
import type { Edit } from "./yamlEdit";
import { readYaml } from "./yamlText";

/** The place that problems of `-c` name instead of a file. */
export const overridesPlace = "-c";

export function applyEdits(values: JsonMap, edits: readonly Edit[]): JsonMap {
  return edits.reduce(
    (before, edit) => setIn(siteSchema, before, edit.path, edit.value) as JsonMap,
    values,
  );
}

interface Overrides {
  readonly edits: readonly Edit[];
  /** Printed paths that were written, as the operator wrote them. */
  readonly paths: readonly string[];
  /** What is no `key=value`, an unknown key, a secret key, a position beyond a list's end. */
  readonly problems: readonly Problem[];
}

/**
 * Reads `-c key=value`: the key is a path such as `classes[0].reclaimPolicy`, the value is of the type that the
 * schema asks for there. Where a list or map on the way is absent, its default is written out, so that an edit never
 * drops what was in force.
 */
export function readOverrides(values: JsonMap, texts: readonly string[]): Overrides {
  const edits: Edit[] = [];
  const paths: string[] = [];
  const problems: Problem[] = [];
  let current = values;
  for (const text of texts) {
    const parsed = parseOverride(current, text);
    if ("message" in parsed) {
      problems.push(parsed);
    } else {
      const edit = fromExisting(current, parsed);
      edits.push(edit);
      paths.push(formatPath(parsed.path));
      current = applyEdits(current, [edit]);
    }
  }
  return { edits, paths, problems };
}

function parseOverride(values: JsonMap, text: string): Edit | Problem {
  const at = text.indexOf("=");
  if (at <= 0) {
    return problem(text, "has no value", "Write -c key=value");
  }
  const written = text.slice(0, at);
  const colon = written.indexOf(":");
  if (colon >= 0 && written.slice(0, colon) !== projectName) {
    const allowed = "Set it with pulumi config set";
    return problem(written, "is not a key of this program", allowed);
  }
  const path = parsePath(written.slice(colon + 1));
  if (path === undefined) {
    return problem(written, "is not a key path", "Write it like classes[0].reclaimPolicy");
  }
  return typedEdit(values, path, text.slice(at + 1));
}

function typedEdit(values: JsonMap, path: KeyPath, text: string): Edit | Problem {
  let node: SchemaNode = siteSchema;
  let value: JsonValue | undefined = values;
  for (const [depth, part] of path.entries()) {
    const here = formatPath(path.slice(0, depth + 1));
    const child = childNode(node, part);
    if (child === undefined) {
      return unknownPart(node, part, here);
    }
    if (child.secret === true) {
      const allowed = `Set it with pulumi config set --secret ${here}`;
      return problem(here, "is a secret and is not taken from a command line", allowed);
    }
    const container: JsonValue | undefined = value ?? defaultOf(node);
    if (typeof part === "number" ? !isList(container) : !isMap(container)) {
      const kind = typeof part === "number" ? "a list" : "a map of keys";
      return problem(formatPath(path.slice(0, depth)), `is not ${kind} in the stack file`);
    }
    if (typeof part === "number" && isList(container) && part > container.length) {
      const length = container.length === 1 ? "1 entry" : `${container.length} entries`;
      return problem(here, `is beyond the end of the list, which has ${length}`);
    }
    value = step(container, part);
    node = child;
  }
  return { path, value: typed(node, text) };
}

function unknownPart(node: SchemaNode, part: string | number, here: string): Problem {
  if (typeof part === "number" || node.properties === undefined) {
    return problem(here, "is not a known key", "Write it like classes[0].reclaimPolicy");
  }
  const known = Object.keys(node.properties);
  const meant = nearest(part, known);
  const allowed =
    meant === undefined ? `Known keys: ${known.join(", ")}` : `Did you mean ${meant}?`;
  return problem(here, "is not a known key", allowed);
}

function problem(path: string, message: string, allowed?: string): Problem {
  return problemAt(path, message, allowed, overridesPlace);
}

/** The value that a text means at a node; text that does not fit is kept and refused with the rest. */
function typed(node: SchemaNode, text: string): JsonValue {
  if (node.type === "string") {
    return text;
  }
  const { value } = readYaml(text);
  if (value === undefined || value === null) {
    return text;
  }
  if (node.anyOf !== undefined) {
    return typeof value === "number" && !Number.isInteger(value) ? text : value;
  }
  return value;
}

/** The same edit at the first part of the path that is absent, so that its holder exists. */
function fromExisting(values: JsonMap, { path, value }: Edit): Edit {
  let here: JsonValue | undefined = values;
  for (const [depth, part] of path.entries()) {
    here = step(here, part);
    if (here === undefined) {
      const top = path.slice(0, depth + 1);
      const node = top.reduce<SchemaNode | undefined>(childNode, siteSchema);
      return { path: top, value: setIn(node, undefined, path.slice(depth + 1), value) };
    }
  }
  return { path, value };
}

function setIn(
  node: SchemaNode | undefined,
  holder: JsonValue | undefined,
  path: KeyPath,
  value: JsonValue,
): JsonValue {
  const [part, ...rest] = path;
  if (part === undefined) {
    return value;
  }
  const container = holder ?? defaultOf(node);
  const inner = setIn(
    node === undefined ? undefined : childNode(node, part),
    step(container, part),
    rest,
    value,
  );
  if (typeof part === "number") {
    const list = isList(container) ? [...container] : [];
    list[part] = inner;
    return list;
  }
  return { ...(isMap(container) ? container : {}), [part]: inner };
}

function defaultOf(node: SchemaNode | undefined): JsonValue | undefined {
  return presetOf(node) ?? (node?.type === "array" ? [] : node?.type === "object" ? {} : undefined);
}
