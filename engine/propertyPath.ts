import type { PlainValue } from "./program/desiredState";

// One part of a path in the engine's spelling: `name`, `[0]` or `["with.dots/and slashes"]`.
const part = /\.?([^.[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/gy;

/** Value at a path such as `metadata.annotations["a.b/c"]` or `terms[0].key`; undefined where there is none. */
export function valueAt(root: PlainValue | undefined, path: string): PlainValue | undefined {
  return [...path.matchAll(part)].reduce<PlainValue | undefined>(
    (value, [, name, index, quoted]) => {
      if (typeof value !== "object" || value === null) {
        return undefined;
      }
      if (index !== undefined) {
        return Array.isArray(value) ? (value as readonly PlainValue[])[Number(index)] : undefined;
      }
      return (value as Readonly<Record<string, PlainValue>>)[name ?? unescape(quoted ?? "")];
    },
    root,
  );
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, "$1");
}
