import type { Site, Waiver } from "./site";
import { valueAt } from "./valueAt";
import { shown } from "./words";

/** One thing that is wrong with what the operator wrote, in the words the operator needs to mend it. */
export interface Problem {
  /** Key path as written, e.g. `classes[0].reclaimPolicy`. */
  readonly path: string;
  /** The value found, printed; undefined when a key is missing. Never a secret. */
  readonly value: string | undefined;
  /** What is wrong, one sentence without the path. */
  readonly message: string;
  /** What is allowed, or what to do. */
  readonly allowed: string | undefined;
  /** Id of the rule that a waiver may name; undefined when no waiver is possible. */
  readonly rule?: string;
  /** What a waiver names as its subject, where the path does not tell one case from another; else the path. */
  readonly subject?: string;
  /** File to edit when it is not the stack file, e.g. a restore point's. */
  readonly file?: string;
  /** Names that would have been accepted in the place of a misspelt one; the nearest may be offered. */
  readonly candidates?: readonly string[];
}

/** A problem of which no value is shown. */
export function problemAt(path: string, message: string, allowed?: string, file?: string): Problem {
  return { path, value: undefined, message, allowed, ...(file === undefined ? {} : { file }) };
}

/** The subject that a waiver of the problem's rule names. */
export function subjectOf(problem: Problem): string {
  return problem.subject ?? problem.path;
}

/** The waiver of the site that lets a problem pass, because somebody answers for it. */
export function waiverOf(site: Site, problem: Problem): Waiver | undefined {
  return findWaiver(site, problem.rule, [subjectOf(problem)]);
}

/** The waiver of a rule for one of the subjects. @param now where one that has ended does not count */
export function findWaiver(
  { waivers }: Pick<Site, "waivers">,
  wanted: string | undefined,
  subjects: readonly string[],
  now?: Date,
): Waiver | undefined {
  return waivers.find(
    ({ rule, subject, until }) =>
      rule === wanted &&
      subjects.includes(subject) &&
      (now === undefined || Date.parse(until) > now.getTime()),
  );
}

/**
 * A rule held against a document, a site or a point's file: whether it is broken, the key to mend, what is wrong, what is
 * allowed there instead. What was found is read from the document by the key's path.
 */
export type Rule = readonly [
  broken: boolean,
  path: string,
  message: string,
  allowed: string,
  more?: Partial<Pick<Problem, "value" | "rule" | "subject" | "file" | "candidates">>,
];

/** One problem for each broken rule, in their order. */
export function brokenRules(document: object, rules: readonly Rule[]): readonly Problem[] {
  return rules.filter(([broken]) => broken).map((rule) => problemOf(document, rule));
}

/** The first of rules that build on each other, where one is broken. */
export function firstBroken(rules: readonly Rule[]): readonly Rule[] {
  return rules.filter(([broken]) => broken).slice(0, 1);
}

export function problemOf(document: object, [, path, message, allowed, more]: Rule): Problem {
  return { path, value: shownAt(document, path), message, allowed: asSentence(allowed), ...more };
}

/** Bare values as a sentence; what begins like one stays. */
export function asSentence(allowed: string): string {
  return /^[A-Z][a-z]/.test(allowed) ? allowed : `Allowed: ${allowed}`;
}

/** Undefined where the path leads to nothing, or to more than a value or a list of texts. */
function shownAt(document: object, path: string): string | undefined {
  const found = valueAt(document, path);
  const plain = Array.isArray(found)
    ? found.every((item) => typeof item === "string")
    : ["string", "number", "boolean"].includes(typeof found);
  return plain ? shown(found as Parameters<typeof shown>[0]) : undefined;
}
