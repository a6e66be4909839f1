import type { Problem } from "../planning/problem";

/** What JSON can say; configuration is never more than that. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export type JsonMap = Readonly<Record<string, JsonValue>>;

/** Segments of a key path: names of map keys and positions in lists. */
export type KeyPath = readonly (string | number)[];

/** What a stack says, read but not yet judged; the same whether the engine or a file was the source. */
export interface RawConfiguration {
  readonly stack: string;
  /** The stack file as people know it, relative to the project. */
  readonly file: string;
  /** Values by key, without the namespace and without secrets. */
  readonly values: JsonMap;
  /** Keys whose values, or parts of them, are secrets. */
  readonly secretKeys: readonly string[];
  /** The point files of the stack's folder, in order of their names. */
  readonly points: readonly RawPoint[];
  /** What the reader found wrong with the source itself, e.g. a key that stands twice. */
  readonly problems: readonly Problem[];
  /** Printed paths of values that stand on the command line, not in the file. */
  readonly overridden?: readonly string[];
}

/** A file of the stack's restore point folder. */
export interface RawPoint {
  /** Path relative to the project. */
  readonly file: string;
  /** File name without `.yaml`. */
  readonly name: string;
  readonly document: JsonValue | undefined;
  /** Why there is no document, e.g. that the file is not YAML. */
  readonly problem: string | undefined;
}

export function isMap(value: unknown): value is JsonMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is under a map's key or at a list's position; undefined where nothing is. */
export function step(value: unknown, part: string | number): JsonValue | undefined {
  if (typeof part === "number") {
    return isList(value) ? value[part] : undefined;
  }
  return isMap(value) && Object.hasOwn(value, part) ? value[part] : undefined;
}

export function isList(value: unknown): value is readonly JsonValue[] {
  return Array.isArray(value);
}
