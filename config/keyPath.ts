import type { KeyPath } from "./rawConfiguration";

const plainName = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** Prints a path as people write it: `classes[0].options`, `backendOptions["some/key"]`. */
export function formatPath(path: KeyPath): string {
  return path.reduce<string>((text, part, position) => {
    if (typeof part === "number") {
      return `${text}[${part}]`;
    }
    if (position === 0) {
      return part;
    }
    return joinPath(text, part);
  }, "");
}

/** Path of a map's key: keys with dots or slashes are quoted, as in `metadata.labels["atom-backup/stack"]`. */
export function joinPath(path: string, key: string): string {
  return plainName.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

/**
 * Reads a path as people write it; the counterpart of {@link formatPath}.
 *
 * @returns undefined when the text is no path.
 */
export function parsePath(text: string): KeyPath | undefined {
  const path: (string | number)[] = [];
  const part = /([A-Za-z_][A-Za-z0-9_-]*)|\[(\d{1,6})\]|\[("(?:[^"\\]|\\.)*")\]/y;
  let at = 0;
  while (at < text.length) {
    if (path.length > 0 && text[at] === ".") {
      at += 1;
      if (text[at] === "[") {
        return undefined;
      }
    } else if (path.length > 0 && text[at] !== "[") {
      return undefined;
    }
    part.lastIndex = at;
    const found = part.exec(text);
    if (found === null) {
      return undefined;
    }
    path.push(segment(found));
    at = part.lastIndex;
  }
  return typeof path[0] === "string" ? path : undefined;
}

function segment([, name, position, quoted]: RegExpExecArray): string | number {
  if (name !== undefined) {
    return name;
  }
  return position !== undefined ? Number(position) : (JSON.parse(quoted ?? '""') as string);
}

/** Whether one printed path lies on the way to the other, or both are the same. */
export function overlaps(one: string, other: string): boolean {
  return one === other || isWithin(one, other) || isWithin(other, one);
}

export function isWithin(inner: string, outer: string): boolean {
  return inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);
}
