import { checkSite } from "../planning";
import { asSentence, type Problem, problemAt, waiverOf } from "../planning/problem";
import { secretKeys, siteSchema } from "../planning/schema/site";
import type { Site, Waiver } from "../planning/site";
import { readPoints, buildSite, deepFreeze } from "./pointShape";
import { siteProblems } from "./siteProblems";
import { engineConfiguration } from "./engineConfiguration";
import { isWithin, overlaps } from "./keyPath";
import { nearest } from "./nearest";
import { normalize } from "./normalize";
import { overridesPlace } from "./overrides";
import { ConfigurationError } from "./problems";
import type { JsonMap, RawConfiguration } from "./rawConfiguration";
import { type ShapeProblem, shapeProblems } from "./shape";

/** What planning says of a site; empty when it is accepted. */
export type SiteCheck = (site: Site) => readonly Problem[];

export interface Judgement {
  /** Undefined when there are problems. */
  readonly site: Site | undefined;
  readonly problems: readonly Problem[];
  /** What a waiver of the stack file lets pass; to be shown wherever the site is. */
  readonly waived: readonly Waived[];
}

export interface Waived {
  readonly problem: Problem;
  readonly waiver: Waiver;
}

/**
 * The frozen, validated site that a stack's configuration describes.
 *
 * @throws ConfigurationError with all problems at once.
 */
export function parseSite(raw: RawConfiguration, check: SiteCheck = checkSite): Site {
  const { site, problems } = checkConfiguration(raw, check);
  if (site === undefined) {
    throw new ConfigurationError(problems, raw.file);
  }
  return site;
}

/** Like {@link parseSite}, without throwing. */
export function checkConfiguration(raw: RawConfiguration, check: SiteCheck = checkSite): Judgement {
  const values = normalize(raw.values);
  const secrets = secretProblems(raw, values);
  const shape = withoutRepeats(secrets, shapeOf(values));
  const site = buildSite(raw.stack, values, []);
  const points = readPoints(raw.points);
  const whole = deepFreeze({ ...site, restorePoints: points.points });
  const form = [
    ...raw.problems,
    ...secrets,
    ...withoutRepeats(raw.problems, shape),
    ...sizeProblems(raw),
  ];
  const own = [...siteProblems(whole), ...points.problems];
  const refused = planned(whole, check, [...form, ...own]).map((problem) => ({
    problem,
    waiver: waiverOf(whole, problem),
  }));
  const open = refused.filter(({ waiver }) => waiver === undefined).map(({ problem }) => problem);
  const rules = [...own, ...withoutRepeats(own, open)];
  const problems = [...form, ...withoutRepeats(form, rules)].map((problem) => placed(raw, problem));
  return {
    site: problems.length === 0 ? whole : undefined,
    problems,
    waived: refused.flatMap(({ problem, waiver }) =>
      waiver === undefined ? [] : [{ problem, waiver }],
    ),
  };
}

function shapeOf(values: JsonMap): readonly ShapeProblem[] {
  const known = Object.entries(values).filter(([key]) => !secretKeys.includes(key));
  return shapeProblems(siteSchema, Object.fromEntries(known));
}

/** A problem of a value that stands on the command line names that place, not the file. */
function placed(raw: RawConfiguration, problem: Problem): Problem {
  const isOverridden = raw.overridden?.some(
    (path) => path === problem.path || isWithin(problem.path, path),
  );
  return isOverridden === true && problem.file === undefined
    ? { ...problem, file: overridesPlace }
    : problem;
}

// Linux takes 128 KiB in one string of the environment, in which the engine passes all on; some is kept for the rest.
const mostBytes = 120 * 1024;

function sizeProblems(raw: RawConfiguration): readonly Problem[] {
  const bytes = Buffer.byteLength(JSON.stringify(engineConfiguration(raw).config));
  return bytes <= mostBytes
    ? []
    : [
        problemAt(
          "",
          `The whole configuration is ${Math.ceil(bytes / 1024)} KiB as the engine hands it to the program`,
          `Allowed: ${mostBytes / 1024} KiB. Shorten it, or make two stacks of it`,
        ),
      ];
}

/** Secrets in clear, and secrets where none may be. */
function secretProblems(raw: RawConfiguration, values: JsonMap): readonly Problem[] {
  const clear = secretKeys
    .filter((key) => values[key] !== undefined)
    .map((key) => {
      const how = `choose another password and set it with pulumi config set --secret ${key}`;
      return problemAt(key, "stands in clear", `Take it out, ${how}`);
    });
  const why = "holds a secret, which makes the whole key secret";
  const allowed = `Write it in clear. Keys that are secret: ${secretKeys.join(", ")}`;
  const misplaced = raw.secretKeys
    .filter((key) => !secretKeys.includes(key))
    .map((key) => problemAt(key, why, allowed));
  return [...clear, ...misplaced];
}

// Whatever planning says of these follows from all of them together.
const placement = [
  "replicationFactor",
  "survive",
  "failover",
  "backend",
  "backendVersion",
  "topology",
] as const;

/** What planning says, without what follows from substituted values only. */
function planned(site: Site, check: SiteCheck, form: readonly Problem[]): readonly Problem[] {
  const broken = form
    .filter((problem) => problem.file === undefined && !("besides" in problem))
    .map(topKey);
  const isPlaced = !placement.some((key) => broken.includes(key));
  return check(site)
    .filter((problem) => isPlaced || !(placement as readonly string[]).includes(topKey(problem)))
    .filter((problem) => !broken.includes("backend") || !isOption(problem))
    .filter((problem) => !broken.includes("virtualMachines") || problem.file === undefined)
    .map(withNearest);
}

function topKey(problem: Problem): string {
  return problem.path.split(/[.[]/, 1)[0] ?? "";
}

function isOption({ path }: Problem): boolean {
  return path.startsWith("backendOptions") || /^classes\[\d+\]\.options/.test(path);
}

/** Offers the nearest of the names that could have been meant. */
function withNearest(problem: Problem): Problem {
  const candidates = problem.candidates ?? [];
  const key = isOption(problem) ? problem.path.slice(problem.path.lastIndexOf(".") + 1) : undefined;
  const written = problem.value?.replace(/^"|"$/g, "");
  const meant = [key, written]
    .flatMap((name) => (name === undefined ? [] : [nearest(name, candidates)]))
    .find((name) => name !== undefined);
  const allowed = problem.allowed === undefined ? "" : ` ${asSentence(problem.allowed)}`;
  return meant === undefined
    ? problem
    : { ...problem, allowed: `Did you mean ${meant}?${allowed}` };
}

/** Problems without those of places that were reported before. */
function withoutRepeats<T extends Problem>(
  before: readonly Problem[],
  problems: readonly T[],
): readonly T[] {
  return problems.filter(
    (problem) =>
      !before.some((other) => other.file === problem.file && overlaps(other.path, problem.path)),
  );
}
