import { ClusterError } from "../../clients/kubernetes/error";
import type { Reporter } from "../../clients/reporter";
import type { Finding as DriftFinding } from "../../drift/types";
import type { Waiver } from "../../planning/site";

/**
 * - `error`: a deployment would fail or do harm; it stops
 * - `warning`: worth knowing; it goes on
 * - `unknown`: it could not be found out, so it is not said to be right either
 * - `notObserved`: nothing here asks for it; told by `preflight` alone
 */
export type Severity = "error" | "warning" | "unknown" | "notObserved";

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
  /** Whose word lets it pass for now. */
  readonly waiver?: Waiver;
}

/** What a check says: how bad it is, what is wrong, what to do about it. */
export type Told = readonly [
  severity: Severity,
  message: string,
  remedy?: string | undefined,
  waiver?: Waiver | undefined,
];

export function finding(
  check: string,
  object: string,
  [severity, message, remedy, waiver]: Told,
): Finding {
  return {
    severity,
    check,
    object,
    message,
    ...(remedy === undefined ? {} : { remedy }),
    ...(waiver === undefined ? {} : { waiver }),
  };
}

/** The same for a check that may have nothing to say. */
export function findings(check: string, object: string, told: Told | undefined): Finding[] {
  return told === undefined ? [] : [finding(check, object, told)];
}

/** What the comparison with a live system found of an object, in words. */
export function differenceText({
  changes,
  reason,
}: Pick<DriftFinding, "changes" | "reason">): string {
  const fields = changes.map(
    ({ path, from, to }) =>
      `${path} is ${JSON.stringify(from ?? null)} and not ${JSON.stringify(to ?? null)}`,
  );
  return [fields.join(", "), reason].filter((part) => part !== "").join(". ");
}

/** A system that did not answer. */
export function unreachable(object: "cluster" | "vCenter", why: string): Finding {
  const system = object === "cluster" ? "the API server" : object;
  const remedy = `Nothing was changed; see that ${system} of this stack answers, then run the command again.`;
  return finding(`${object.toLowerCase()}-reachable`, object, ["unknown", why, remedy]);
}

/** Whether a deployment has to stop. */
export function stops(found: readonly Finding[]): boolean {
  return found.some(
    ({ severity, waiver }) => ["error", "unknown"].includes(severity) && waiver === undefined,
  );
}

/** Tells people what was found. */
export function tellFindings(found: readonly Finding[], reporter: Reporter): void {
  for (const { severity, object, message, remedy, waiver } of found) {
    const text = `${object}: ${message}${remedy === undefined ? "" : `\n    ${remedy}`}`;
    if (waiver !== undefined) {
      reporter.warn(`${text}\n    ${waiverText(waiver)}`);
    } else if (severity === "warning") {
      reporter.warn(text);
    } else if (severity !== "notObserved") {
      reporter.info(`preflight: ${severity === "error" ? "failed" : "unknown"}: ${text}`);
    }
  }
}

/** Who answers for a broken rule, why, and until when. */
export function waiverText({ rule, subject, who, why, until }: Waiver): string {
  return `${rule} for ${subject} is waived by ${who} until ${until}: ${why}`;
}

const ENDING: readonly string[] = ["unreachable", "identity"];

/**
 * A question that the API server refuses to answer leaves the others; its silence, or that it is another one, ends them
 * all.
 *
 * @param title what the refusal's sentence begins with
 */
export async function attempt(
  check: string,
  title: string,
  run: () => Promise<Finding[]>,
): Promise<Finding[]> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ClusterError && !ENDING.includes(error.failure)) {
      return [finding(check, "cluster", ["unknown", title + error.message])];
    }
    throw error;
  }
}
