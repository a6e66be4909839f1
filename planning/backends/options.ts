import type { Options } from "../plan";
import type { Problem } from "../problem";
import type { OptionValue } from "../site";
import { listed, shown } from "../words";
import type { OptionSpec } from "./backend";

type Specs = Readonly<Record<string, OptionSpec>>;

/**
 * Checks options against a backend's allow-list: several drivers ignore a misspelt key silently, so nothing that is
 * not on the list may reach them.
 *
 * @param path Key path of the options, e.g. `backendOptions`.
 * @param owner Whom the list belongs to, e.g. `linstor`.
 */
export function checkOptions(
  path: string,
  owner: string,
  options: Options,
  specs: Specs,
): readonly Problem[] {
  const given = Object.entries(options).flatMap(([key, value]) => {
    const spec = Object.hasOwn(specs, key) ? specs[key] : undefined;
    return spec === undefined
      ? [unknownOption(`${path}.${key}`, owner, value, specs)]
      : checkValue(`${path}.${key}`, value, spec);
  });
  const missing = Object.entries(specs)
    .filter(([key, spec]) => spec.required === true && !Object.hasOwn(options, key))
    .map(([key, spec]): Problem => ({
      path: `${path}.${key}`,
      value: undefined,
      message: `the backend ${owner} needs this option: ${spec.description}`,
      allowed: allowedValues(spec),
    }));
  return [...given, ...missing];
}

type More = Omit<OptionSpec, "type" | "description">;

const specOf =
  (type: OptionSpec["type"]) =>
  (description: string, more: More = {}): OptionSpec => ({ type, description, ...more });

/** Specs of options by their type. */
export const text = specOf("string");
export const texts = specOf("strings");
export const flag = specOf("boolean");
export const wholeNumber = specOf("integer");

export const HEALTH_CHECK = text(
  "name of the NodeHealthCheck (remediation.medik8s.io) whose remediation sets the out-of-service taint on a lost node, with a minHealthy low enough for the loss of a site; needed for failover: automatic",
);

/** A text option; undefined when absent. Options are checked before they are read. */
export function textOption(options: Options, key: string): string | undefined {
  const value = options[key];
  return value === undefined || Array.isArray(value) ? undefined : String(value);
}

/** A list option; empty when absent. */
export function listOption(options: Options, key: string): readonly string[] {
  const value = options[key];
  return typeof value === "object" ? value : [];
}

function unknownOption(path: string, owner: string, value: OptionValue, specs: Specs): Problem {
  const names = Object.keys(specs);
  return {
    path,
    value: shown(value),
    message: `the backend ${owner} has no such option here`,
    allowed: names.length === 0 ? "There are no options here" : `Known keys: ${names.join(", ")}`,
    candidates: names,
  };
}

function checkValue(path: string, value: OptionValue, spec: OptionSpec): readonly Problem[] {
  const [, hasType] = TYPES[spec.type];
  const items = typeof value === "object" ? value : [value];
  const fits =
    hasType(value) &&
    items.every((item) => item !== "" && (spec.allowed?.includes(String(item)) ?? true)) &&
    (typeof value !== "number" ||
      (value >= (spec.minimum ?? value) && value <= (spec.maximum ?? value)));
  const message = "this option takes no such value";
  return fits ? [] : [{ path, value: shown(value), message, allowed: allowedValues(spec) }];
}

const TYPES: Record<OptionSpec["type"], readonly [string, (value: OptionValue) => boolean]> = {
  string: ["a text", (value) => typeof value === "string"],
  integer: ["a whole number", Number.isInteger],
  boolean: ["true or false", (value) => typeof value === "boolean"],
  strings: ["a list of texts", Array.isArray],
};

function allowedValues(spec: OptionSpec): string {
  if (spec.allowed !== undefined) {
    return `Allowed: ${spec.type === "strings" ? "a list of " : ""}${listed(spec.allowed, "or")}`;
  }
  const from = spec.minimum === undefined ? "" : ` from ${spec.minimum}`;
  const to = spec.maximum === undefined ? "" : ` to ${spec.maximum}`;
  return `Allowed: ${TYPES[spec.type][0]}${from}${to}`;
}
