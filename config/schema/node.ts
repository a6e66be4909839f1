import type { JsonValue } from "../rawConfiguration";

/**
 * The part of JSON Schema (draft 7) that the configuration uses, plus three annotations of ours: `unit`, `form` and
 * `secret`. One constant of this type is the source of validation, defaults, reference page and editor schema.
 */
export type SchemaNode = TextNode | NumberNode | FlagNode | ListNode | MapNode | ChoiceNode;

interface Described {
  /** Whole sentences; the reference page prints them. */
  readonly description: string;
}

export interface TextNode extends Described {
  readonly type: "string";
  readonly default?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly format?: "date-time";
  readonly minLength?: number;
  readonly maxLength?: number;
  /** What `pattern` and the lengths mean, for people. */
  readonly form?: string;
  /** Never in clear in a file, never printed. */
  readonly secret?: true;
}

export interface NumberNode extends Described {
  readonly type: "integer";
  readonly default?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly unit?: string;
}

export interface FlagNode extends Described {
  readonly type: "boolean";
  readonly default?: boolean;
}

export interface ListNode extends Described {
  readonly type: "array";
  readonly items: SchemaNode;
  readonly default?: readonly JsonValue[];
  readonly minItems?: number;
}

export interface MapNode extends Described {
  readonly type: "object";
  readonly properties: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  /** `false`: other keys are errors. A node: keys are free, values are of that form. */
  readonly additionalProperties: false | SchemaNode;
  readonly default?: Readonly<Record<string, JsonValue>>;
}

/** A value of one of several forms. */
export interface ChoiceNode extends Described {
  readonly anyOf: readonly SchemaNode[];
  /** What is allowed, for people. */
  readonly form: string;
  readonly default?: JsonValue;
}

/** The node of a map's key, or of a list's items; undefined when there is none. */
export function childNode(
  node: SchemaNode | undefined,
  part: string | number,
): SchemaNode | undefined {
  if (node === undefined || "anyOf" in node) {
    return undefined;
  }
  if (node.type === "array") {
    return typeof part === "number" ? node.items : undefined;
  }
  if (node.type === "object") {
    const known = Object.hasOwn(node.properties, part) ? node.properties[part] : undefined;
    return known ?? (node.additionalProperties === false ? undefined : node.additionalProperties);
  }
  return undefined;
}
