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

/** The subject that a waiver of the problem's rule names. */
export function subjectOf(problem: Problem): string {
  return problem.subject ?? problem.path;
}
