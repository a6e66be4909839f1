// One part of a path as people and the engine write it: `name`, `[0]` or `["with.dots/and slashes"]`.
const part = /\.?([^.[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/gy;

/** Value at a path such as `metadata.annotations["a.b/c"]` or `terms[0].key`; undefined where there is none. */
export function valueAt(root: unknown, path: string): unknown {
  const keys = [...path.matchAll(part)].map(
    ([, name, index, quoted = ""]) => name ?? index ?? quoted.replace(/\\(.)/g, "$1"),
  );
  return valueIn(root, keys);
}

/** The same by the path's parts. */
export function valueIn(root: unknown, keys: readonly string[]): unknown {
  return keys.reduce(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as Readonly<Record<string, unknown>>)[key]
        : undefined,
    root,
  );
}
