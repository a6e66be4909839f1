import {
  type Document,
  isCollection,
  isScalar,
  parseDocument,
  type ParsedNode,
  Scalar,
  visit,
} from "yaml";

import type { JsonValue, KeyPath } from "./rawConfiguration";

/** One value to be written, by its path. The map or list that holds it exists. */
export interface Edit {
  readonly path: KeyPath;
  readonly value: JsonValue;
}

/**
 * Writes values into a YAML text. Comments and order stay; a scalar that replaces a scalar changes nothing else, so
 * that the difference shows just what was asked.
 */
export function editYaml(text: string, edits: readonly Edit[]): string {
  return edits.reduce(editOne, text);
}

function editOne(text: string, { path, value }: Edit): string {
  const document = parseDocument(text, { merge: true, uniqueKeys: false });
  const node: unknown = document.getIn(path, true);
  const spliced = isScalar(node) ? splice(text, node, value) : undefined;
  if (spliced !== undefined) {
    return spliced;
  }
  document.setIn(path, toNode(document, value));
  return document.toString({ lineWidth: 0, flowCollectionPadding: !/\{\S/.test(text) });
}

function splice(text: string, node: Scalar, value: JsonValue): string | undefined {
  const [start, end] = node.range ?? [0, 0];
  const quoted = node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE;
  const splits =
    start === end || (!quoted && node.type !== Scalar.PLAIN) || node.anchor !== undefined;
  if (splits || node.tag !== undefined || (typeof value === "object" && value !== null)) {
    return undefined;
  }
  const written =
    typeof value === "string" && (quoted || !isPlainWord(value))
      ? JSON.stringify(value)
      : String(value);
  return text.slice(0, start) + written + text.slice(end);
}

function isPlainWord(text: string): boolean {
  return (
    /^[A-Za-z][A-Za-z0-9._/-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
  );
}

/** A node for a value; text that the engine would take for a time or a number is put in quotes. */
function toNode(document: Document.Parsed<ParsedNode>, value: JsonValue): unknown {
  const node = document.createNode(value);
  visit(isCollection(node) || isScalar(node) ? node : null, {
    Scalar: (key, scalar) => {
      if (key !== "key" && typeof scalar.value === "string" && isEngineNumberOrTime(scalar.value)) {
        scalar.type = Scalar.QUOTE_DOUBLE;
      }
    },
  });
  return node;
}

/**
 * Whether the engine's YAML reader takes a plain text for something else than the YAML 1.2 core schema does: times,
 * octal numbers with a leading zero, underscores in numbers, binary numbers.
 */
export function isEngineNumberOrTime(text: string): boolean {
  return (
    /^\d{4}-\d{1,2}-\d{1,2}($|[Tt\s])/.test(text) ||
    /^[-+]?0[0-7]+$/.test(text) ||
    /^[-+]?[\d.]+_[\d_.]*$/.test(text) ||
    /^[-+]?0b[01_]+$/.test(text)
  );
}
