import { asSentence, type Problem, subjectOf } from "../planning/problem";
import { shown } from "../planning/words";
import { isList, isMap, type JsonValue } from "./rawConfiguration";

export type { Problem };

/** What the operator wrote cannot be used; carries all that is wrong with it, not the first thing only. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";

  constructor(
    readonly problems: readonly Problem[],
    /** The file that problems without one of their own are in. */
    readonly file: string,
  ) {
    super(formatProblems(problems, file));
  }
}

/** All problems for people, by file, in the order in which they were found. */
export function formatProblems(problems: readonly Problem[], file: string): string {
  const files = new Map<string, Problem[]>();
  for (const problem of problems) {
    const owner = problem.file ?? file;
    files.set(owner, [...(files.get(owner) ?? []), problem]);
  }
  return [...files]
    .map(([owner, found]) =>
      [
        `${owner}: ${found.length === 1 ? "1 problem" : `${found.length} problems`}`,
        ...found.map((problem) => `  ${formatProblem(problem)}`),
      ].join("\n"),
    )
    .join("\n");
}

/** One problem on one line, without its file. */
export function formatProblem(problem: Problem): string {
  const subject = problem.value === undefined ? problem.path : `${problem.path} = ${problem.value}`;
  const sentences = [
    ...(subject === "" ? [] : [`${subject}: `]),
    sentence(problem.message),
    ...(problem.allowed === undefined ? [] : [" ", sentence(asSentence(problem.allowed))]),
    ...(problem.rule === undefined
      ? []
      : [` A waiver of rule ${problem.rule} for subject ${subjectOf(problem)} lets it pass.`]),
  ];
  return sentences.join("");
}

/** A value as shown in a problem: text in quotes, maps and lists only by kind, since a secret may be inside. */
export function printValue(value: JsonValue | undefined): string | undefined {
  if (value === undefined) {
    return undefined;
  }
  if (isMap(value)) {
    return "{…}";
  }
  if (isList(value)) {
    return value.length === 0 ? "[]" : "[…]";
  }
  return shown(value);
}

function sentence(text: string): string {
  return /[.?!:]$/.test(text) ? text : `${text}.`;
}
