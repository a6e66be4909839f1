import { isList, isMap, type JsonMap, type JsonValue } from "./rawConfiguration";

/** A schema as its readers see it: JSON Schema with the annotations of `planning/schema`. */
export interface SchemaNode {
  readonly description?: string;
  readonly type?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly items?: SchemaNode;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  /** Keys that a completed document has, those with a default among them. */
  readonly required?: readonly string[];
  /** `false`: other keys are errors. A node: keys are free, values are of that form. */
  readonly additionalProperties?: boolean | SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly form?: string;
  readonly unit?: string;
  readonly secret?: boolean;
}

/** The node of a map's key, or of a list's items; undefined when there is none. */
export function childNode(
  node: SchemaNode | undefined,
  part: string | number,
): SchemaNode | undefined {
  if (typeof part === "number") {
    return node?.items;
  }
  const { properties = {}, additionalProperties } = node ?? {};
  return Object.hasOwn(properties, part)
    ? properties[part]
    : typeof additionalProperties === "object"
      ? additionalProperties
      : undefined;
}

/** The keys that a document has to write: those that are required and have no default. */
export function neededKeys({ required = [], properties = {} }: SchemaNode): readonly string[] {
  return required.filter((key) => properties[key]?.default === undefined);
}

/** A node's default as JSON; undefined where it has none. */
export function presetOf(node: SchemaNode | undefined): JsonValue | undefined {
  return node?.default as JsonValue | undefined;
}

/**
 * A document with every default filled in and every value of a wrong form replaced by a harmless one, so that the rest
 * can still be checked. Positions in lists stay. A value of the right form is never replaced: an explicit 0, "" or false
 * stays.
 *
 * @param fits - Whether a value that is neither map nor list has its node's form.
 */
export function complete(
  node: SchemaNode,
  value: JsonValue | undefined,
  fits: (node: SchemaNode, value: JsonValue) => boolean,
): JsonValue {
  const preset = presetOf(node);
  if (node.type === "object") {
    return completeMap(node, isMap(value) ? value : isMap(preset) ? preset : {}, fits);
  }
  if (node.type === "array") {
    const items = isList(value) ? value : isList(preset) ? preset : [];
    return items.map((item) => complete(node.items ?? {}, item, fits));
  }
  return value !== undefined && fits(node, value) ? value : (preset ?? substitute(node));
}

function completeMap(
  node: SchemaNode,
  map: JsonMap,
  fits: (node: SchemaNode, value: JsonValue) => boolean,
): JsonMap {
  const known = Object.entries(node.properties ?? {}).flatMap(
    ([key, child]): [string, JsonValue][] => {
      const value = Object.hasOwn(map, key) ? map[key] : undefined;
      return value === undefined && node.required?.includes(key) !== true
        ? []
        : [[key, complete(child, value, fits)]];
    },
  );
  const free = node.additionalProperties;
  const others =
    typeof free === "object"
      ? Object.keys(map).map((key): [string, JsonValue] => [key, complete(free, map[key], fits)])
      : [];
  return Object.fromEntries([...known, ...others]);
}

/** A value of the right type that no check mistakes for something the operator wrote. */
function substitute(node: SchemaNode): JsonValue {
  const [first] = node.anyOf ?? [];
  if (first !== undefined) {
    return substitute(first);
  }
  switch (node.type) {
    case "integer":
      return node.minimum ?? 0;
    case "boolean":
      return false;
    default:
      return node.enum?.[0] ?? "";
  }
}
