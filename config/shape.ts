import type { Problem } from "../planning/problem";
import { isDateTime } from "./dateTime";
import { formatPath } from "./keyPath";
import { nearest } from "./nearest";
import { printValue } from "./problems";
import { isList, isMap, type JsonMap, type JsonValue, type KeyPath } from "./rawConfiguration";
import { childNode, type MapNode, type SchemaNode, type TextNode } from "./schema/node";
import { allowedText, formText, wrongType } from "./schema/words";

/** A problem of form. */
export interface ShapeProblem extends Problem {
  /** Printed path of the absent key that an unknown key beside it most likely means. */
  readonly means?: string;
  /** True where the rest of the document is as the operator meant it: a key that is unknown and like no other. */
  readonly besides?: true;
}

/**
 * All problems of form that a document has by a schema; empty when there are none. Known keys come first, in the order
 * of the schema, then unknown ones by name, then absent ones: the engine does not keep the order of a file, and both
 * readers are to say the same.
 *
 * A walk over our few kinds of nodes, not a compiled JSON Schema: compiling takes longer than all else that a command
 * does before it answers. A test holds it to what a JSON Schema validator says.
 */
export function shapeProblems(schema: MapNode, document: JsonValue): readonly ShapeProblem[] {
  return walk(schema, document, []);
}

function walk(node: SchemaNode, value: JsonValue, path: KeyPath): readonly ShapeProblem[] {
  const wrong = wrongValue(node, value);
  if (wrong !== undefined) {
    const shown = "secret" in node ? undefined : printValue(value);
    return [{ path: formatPath(path), value: shown, ...wrong }];
  }
  if (!("anyOf" in node) && node.type === "array" && isList(value)) {
    return value.flatMap((item, position) => walk(node.items, item, [...path, position]));
  }
  if (!("anyOf" in node) && node.type === "object" && isMap(value)) {
    return walkMap(node, value, path);
  }
  return [];
}

function walkMap(node: MapNode, map: JsonMap, path: KeyPath): readonly ShapeProblem[] {
  const present = keysInOrder(node, map).flatMap((key) => {
    const child = childNode(node, key);
    return child === undefined
      ? [unknownKey(node, map, key, path)]
      : walk(child, map[key] ?? null, [...path, key]);
  });
  const misspelt = present.map((problem) => problem.means);
  const absent = (node.required ?? [])
    .filter((key) => !Object.hasOwn(map, key))
    .map((key) => ({
      path: formatPath([...path, key]),
      value: undefined,
      message: "is missing",
      allowed: allowedText(childNode(node, key)),
    }))
    // The misspelt key is named already.
    .filter((problem) => !misspelt.includes(problem.path));
  return [...present, ...absent];
}

/** Keys of a map, known ones in the order of the schema, others by name. */
function keysInOrder(node: MapNode, map: JsonMap): readonly string[] {
  const known = Object.keys(node.properties).filter((key) => Object.hasOwn(map, key));
  const others = Object.keys(map).filter((key) => !Object.hasOwn(node.properties, key));
  return [...known, ...others.sort()];
}

function unknownKey(node: MapNode, map: JsonMap, key: string, path: KeyPath): ShapeProblem {
  const known = Object.keys(node.properties);
  if (path.length === 0 && /[.[]/.test(key)) {
    const [head = key] = key.split(/[.[]/, 1);
    return {
      path: JSON.stringify(key),
      value: undefined,
      message: "is a literal key, which nothing reads",
      allowed: `Write it nested, under ${nearest(head, known) ?? "a known key"}: ./atom does so with -c, pulumi config set with --path`,
      besides: true,
    };
  }
  const meant = nearest(key, known);
  return {
    path: formatPath([...path, key]),
    // Never its value: a misspelt key may hold a secret.
    value: undefined,
    message: "is not a known key",
    allowed: meant === undefined ? `Known keys: ${known.join(", ")}` : `Did you mean ${meant}?`,
    ...(meant !== undefined && !Object.hasOwn(map, meant)
      ? { means: formatPath([...path, meant]) }
      : { besides: true }),
  };
}

type Wrong = Pick<Problem, "message" | "allowed"> | undefined;

/** What is wrong with a value itself, not with what is inside it. */
function wrongValue(node: SchemaNode, value: JsonValue): Wrong {
  if ("anyOf" in node) {
    return node.anyOf.some((one) => walk(one, value, []).length === 0)
      ? undefined
      : { message: `is not ${formText(node)}`, allowed: undefined };
  }
  switch (node.type) {
    case "string":
      return typeof value === "string" ? wrongText(node, value) : wrongType(value, node);
    case "integer":
      // Beyond what a number holds exactly, 1 more is no other number.
      if (typeof value !== "number" || !Number.isSafeInteger(value)) {
        return wrongType(value, node);
      }
      if (value < (node.minimum ?? value)) {
        return { message: "is too small", allowed: allowedText(node) };
      }
      return value > (node.maximum ?? value)
        ? { message: "is too large", allowed: allowedText(node) }
        : undefined;
    case "boolean":
      return typeof value === "boolean" ? undefined : wrongType(value, node);
    case "array":
      if (!isList(value)) {
        return wrongType(value, node);
      }
      return value.length < (node.minItems ?? 0)
        ? { message: "is empty", allowed: allowedText(node) }
        : undefined;
    case "object":
      return isMap(value) ? undefined : wrongType(value, node);
    default:
      return undefined;
  }
}

function wrongText(node: TextNode, text: string): Wrong {
  if (node.enum !== undefined && !node.enum.includes(text)) {
    const meant = nearest(text, node.enum);
    const allowed = `Allowed: ${node.enum.join(", ")}`;
    return {
      message: "is not allowed",
      allowed: meant === undefined ? allowed : `Did you mean ${meant}? ${allowed}`,
    };
  }
  const length = [...text].length;
  if (length < (node.minLength ?? 0)) {
    return { message: "is empty", allowed: allowedText(node) };
  }
  if (length > (node.maxLength ?? length)) {
    return { message: `is too long: ${length} characters`, allowed: allowedText(node) };
  }
  if (node.pattern !== undefined && !expression(node.pattern).test(text)) {
    return { message: "has a form that is refused", allowed: allowedText(node) };
  }
  return node.format === undefined || isDateTime(text)
    ? undefined
    : { message: `is not ${formText(node)}`, allowed: undefined };
}

const expressions = new Map<string, RegExp>();

function expression(pattern: string): RegExp {
  const known = expressions.get(pattern) ?? new RegExp(pattern, "u");
  expressions.set(pattern, known);
  return known;
}
