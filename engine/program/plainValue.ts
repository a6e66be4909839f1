import { SECRET_MARK, UNKNOWN_MARK, type PlainValue } from "./desiredState";

/** Constants of the engine's protocol. The SDK has them, too, but takes longer to load than everything else of a command. */
const wire = {
  unknownValue: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  specialSigKey: "4dabf18193072939515e22adb298388d",
  specialSecretSig: "1b47061264138c4ac30d75fd1eb44270",
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
