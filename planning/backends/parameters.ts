import type { ClassPlan, Options } from "../plan";
import type { Rule } from "../problem";
import type { Site, StorageClassSpec } from "../site";
import { listed } from "../words";
import { listOption, texts } from "./options";

/** Rule of a class parameter of which it is not known that it is harmless, which a waiver may pass; its subject is the key. */
export const UNKNOWN_PARAMETER = "unknown-parameter";

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
