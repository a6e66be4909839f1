import type { JsonValue } from "./rawConfiguration";
import type { SchemaNode } from "./schemaNode";

/** What a node allows, as a sentence for people. */
export function allowedText(node: SchemaNode | undefined): string | undefined {
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
export function wrongType(
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
