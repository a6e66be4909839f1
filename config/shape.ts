import Ajv, { type ErrorObject } from "ajv";

import type { Problem } from "../planning/problem";
import { isDateTime } from "./dateTime";
import { formatPath } from "./keyPath";
import { nearest } from "./nearest";
import { printValue } from "./problems";
import { isList, isMap, type JsonValue, type KeyPath } from "./rawConfiguration";
import { allowedText, formText, wrongType } from "./schema/words";
import { childNode, type MapNode, type SchemaNode } from "./schema/node";

/** Judges the form of a document by one schema. */
export interface ShapeCheck {
  /** All problems of form, in the order of the document's keys; empty when there are none. */
  (document: JsonValue, file?: string): readonly ShapeProblem[];
}

/** A problem of form. */
export interface ShapeProblem extends Problem {
  /** Where an absent key was most likely misspelt, as an unknown key beside it: the printed path of the absent key. */
  readonly means?: string;
  /** True where the rest of the document is as the operator meant it: a key that is unknown and like no other. */
  readonly besides?: true;
}

/** Compiles a schema; compile once and keep, it takes milliseconds. */
export function shapeCheck(schema: MapNode): ShapeCheck {
  const ajv = new Ajv({ allErrors: true, verbose: true, strict: true, allowUnionTypes: true });
  ajv.addVocabulary(["unit", "form", "secret"]);
  ajv.addFormat("date-time", isDateTime);
  const validate = ajv.compile(schema);
  return (document, file) => {
    if (validate(document)) {
      return [];
    }
    const errors = (validate.errors ?? []).filter((error) => !insideChoice(error));
    return tidy(errors.map((error) => toProblem(error, schema, document, file)));
  };
}

/** Problems of the single forms of a choice say nothing that the choice's own problem does not say. */
function insideChoice(error: ErrorObject): boolean {
  return error.keyword !== "anyOf" && error.schemaPath.includes("/anyOf/");
}

function toProblem(
  error: ErrorObject,
  schema: MapNode,
  document: JsonValue,
  file: string | undefined,
): ShapeProblem {
  const path = pointerToPath(error.instancePath, document);
  const node = path.reduce<SchemaNode | undefined>(childNode, schema);
  const place = file === undefined ? {} : { file };
  if (error.keyword === "additionalProperties") {
    const key = (error.params as { additionalProperty: string }).additionalProperty;
    return { ...unknownKey(path, key, node, error.data as JsonValue), ...place };
  }
  if (error.keyword === "required") {
    const key = (error.params as { missingProperty: string }).missingProperty;
    return {
      path: formatPath([...path, key]),
      value: undefined,
      message: "is missing",
      allowed: allowedText(childNode(node, key)),
      ...place,
    };
  }
  return {
    path: formatPath(path),
    value: node !== undefined && "secret" in node ? undefined : printValue(error.data as JsonValue),
    ...wrongValue(error, node),
    ...place,
  };
}

function unknownKey(
  path: KeyPath,
  key: string,
  node: SchemaNode | undefined,
  parent: JsonValue,
): ShapeProblem {
  const known =
    node !== undefined && "type" in node && node.type === "object"
      ? Object.keys(node.properties)
      : [];
  if (path.length === 0 && /[.[]/.test(key)) {
    const [head = key] = key.split(/[.[]/, 1);
    return {
      path: JSON.stringify(key),
      value: undefined,
      message: "is a literal key, which nothing reads",
      allowed: `Write it nested, under ${nearest(head, known) ?? "a known key"}: ./atom does so with -c, pulumi config set with --path`,
    };
  }
  const meant = nearest(key, known);
  return {
    path: formatPath([...path, key]),
    value: undefined,
    message: "is not a known key",
    allowed: meant === undefined ? `Known keys: ${known.join(", ")}` : `Did you mean ${meant}?`,
    ...(meant !== undefined && isMap(parent) && !(meant in parent)
      ? { means: formatPath([...path, meant]) }
      : { besides: true }),
  };
}

function wrongValue(
  error: ErrorObject,
  node: SchemaNode | undefined,
): Pick<Problem, "message" | "allowed"> {
  switch (error.keyword) {
    case "type":
      return wrongType(error.data as JsonValue, node);
    case "enum": {
      const known = (error.params as { allowedValues: readonly string[] }).allowedValues;
      const meant = typeof error.data === "string" ? nearest(error.data, known) : undefined;
      const allowed = `Allowed: ${known.join(", ")}`;
      return {
        message: "is not allowed",
        allowed: meant === undefined ? allowed : `Did you mean ${meant}? ${allowed}`,
      };
    }
    case "minimum":
      return { message: "is too small", allowed: allowedText(node) };
    case "maximum":
      return { message: "is too large", allowed: allowedText(node) };
    case "minLength":
    case "minItems":
      return { message: "is empty", allowed: allowedText(node) };
    case "maxLength":
      return {
        message: `is too long: ${String(error.data).length} characters`,
        allowed: allowedText(node),
      };
    case "pattern":
      return { message: "has a form that is refused", allowed: allowedText(node) };
    default:
      return { message: `is not ${formText(node)}`, allowed: undefined };
  }
}

/** One problem a place, and no "is missing" where a misspelt key beside it is already named. */
function tidy(problems: readonly ShapeProblem[]): readonly ShapeProblem[] {
  const misspelt = new Set(problems.map((problem) => problem.means));
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const again = seen.has(problem.path);
    seen.add(problem.path);
    return !again && !(problem.message === "is missing" && misspelt.has(problem.path));
  });
}

/** Segments of a JSON pointer; a position is a number where the document has a list. */
function pointerToPath(pointer: string, document: JsonValue): KeyPath {
  let value: JsonValue | undefined = document;
  return pointer
    .split("/")
    .slice(1)
    .map((escaped) => {
      const part = escaped.replace(/~1/g, "/").replace(/~0/g, "~");
      const key = isList(value) ? Number(part) : part;
      value = isList(value) ? value[Number(part)] : isMap(value) ? value[part] : undefined;
      return key;
    });
}
