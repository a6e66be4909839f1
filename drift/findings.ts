import { driftContext, type DriftInput } from "./context";
import { judgeObject } from "./objects";
import { isKubernetes, isSnapshot } from "./resources";
import type { Finding, LostMember } from "./types";
import { judgeSnapshot, judgeUndeclared } from "./vmSnapshots";

export type { DriftInput } from "./context";

/**
 * Compares what is declared with what lives, from what was read before. Pure: no clock, nothing is asked. In the order of
 * the program; VM snapshots that are recorded and not declared any more come last. Components and providers live nowhere
 * and give no finding, and what the engine removes is said by its preview.
 */
export function findDrift(input: DriftInput): Finding[] {
  const context = driftContext(input);
  const { registrations } = input.desired;
  const declared = new Set(registrations.map(({ urn }) => urn));
  return [
    ...registrations.flatMap((registration) => {
      const { type } = registration;
      return isSnapshot(type)
        ? [judgeSnapshot(context, registration)]
        : isKubernetes(type)
          ? [judgeObject(context, registration)]
          : [];
    }),
    ...input.state.resources
      .filter(({ urn, type }) => isSnapshot(type) && !declared.has(urn))
      .map((resource) => judgeUndeclared(context, resource)),
  ];
}

/** Members to be written as lost in their points' files, after asking. */
export function lostMembers(findings: readonly Finding[]): LostMember[] {
  return findings.flatMap(({ lost }) => (lost === undefined ? [] : [lost]));
}

export function hasUnknown(findings: readonly Finding[]): boolean {
  return findings.some(({ kind }) => kind === "unknown");
}

/** Findings while which nothing may be deployed. */
export function blocking(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ blocked }) => blocked === true);
}
