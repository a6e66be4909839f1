import { isSnapshot, record, text } from "../../../drift/resources";
import type { Finding as DriftFinding } from "../../../drift/types";
import type { PlainValue, Registration } from "../../../engine/program/desiredState";
import type { SitePlan } from "../../../planning/plan";
import { finding, type Finding } from "../finding";

/** A resource as it is declared: of a registration, or of what the engine hands to a policy. */
export type Declared = Pick<Registration, "type" | "name" | "inputs" | "deleteBeforeReplace">;

/** A live system that a rule asks. */
export type System = "cluster" | "vCenter";

/**
 * Something that has to hold before an apply, and the one function that judges it: what breaks the rule is found by
 * the check of the stack file, by a function on what is declared or planned, by a live check, or by the comparison of
 * desired and live state.
 */
export interface Rule {
  /** From 1 on. */
  readonly number: number;
  /** What a waiver names, beside the ids of `checks`. */
  readonly id: string;
  /** What has to hold. */
  readonly title: string;
  /** What happens otherwise. */
  readonly reason: string;
  /** Whose word it is. */
  readonly source: string;
  readonly fix: string;
  /** Keys of the stack file and of point files whose problems break it. */
  readonly keys?: RegExp;
  /** Judges what is declared, of this program or of another; a policy pack runs it as well. */
  readonly declared?: Judge;
  /** Judges what only the plan says. */
  readonly planned?: (plan: SitePlan) => readonly Finding[];
  /** Ids of the live checks of preflight. */
  readonly checks?: readonly string[];
  /** Whether a finding of the comparison with live systems is this rule's, and how bad it is. */
  readonly drift?: (finding: DriftFinding) => Finding["severity"] | undefined;
  /** Whether `up` itself mends what breaks the rule, so that it must not stop it. */
  readonly mended?: true;
  /** Systems without whose answer nothing is known. */
  readonly systems?: readonly System[];
  /** Why nothing asks for it with this site's backend; undefined where something does. */
  readonly notObserved?: (plan: SitePlan) => string | undefined;
  /** Why there is nothing to judge at this site; undefined where there is. */
  readonly rests?: (plan: SitePlan) => string | undefined;
  /** What of it no test shows on a real system, but with a double of an API; absent: nothing. */
  readonly double?: string;
}

/**
 * - `waived`: broken, and somebody answers for it until a day
 * - `unknown`: it was tried to find out, and failed; neither passed nor failed
 * - `notObserved`: nothing here asks for it with this backend: the operator's word counts
 */
export type Verdict = "pass" | "fail" | "waived" | "unknown" | "notObserved";

/** Judges what is declared without any live system and without the stack file; takes all resources. */
export type Judge = (resources: readonly Declared[]) => readonly Finding[];

export function ofKind(resources: readonly Declared[], kind: string): readonly Declared[] {
  return resources.filter(({ inputs }) => inputs["kind"] === kind);
}

export function parametersOf({ inputs }: Declared): Readonly<Record<string, PlainValue>> {
  return record(inputs["parameters"]);
}

/** As people name it, e.g. `StorageClass atom-replicated`. */
export function objectOf({ type, name, inputs }: Declared): string {
  const kind = text(inputs["kind"]);
  return isSnapshot(type)
    ? `VM snapshot ${text(inputs["snapshotName"])}`
    : kind === ""
      ? `provider ${name}`
      : `${kind} ${text(record(inputs["metadata"])["name"])}`;
}

export function breaches(
  rule: string,
  one: Declared,
  told: readonly (readonly [broken: boolean, message: string])[],
): Finding[] {
  return told
    .filter(([broken]) => broken)
    .map(([, message]) => finding(rule, objectOf(one), ["error", `${message}.`]));
}
