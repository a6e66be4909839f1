import type { TSchema } from "@sinclair/typebox";
import { Errors, type ValueError, ValueErrorType } from "@sinclair/typebox/errors";

import {
  type JsonValue,
  isList,
  isMap,
  type JsonMap,
  type KeyPath,
  step,
} from "./rawConfiguration";
import { type SchemaNode, complete } from "./schemaNode";
import { type Problem, problemAt } from "../planning/problem";
import { formatPath } from "./keyPath";
import { nearest } from "./nearest";
import { printValue } from "./problems";

/** What a node allows, as a sentence for people. */
function allowedText(node: SchemaNode | undefined): string | undefined {
  return node === undefined ? undefined : `Allowed: ${formText(node)}`;
}

/** What a node allows, as words that follow "is not" or "Allowed:". */
export function formText(node: SchemaNode): string {
  if (node.form !== undefined) {
    return node.form;
  }
  switch (node.type) {
    case "integer":
      return wholeNumber(node);
    case "boolean":
      return "true or false";
    case "array":
      return node.minItems === undefined ? "a list" : "a list with one entry or more";
    case "object": {
      const keys = Object.keys(node.properties ?? {});
      return keys.length === 0 ? "a map" : `a map with the keys ${keys.join(", ")}`;
    }
    default:
      return node.enum?.join(", ") ?? "text";
  }
}

/** What is wrong with a value of another type, and what to write instead. */
function wrongType(
  value: JsonValue,
  node: SchemaNode,
): { readonly message: string; readonly allowed: string | undefined } {
  if (value === null) {
    return { message: "has no value", allowed: allowedText(node) };
  }
  if (node.type === "string" && typeof value !== "object") {
    return { message: "is not text", allowed: `Write it in quotes: "${String(value)}"` };
  }
  const bare = node.type === "boolean" ? /^(true|false)$/ : /^-?\d+$/;
  if (
    typeof value === "string" &&
    (node.type === "boolean" || node.type === "integer") &&
    bare.test(value)
  ) {
    return { message: `is text, not ${kindText(node)}`, allowed: "Write it without quotes" };
  }
  return { message: `is not ${kindText(node)}`, allowed: allowedText(node) };
}

function kindText({ type, form }: SchemaNode): string {
  switch (type) {
    case "integer":
      return "a whole number";
    case "boolean":
      return "true or false";
    case "array":
      return "a list";
    case "object":
      return "a map of keys";
    case "string":
      return "text";
    default:
      return form ?? "a known value";
  }
}

function wholeNumber({ minimum, maximum }: SchemaNode): string {
  if (minimum === undefined) {
    return "a whole number";
  }
  return maximum === undefined
    ? `a whole number of at least ${minimum}`
    : `a whole number from ${minimum} to ${maximum}`;
}

export interface ShapeProblem extends Problem {
  /** Printed path of the absent key that an unknown key beside it most likely means. */
  readonly means?: string;
  /** True where the rest of the document is as the operator meant it: a key that is unknown and like no other. */
  readonly besides?: true;
}

/**
 * All problems of form that a document has by a schema, one for each place; empty when there are none. The order of a
 * document's keys makes no difference: the engine does not keep that of a file.
 */
export function shapeProblems(schema: TSchema, document: JsonValue): readonly ShapeProblem[] {
  const ordered = inOrder(document);
  const found = new Map<string, ShapeProblem>();
  for (const error of Errors(schema, ordered)) {
    // A key that has a default may be absent.
    const absent = error.value === undefined && error.schema.default !== undefined;
    if (!absent && !found.has(error.path)) {
      found.set(error.path, problemOf(error, ordered));
    }
  }
  const problems = [...found.values()];
  // An absent key is named already where another key most likely means it.
  const meant = new Set(problems.flatMap(({ means }) => means ?? []));
  return problems.filter(({ path }) => !meant.has(path));
}

/** The document that a schema describes, by {@link complete}. */
export function completed(schema: TSchema, document: JsonValue | undefined): JsonValue {
  const ordered = document === undefined ? undefined : inOrder(document);
  return complete(
    schema,
    ordered,
    (node, value) => Errors(node as TSchema, value).First() === undefined,
  );
}

