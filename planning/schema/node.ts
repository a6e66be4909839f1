import {
  Kind,
  Type,
  TypeRegistry,
  type ArrayOptions,
  type IntegerOptions,
  type StringOptions,
  type TArray,
  type TInteger,
  type TProperties,
  type TSchema,
  type TString,
  type TUnsafe,
} from "@sinclair/typebox";

// The part of JSON Schema that configuration and catalog use, with four annotations of ours: `form` (what is allowed,
// for people), `unit`, `secret` (never in clear in a file, never printed), and `default`, which here means as well that
// a document may leave the key out. Descriptions are whole sentences; the reference page prints them.

/** A value in depth, none of which can be assigned to. */
export type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

TypeRegistry.Set<{ readonly enum: readonly unknown[] }>("Choice", (schema, value) =>
  schema.enum.includes(value),
);

export function text(description: string, options: StringOptions = {}): TString {
  return Type.String({ ...options, description });
}

/** One of a few words. */
export function choice<const Word extends string>(
  description: string,
  words: readonly Word[],
  options: { readonly default?: Word } = {},
): TUnsafe<Word> {
  return Type.Unsafe<Word>({
    ...options,
    [Kind]: "Choice",
    type: "string",
    enum: words,
    description,
  });
}

/** A whole number; at least 0 and at most a million where nothing else is said. */
export function whole(description: string, options: IntegerOptions = {}): TInteger {
  return Type.Integer({ minimum: 0, maximum: 1_000_000, ...options, description });
}

export function flag(description: string, preset?: boolean): ReturnType<typeof Type.Boolean> {
  return Type.Boolean(preset === undefined ? { description } : { description, default: preset });
}

export function list<Item extends TSchema>(
  description: string,
  items: Item,
  options: ArrayOptions = {},
): TArray<Item> {
  return Type.Array(items, { ...options, description });
}

/** A map of known keys: any other is an error. */
export function map<Properties extends TProperties>(
  description: string,
  properties: Properties,
  options: { readonly default?: object } = {},
): ReturnType<typeof Type.Object<Properties>> {
  return Type.Object(properties, { ...options, description, additionalProperties: false });
}

/** A map of free keys. */
export function dictionary<Value>(
  description: string,
  value: TSchema,
  options: { readonly default?: object } = {},
): TUnsafe<Record<string, Value>> {
  return Type.Unsafe<Record<string, Value>>(
    Type.Object({}, { ...options, description, additionalProperties: value }),
  );
}

/** A key that may be absent without a default taking its place. */
export const optional = Type.Optional;
