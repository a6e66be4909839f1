/**
 * - `error`: a deployment would fail or do harm; it stops
 * - `warning`: worth knowing; it goes on
 * - `unknown`: it could not be found out, so it is not said to be right either
 */
export type Severity = "error" | "warning" | "unknown";

/** One thing that is not as a deployment needs it. */
export interface Finding {
  readonly severity: Severity;
  /** Stable id of the check, e.g. `cluster-uid`. */
  readonly check: string;
  /** What it is about, e.g. `node atom-a-1`. */
  readonly object: string;
  /** What is wrong, one sentence. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: string | undefined;
}

/** Whether a deployment has to stop. */
export function stops(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity !== "warning");
}
