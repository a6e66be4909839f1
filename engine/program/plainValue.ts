import * as rpc from "@pulumi/pulumi/runtime/rpc";
import { SECRET_MARK, UNKNOWN_MARK, type PlainValue } from "./desiredState";

/** Constants of the engine's protocol, which the SDK exports without declaring them. */
const wire = rpc as unknown as {
  readonly unknownValue: string;
  readonly specialSigKey: string;
  readonly specialSecretSig: string;
};

/** What {@link plainValues} has found. */
export interface PlainValues {
  readonly values: Readonly<Record<string, PlainValue>>;
  /** Paths of secrets, e.g. `password` or `spec.keys[0]`. */
  readonly secrets: readonly string[];
  /** Paths of values that only a deployment computes. */
  readonly unknown: readonly string[];
}

/**
 * Turns properties as they cross the wire into plain JSON: secrets and unknown values become marks and their paths are
 * listed.
 *
 * @throws Error for an asset, an archive or a reference to a resource, which no plain value can stand for.
 */
export function plainValues(wireValues: Readonly<Record<string, unknown>>): PlainValues {
  const secrets: string[] = [];
  const unknown: string[] = [];

  function plain(value: unknown, path: string): PlainValue {
    if (value === wire.unknownValue) {
      unknown.push(path);
      return UNKNOWN_MARK;
    }
    if (Array.isArray(value)) {
      return value.map((element, index) => plain(element, `${path}[${index}]`));
    }
    if (typeof value === "object" && value !== null) {
      const record = value as Readonly<Record<string, unknown>>;
      const signature = record[wire.specialSigKey];
      if (signature === wire.specialSecretSig) {
        secrets.push(path);
        return SECRET_MARK;
      }
      if (signature !== undefined) {
        throw new Error(`${path} is an asset or a reference to a resource, not a plain value`);
      }
      return members(record, `${path}.`);
    }
    return value as string | number | boolean | null;
  }

  function members(
    record: Readonly<Record<string, unknown>>,
    prefix: string,
  ): Record<string, PlainValue> {
    const result: Record<string, PlainValue> = {};
    for (const [key, value] of Object.entries(record)) {
      if (value !== undefined) {
        result[key] = plain(value, `${prefix}${key}`);
      }
    }
    return result;
  }

  const values = members(wireValues, "");
  return { values, secrets, unknown };
}
