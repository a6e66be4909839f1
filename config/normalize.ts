import { siteSchema } from "../planning/schema/site";
import { isList, isMap, type JsonMap, type JsonValue } from "./rawConfiguration";
import { childNode, type SchemaNode } from "./schemaNode";

// How the engine prints a time that stands unquoted in a stack file: its YAML reader takes it for a timestamp.
const engineForm =
  /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d+)?) ([+-]\d{2})(\d{2}) (?:UTC|[+-]\d{2}(?:\d{2})?|[A-Z]{3,4})$/;

/**
 * The RFC 3339 form of a time that the engine has rewritten, so that quotes around a time make no difference;
 * any other text as it is.
 */
function restoreDateTime(text: string): string {
  const [, day, time, hours, minutes] = engineForm.exec(text) ?? [];
  if (day === undefined || time === undefined || hours === undefined || minutes === undefined) {
    return text;
  }
  return hours === "+00" && minutes === "00"
    ? `${day}T${time}Z`
    : `${day}T${time}${hours}:${minutes}`;
}

const number = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * The same values whether the engine or a file was the source. The engine hands every scalar of the top level over as
 * text ("3" for 3, "null" for no value), and times that stand unquoted in a form of its own; it takes whole numbers
 * and true or false in quotes as well.
 */
export function normalize(values: JsonMap): JsonMap {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      key === "waivers" ? withDateTimes(value) : scalar(childNode(siteSchema, key), value),
    ]),
  );
}

function scalar(node: SchemaNode | undefined, value: JsonValue): JsonValue {
  if (node === undefined) {
    return value;
  }
  if (value === "null") {
    return null;
  }
  if (node.type === "integer" && typeof value === "string" && number.test(value)) {
    return Number(value);
  }
  if (node.type === "boolean" && (value === "true" || value === "false")) {
    return value === "true";
  }
  if (node.type === "string" && (typeof value === "number" || typeof value === "boolean")) {
    return String(value);
  }
  return value;
}

function withDateTimes(value: JsonValue): JsonValue {
  return isList(value)
    ? value.map((waiver) =>
        isMap(waiver) && typeof waiver["until"] === "string"
          ? { ...waiver, until: restoreDateTime(waiver["until"]) }
          : waiver,
      )
    : value;
}
