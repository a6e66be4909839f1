import type { Finding as DriftFinding } from "../../../drift/types";
import type { SitePlan } from "../../../planning/plan";
import { findWaiver, subjectOf, type Problem } from "../../../planning/problem";
import type { Site } from "../../../planning/site";
import { differenceText, finding, type Finding } from "../finding";
import { CLUSTER_RULES, VELERO_RULE } from "./clusterRules";
import type { Declared, Rule, System, Verdict } from "./rule";
import { STORAGE_RULES } from "./storageRules";
import { VM_RULES } from "./vmRules";

/** All rules, by number. */
export const RULES: readonly Rule[] = [
  ...STORAGE_RULES,
  ...CLUSTER_RULES,
  ...VM_RULES,
  VELERO_RULE,
];

/** What was found out about a stack. */
export interface RuleFacts {
  readonly plan: SitePlan;
  /** Of its files; those that a waiver lets pass among them. */
  readonly problems: readonly Problem[];
  /** What preflight found. */
  readonly checks: readonly Finding[];
  /** What differs between desired and live. */
  readonly drift: readonly DriftFinding[];
  readonly now: Date;
}

/** A rule with what was found of it. */
export interface JudgedRule extends Pick<
  Rule,
  "number" | "id" | "title" | "reason" | "source" | "fix" | "mended"
> {
  readonly verdict: Verdict;
  /** How it was checked, or why there was nothing to check. */
  readonly checked: string;
  readonly findings: readonly Finding[];
}

/** What breaks the rules that need no live system. Pure. */
export function judgeDeclared(plan: SitePlan, resources: readonly Declared[]): Finding[] {
  return RULES.flatMap(({ declared, planned }) => [
    ...(declared?.(resources) ?? []),
    ...(planned?.(plan) ?? []),
  ]);
}

/** The same findings, each broken rule with the waiver that lets it pass at the moment. */
export function waive(
  found: readonly Finding[],
  site: Pick<Site, "waivers">,
  now: Date,
): Finding[] {
  return found.map((one) => {
    const rule = RULES.find((candidate) => isOf(candidate, one));
    return rule === undefined ? one : waiveBy(rule, one, site, now);
  });
}

function waiveBy({ id }: Rule, one: Finding, site: Pick<Site, "waivers">, now: Date): Finding {
  if (one.severity !== "error" || one.waiver !== undefined) {
    return one;
  }
  const waiver =
    findWaiver(site, one.check, [one.object], now) ?? findWaiver(site, id, [one.object], now);
  return waiver === undefined ? one : { ...one, waiver };
}

/** Each rule with its verdict. Pure. */
export function judgeRules(facts: RuleFacts): readonly JudgedRule[] {
  return RULES.map((rule): JudgedRule => {
    const { number, id, title, reason, source, fix, mended } = rule;
    const rests = rule.rests?.(facts.plan);
    const findings = rests === undefined ? findingsOf(rule, facts) : [];
    const open =
      rests === undefined
        ? (findings.find(({ severity }) => severity === "notObserved")?.message ??
          rule.notObserved?.(facts.plan))
        : undefined;
    const verdict = verdictOf(findings, open);
    return {
      ...{ number, id, title, reason, source, fix, mended, verdict, findings },
      checked:
        rests !== undefined
          ? `nothing to judge: ${rests}`
          : verdict === "notObserved"
            ? (open ?? "")
            : howChecked(rule),
    };
  });
}

/** Findings of checks that are no rule's: who is asked, what is allowed, what is worth knowing. */
export function besideRules(checks: readonly Finding[]): readonly Finding[] {
  return checks.filter((one) => !RULES.some((rule) => isOf(rule, one)));
}

/** How a rule is judged, in words. */
export function howChecked({ keys, declared, planned, checks, drift, systems = [] }: Rule): string {
  return [
    ...(keys === undefined ? [] : ["stack file"]),
    ...(declared === undefined && planned === undefined ? [] : ["what is declared"]),
    ...(checks === undefined ? [] : [`${systems.join(", ")}: ${checks.join(", ")}`]),
    ...(drift === undefined ? [] : ["desired against live"]),
  ].join("; ");
}

/** @param open why something of it is not asked for; undefined where all is */
function verdictOf(findings: readonly Finding[], open: string | undefined): Verdict {
  const broken = findings.filter(({ severity }) => severity === "error");
  if (broken.some(({ waiver }) => waiver === undefined)) {
    return "fail";
  }
  if (findings.some(({ severity }) => severity === "unknown")) {
    return "unknown";
  }
  return broken.length > 0 ? "waived" : open === undefined ? "pass" : "notObserved";
}

function findingsOf(rule: Rule, facts: RuleFacts): readonly Finding[] {
  const { plan, problems, checks, drift, now } = facts;
  const own = [
    ...problems.filter(({ path }) => ruleOf(path) === rule).map((one) => ofProblem(rule, one)),
    ...drift.flatMap((one) => {
      const severity = rule.drift?.(one);
      return one.kind === "same" || severity === undefined ? [] : [ofDrift(rule, severity, one)];
    }),
  ];
  return [
    ...own.map((one) => waiveBy(rule, one, plan.site, now)),
    ...checks.filter((one) => isOf(rule, one)),
    ...checks
      .filter((one) => silences(rule, one))
      .map((one): Finding => ({ ...one, severity: "unknown" })),
  ];
}

/** The last rule that speaks of a key: the later ones are the closer ones. */
function ruleOf(path: string): Rule | undefined {
  return RULES.findLast(({ keys }) => keys?.test(path));
}

function isOf({ id, checks = [] }: Rule, { check }: Finding): boolean {
  // Of vSphere's categories there is a check each.
  const name = check.startsWith("category-") ? "category" : check;
  return name === id || checks.includes(name);
}

const SILENT: Readonly<Record<string, System>> = {
  "cluster-reachable": "cluster",
  "vcenter-reachable": "vCenter",
  password: "vCenter",
};

/** Whether it says that a system of the rule was not asked. */
function silences({ systems = [] }: Rule, { check }: Finding): boolean {
  const system = SILENT[check];
  return system !== undefined && systems.includes(system);
}

function ofProblem(rule: Rule, problem: Problem): Finding {
  const { path, message, allowed } = problem;
  return finding(problem.rule ?? rule.id, subjectOf(problem), [
    "error",
    `${path}: ${message}.`,
    allowed,
  ]);
}

function ofDrift({ id }: Rule, severity: Finding["severity"], drift: DriftFinding): Finding {
  return finding(id, drift.object, [severity, differenceText(drift), drift.command]);
}
