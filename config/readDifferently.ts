import { type Document, isPair, isScalar, isSeq, type Node, type Scalar, visit } from "yaml";

import type { Problem } from "../planning/problem";
import { siteSchema } from "../planning/schema/site";
import { formatPath } from "./keyPath";
import { ownKey } from "./ownKey";
import type { KeyPath } from "./rawConfiguration";
import { childNode } from "./schemaNode";
import { isEngineNumberOrTime } from "./yamlEdit";

/**
 * Values of our keys that the engine's YAML reader takes for something else than they look like here: the program
 * would get other values than the commands. Point files are not judged, since the engine never reads them.
 */
export function readDifferently(document: Document.Parsed): readonly Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Scalar: (key, node, ancestors) => {
      const [top, written, ...below] = pathOf(node, ancestors);
      const name = top === "config" && typeof written === "string" ? ownKey(written) : undefined;
      if (key !== "key" && name !== undefined && changes(node, [name, ...below])) {
        problems.push({
          path: formatPath([name, ...below]),
          value: node.source,
          message: "is read by the engine as something else than it looks like",
          allowed: `Write it in quotes if it is text: "${node.source ?? ""}"`,
        });
      }
    },
  });
  return problems;
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
  return (
    (isEngineNumberOrTime(node.source) && !isRestored) ||
    (path.length === 1 && losesDigits(node, path))
  );
}

/** Text such as 1.30 is a number to YAML, and its last digit is lost. */
function losesDigits(node: Scalar, [key]: KeyPath): boolean {
  return (
    childNode(siteSchema, String(key))?.type === "string" &&
    typeof node.value === "number" &&
    String(node.value) !== node.source
  );
}
