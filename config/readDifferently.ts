import { type Document, isPair, isScalar, isSeq, type Node, type Scalar, visit } from "yaml";

import type { Problem } from "../planning/problem";
import { siteSchema } from "../planning/schema/site";
import { formatPath } from "./keyPath";
import { ownKey } from "./ownKey";
import type { KeyPath } from "./rawConfiguration";
import { childNode, type SchemaNode } from "./schemaNode";
import { isEngineNumberOrTime } from "./yamlEdit";

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
