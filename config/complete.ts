import { isList, isMap, type JsonMap, type JsonValue } from "./rawConfiguration";
import type { ChoiceNode, MapNode, SchemaNode } from "./schema/node";

/**
 * A document with every default filled in and every value of a wrong type replaced by one of the right type, so that
 * the rest can still be checked. Positions in lists stay. A value that is there is never replaced by a default: an
 * explicit 0, "" or false stays.
 */
export function complete(node: MapNode, document: JsonValue | undefined): JsonMap {
  return completeMap(node, isMap(document) ? document : {});
}

function completeMap(node: MapNode, map: JsonMap): JsonMap {
  const entries: [string, JsonValue][] = [];
  for (const [key, child] of Object.entries(node.properties)) {
    const value = Object.hasOwn(map, key) ? map[key] : undefined;
    if (value !== undefined || child.default !== undefined || node.required?.includes(key)) {
      entries.push([key, completeValue(child, value)]);
    }
  }
  if (node.additionalProperties !== false) {
    const free = node.additionalProperties;
    // By name: the engine does not keep the order of a file.
    for (const key of Object.keys(map).sort()) {
      if (!Object.hasOwn(node.properties, key)) {
        entries.push([key, completeValue(free, map[key])]);
      }
    }
  }
  return Object.fromEntries(entries);
}

function completeValue(node: SchemaNode, value: JsonValue | undefined): JsonValue {
  if ("anyOf" in node) {
    const form = node.anyOf.find((one) => hasType(one, value));
    return completeValue(form ?? firstForm(node), form === undefined ? undefined : value);
  }
  const given = hasType(node, value) ? value : (node.default ?? substitute(node));
  if (node.type === "array") {
    return isList(given) ? given.map((item) => completeValue(node.items, item)) : [];
  }
  if (node.type === "object") {
    return completeMap(node, isMap(given) ? given : {});
  }
  return given ?? substitute(node);
}

function firstForm(node: ChoiceNode): SchemaNode {
  const [first] = node.anyOf;
  if (first === undefined) {
    throw new Error("a choice needs a form");
  }
  return first;
}

function hasType(node: SchemaNode, value: JsonValue | undefined): boolean {
  if ("anyOf" in node) {
    return node.anyOf.some((one) => hasType(one, value));
  }
  switch (node.type) {
    case "string":
      return typeof value === "string" && (node.enum?.includes(value) ?? true);
    case "integer":
      return Number.isSafeInteger(value);
    case "boolean":
      return typeof value === "boolean";
    case "array":
      return isList(value);
    case "object":
      return isMap(value);
    default:
      return false;
  }
}

/** A value of the right type that no check mistakes for something the operator wrote. */
function substitute(node: SchemaNode): JsonValue {
  if ("anyOf" in node) {
    return "";
  }
  switch (node.type) {
    case "string":
      return node.enum?.[0] ?? "";
    case "integer":
      return node.minimum ?? 0;
    case "boolean":
      return false;
    case "array":
      return [];
    case "object":
      return {};
    default:
      return null;
  }
}
