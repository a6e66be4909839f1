import type { TSchema } from "@sinclair/typebox";
import { Errors, type ValueError, ValueErrorType } from "@sinclair/typebox/errors";

import type { Problem } from "../planning/problem";
import { formatPath } from "./keyPath";
import { nearest } from "./nearest";
import { printValue } from "./problems";
import { isList, isMap, type JsonMap, type JsonValue, type KeyPath } from "./rawConfiguration";
import { complete, type SchemaNode } from "./schemaNode";
import { allowedText, formText, wrongType } from "./words";

/** A problem of form. */
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
    const allowed = allowedText(schema);
    return { path: formatPath(keys), value: undefined, message: "is missing", allowed };
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
      const step = isList(here) ? Number(key) : key;
      here = child(here, step);
      return step;
    });
}

function child(value: JsonValue | undefined, step: string | number): JsonValue | undefined {
  if (typeof step === "number") {
    return isList(value) ? value[step] : undefined;
  }
  return isMap(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

function unknownKey(node: SchemaNode, path: KeyPath, document: JsonValue): ShapeProblem {
  const known = Object.keys(node.properties ?? {});
  const holder = path.slice(0, -1);
  const key = String(path.at(-1));
  if (holder.length === 0 && /[.[]/.test(key)) {
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
  const map = holder.reduce<JsonValue | undefined>(child, document) as JsonMap;
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