function inOrder(value: JsonValue): JsonValue {
  if (isList(value)) {
    return value.map(inOrder);
  }
  return isMap(value)
    ? Object.fromEntries(
        Object.keys(value)
          .sort()
          .map((key) => [key, inOrder(value[key] ?? null)]),
      )
    : value;
}

function problemOf({ type, schema, path, value }: ValueError, document: JsonValue): ShapeProblem {
  const keys = keyPath(path, document);
  if (type === ValueErrorType.ObjectAdditionalProperties) {
    return unknownKey(schema, keys, document);
  }
  if (value === undefined) {
    return problemAt(formatPath(keys), "is missing", allowedText(schema));
  }
  // The document is JSON, and so is all in it.
  const json = value as JsonValue;
  const shown = (schema as SchemaNode).secret === true ? undefined : printValue(json);
  return { path: formatPath(keys), value: shown, ...wrongValue(type, schema, json) };
}

/** Names and positions of a JSON pointer. */
function keyPath(pointer: string, document: JsonValue): KeyPath {
  let here: JsonValue | undefined = document;
  return pointer
    .split("/")
    .slice(1)
    .map((part) => {
      const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
      const name = isList(here) ? Number(key) : key;
      here = step(here, name);
      return name;
    });
}

function unknownKey(node: SchemaNode, path: KeyPath, document: JsonValue): ShapeProblem {
  const known = Object.keys(node.properties ?? {});
  const holder = path.slice(0, -1);
  const key = String(path.at(-1));
  if (holder.length === 0 && /[.[]/.test(key)) {
    const [head = key] = key.split(/[.[]/, 1);
    const message = "is a literal key, which nothing reads";
    const allowed = `Write it nested, under ${nearest(head, known) ?? "a known key"}: ./atom does so with -c, pulumi config set with --path`;
    return { ...problemAt(JSON.stringify(key), message, allowed), besides: true };
  }
  const meant = nearest(key, known);
  const map = holder.reduce<JsonValue | undefined>(step, document) as JsonMap;
  return {
    path: formatPath(path),
    // Never its value: a misspelt key may hold a secret.
    value: undefined,
    message: "is not a known key",
    allowed: meant === undefined ? `Known keys: ${known.join(", ")}` : `Did you mean ${meant}?`,
    ...(meant !== undefined && !Object.hasOwn(map, meant)
      ? { means: formatPath([...holder, meant]) }
      : { besides: true }),
  };
}

/** What is wrong with a value itself, not with what is inside it. */
function wrongValue(
  type: ValueErrorType,
  node: SchemaNode,
  value: JsonValue,
): Pick<Problem, "message" | "allowed"> {
  const allowed = allowedText(node);
  switch (type) {
    case ValueErrorType.Kind:
      return typeof value === "string" ? noSuchWord(node, value) : wrongType(value, node);
    case ValueErrorType.StringMinLength:
    case ValueErrorType.ArrayMinItems:
      return { message: "is empty", allowed };
    case ValueErrorType.StringMaxLength:
      return { message: `is too long: ${String(value).length} characters`, allowed };
    case ValueErrorType.StringPattern:
      return { message: "has a form that is refused", allowed };
    case ValueErrorType.StringFormat:
      return { message: `is not ${formText(node)}`, allowed };
    case ValueErrorType.IntegerMinimum:
      return { message: "is too small", allowed };
    case ValueErrorType.IntegerMaximum:
      return { message: "is too large", allowed };
    default:
      return wrongType(value, node);
  }
}

function noSuchWord(node: SchemaNode, value: string): Pick<Problem, "message" | "allowed"> {
  const words = node.enum ?? [];
  const meant = nearest(value, words);
  const allowed = `Allowed: ${words.join(", ")}`;
  return {
    message: "is not allowed",
    allowed: meant === undefined ? allowed : `Did you mean ${meant}? ${allowed}`,
  };
}
