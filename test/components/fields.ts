/** A schema as a plain value. */
export interface SchemaNode {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode;
  readonly "x-kubernetes-validations"?: readonly { readonly rule: string }[];
  readonly [key: string]: unknown;
}

/** Exactly one of two, as the API's makers write it: in a table of truth it is inequality. */
const EITHER =
  /^\(has\(self\.(\w+)\) && !has\(self\.(\w+)\)\) \|\| \(!has\(self\.\1\) && has\(self\.\2\)\)$/;

/** Every field by its path, with what is asked of it; texts for people, and how a pattern is written, left out. */
export function fields(schema: SchemaNode, path = ""): Readonly<Record<string, unknown>> {
  const {
    properties = {},
    items,
    additionalProperties,
    required = [],
    "x-kubernetes-validations": rules = [],
    pattern,
    ...rest
  } = schema;
  const inner = [
    ...Object.entries(properties).map(([key, one]) => fields(one, `${path}.${key}`)),
    ...(items === undefined ? [] : [fields(items, `${path}[]`)]),
    ...(additionalProperties === undefined ? [] : [fields(additionalProperties, `${path}{}`)]),
  ];
  const own = {
    ...rest,
    description: undefined,
    required: [...required].sort(),
    rules: rules.map(({ rule }) => rule.replace(EITHER, "has(self.$1) != has(self.$2)")).sort(),
    hasPattern: pattern !== undefined,
  };
  return Object.assign({ [path === "" ? "." : path]: own }, ...inner) as Record<string, unknown>;
}
