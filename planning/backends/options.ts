import type { Options, ClassPlan } from "../plan";
import type { Problem, Rule } from "../problem";
import type { OptionValue, Site, StorageClassSpec } from "../site";
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

/** Rule of a class parameter of which it is not known that it is harmless, which a waiver may pass; its subject is the key. */
const UNKNOWN_PARAMETER = "unknown-parameter";

/** Option of every backend and of its classes. */
export const PARAMETERS = texts(
  "further class parameters of the driver, each as key=value, passed on as they are; a class's win over the site's",
);

type Parameters = Readonly<Record<string, string>>;

/** `key=value`; a value may hold further equal signs. */
export function splitParameter(text: string): [string, string] {
  const at = text.indexOf("=");
  return at < 1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

/** What an option of `key=value` texts says. */
export function parametersOf(options: Options, key = "parameters"): Parameters {
  return Object.fromEntries(listOption(options, key).map(splitParameter));
}

/** The part of a parameter's key after the driver's own prefix. */
export function shortName(key: string): string {
  return key.replace(/^(?:property\.)?[a-z0-9.-]+\/(?=.)/u, "");
}

/** One topology term of `key=value` texts: a key that occurs more than once has several values. */
export function topologyTerms(texts: readonly string[]): ClassPlan["allowedTopologies"] {
  const terms = new Map<string, string[]>();
  for (const [key, value] of texts.map(splitParameter)) {
    terms.set(key, [...(terms.get(key) ?? []), value]);
  }
  return terms.size === 0 ? undefined : [[...terms].map(([key, values]) => ({ key, values }))];
}

/** Refuses what is not written as `key=value`, or twice. */
export function pairRules(
  path: string,
  texts: readonly string[],
  example: string,
): readonly Rule[] {
  return texts.map((text, index) => [
    splitParameter(text).includes("") || texts.indexOf(text) < index,
    `${path}[${index}]`,
    "this is not written as key=value, or stands here twice",
    `key=value, e.g. ${example}, each once`,
  ]);
}

/**
 * What further parameters may not say: what the program sets itself, and what is not known to be harmless.
 *
 * @param own the parameters that the program sets, by class
 * @param known harmless ones by their short name; undefined where nothing is known of the driver, and all is the operator's
 */
export function parameterRules(
  { backendOptions, classes }: Site,
  own: (spec: StorageClassSpec) => Parameters,
  known: Parameters | undefined,
): readonly Rule[] {
  const set = classes.flatMap((spec) => Object.keys(own(spec)));
  const taken = new Set([...set, "fstype"].map((key) => shortName(key).toLowerCase()));
  const lists = [
    { path: "backendOptions", options: backendOptions },
    ...classes.map(({ options }, index) => ({ path: `classes[${index}].options`, options })),
  ];
  return lists.flatMap(({ path, options }) => {
    const items = listOption(options, "parameters");
    const keys = items.map((item) => splitParameter(item)[0]);
    return items.flatMap((item, index): readonly Rule[] => {
      const key = keys[index] ?? "";
      const at = `${path}.parameters[${index}]`;
      const isOwn = taken.has(shortName(key).toLowerCase());
      return [
        [
          item.indexOf("=") < 1 || keys.indexOf(key) < index,
          at,
          "this is not written as key=value, or its key stands here twice",
          "key=value, each key once",
        ],
        [
          isOwn,
          at,
          `${key} is set by the program, and two values would contradict each other`,
          "the key of the stack file or the option of the backend that sets it",
        ],
        [
          known !== undefined && !isOwn && !Object.hasOwn(known, shortName(key)),
          at,
          `it is not known here that ${key} touches neither placement nor quorum nor consistency`,
          listed(Object.keys(known ?? {}), "or"),
          { rule: UNKNOWN_PARAMETER, subject: key },
        ],
      ];
    });
  });
}
