import type { JsonValue } from "../rawConfiguration";
import type { SchemaNode } from "./node";

/** What a node allows, as a sentence for people. */
export function allowedText(node: SchemaNode | undefined): string | undefined {
  return node === undefined ? undefined : `Allowed: ${formText(node)}`;
}

/** What a node allows, as words that follow "is not" or "Allowed:". */
export function formText(node: SchemaNode | undefined): string {
  if (node === undefined) {
    return "a known value";
  }
  if ("anyOf" in node) {
    return node.form;
  }
  switch (node.type) {
    case "string":
      return node.enum?.join(", ") ?? node.form ?? "text";
    case "integer":
      return wholeNumber(node.minimum, node.maximum);
    case "boolean":
      return "true or false";
    case "array":
      return node.minItems === undefined ? "a list" : "a list with one entry or more";
    case "object":
      return Object.keys(node.properties).length === 0
        ? "a map"
        : `a map with the keys ${Object.keys(node.properties).join(", ")}`;
    default:
      return unreachable(node);
  }
}

/** What is wrong with a value of another type, and what to write instead. */
export function wrongType(
  value: JsonValue,
  node: SchemaNode | undefined,
): { readonly message: string; readonly allowed: string | undefined } {
  const expected = node !== undefined && "type" in node ? node.type : undefined;
  if (value === null) {
    return { message: "has no value", allowed: allowedText(node) };
  }
  if (expected === "string" && typeof value !== "object") {
    return { message: "is not text", allowed: `Write it in quotes: "${String(value)}"` };
  }
  if (typeof value === "string" && (expected === "boolean" || expected === "integer")) {
    const bare = expected === "boolean" ? /^(true|false)$/ : /^-?\d+$/;
    if (bare.test(value)) {
      return { message: `is text, not ${kindText(expected)}`, allowed: "Write it without quotes" };
    }
  }
  return { message: `is not ${kindText(expected)}`, allowed: allowedText(node) };
}

function kindText(type: string | undefined): string {
  switch (type) {
    case "integer":
      return "a whole number";
    case "boolean":
      return "true or false";
    case "array":
      return "a list";
    case "object":
      return "a map of keys";
    default:
      return "text";
  }
}

function wholeNumber(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum === undefined) {
    return "a whole number";
  }
  return maximum === undefined
    ? `a whole number of at least ${minimum}`
    : `a whole number from ${minimum} to ${maximum}`;
}

function unreachable(node: never): never {
  throw new Error(`unknown kind of schema node: ${JSON.stringify(node)}`);
}
