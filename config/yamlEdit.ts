import {
  type Document,
  isCollection,
  isScalar,
  parseDocument,
  type ParsedNode,
  Scalar,
  visit,
  isPair,
  isSeq,
  type Node,
} from "yaml";

import type { JsonValue, KeyPath } from "./rawConfiguration";
import type { Problem } from "../planning/problem";
import { siteSchema } from "../planning/schema/site";
import { formatPath } from "./keyPath";
import { ownKey } from "./ownKey";
import { childNode, type SchemaNode } from "./schemaNode";

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
function isEngineNumberOrTime(text: string): boolean {
  return (
    /^\d{4}-\d{1,2}-\d{1,2}($|[Tt\s])/.test(text) ||
    /^[-+]?0[0-7]+$/.test(text) ||
    /^[-+]?[\d.]+_[\d_.]*$/.test(text) ||
    /^[-+]?0b[01_]+$/.test(text)
  );
}

/**
 * Values of our keys that the engine's YAML reader takes for something else than they look like here: the program
 * would get other values than the commands. Point files are not judged, since the engine never reads them.
 */
export function readDifferently(document: Document.Parsed): readonly Problem[] {
  return scalarsOf(document).flatMap(({ node, path: [top, written, ...below] }) => {
    const name = top === "config" && typeof written === "string" ? ownKey(written) : undefined;
    return name !== undefined && changes(node, [name, ...below])
      ? [
          inQuotes(
            node,
            [name, ...below],
            "is read by the engine as something else than it looks like",
          ),
        ]
      : [];
  });
}

/** Numbers of a document where text is asked, whose last digits a reader of YAML drops. */
export function lostDigits(document: Document.Parsed, schema: SchemaNode): readonly Problem[] {
  return scalarsOf(document).flatMap(({ node, path }) =>
    losesDigits(node, path, schema) ? [inQuotes(node, path, "is a number to YAML")] : [],
  );
}

function inQuotes(node: Scalar, path: KeyPath, message: string): Problem {
  const allowed = `Write it in quotes if it is text: "${node.source ?? ""}"`;
  return { path: formatPath(path), value: node.source, message, allowed };
}

/** Values, not keys, with the path to each. */
function scalarsOf(document: Document.Parsed): { readonly node: Scalar; readonly path: KeyPath }[] {
  const found: { readonly node: Scalar; readonly path: KeyPath }[] = [];
  visit(document, {
    Scalar: (key, node, ancestors) => {
      if (key !== "key") {
        found.push({ node, path: pathOf(node, ancestors) });
      }
    },
  });
  return found;
}

function pathOf(node: Scalar, ancestors: readonly unknown[]): KeyPath {
  return ancestors.flatMap((ancestor, depth): KeyPath => {
    if (isPair(ancestor)) {
      return [isScalar(ancestor.key) ? String(ancestor.key.value) : ""];
    }
    const child = ancestors[depth + 1] ?? node;
    return isSeq<Node>(ancestor) ? [ancestor.items.indexOf(child as Node)] : [];
  });
}

function changes(node: Scalar, path: KeyPath): boolean {
  if (node.type !== "PLAIN" || node.source === undefined) {
    return false;
  }
  // A whole time in a waiver is restored from what the engine makes of it.
  const isRestored = path[0] === "waivers" && path.at(-1) === "until" && node.source.includes("T");
  return (isEngineNumberOrTime(node.source) && !isRestored) || losesDigits(node, path, siteSchema);
}

/** Text such as 1.30 is a number to YAML, and its last digit is lost. */
function losesDigits(node: Scalar, path: KeyPath, schema: SchemaNode): boolean {
  return (
    path.reduce<SchemaNode | undefined>(childNode, schema)?.type === "string" &&
    typeof node.value === "number" &&
    String(node.value) !== node.source
  );
}
