import { pointFilePath } from "../../../config/pointFile";
import { checkConfiguration } from "../../../config/parseSite";
import { ConfigurationError } from "../../../config/problems";
import { pointOf } from "../../../drift/points";
import type { Step } from "../../../drift/types";
import type { Reporter } from "../../../clients/reporter";
import type { ProductVolumes, UncoveredClaim } from "../../../restorepoint/productVolumes";
import { UNCOVERED_CLAIM } from "../../../planning/draftPoint";
import type { RestorePointFile, Site, Waiver } from "../../../planning/site";
import type { OpenAccess } from "../../../site/up/access";
import { makeCandidate, type Candidate, type FileChanges } from "../../../site/up/candidate";
import type { Deployer } from "../../../site/up/deployer";
import type { PointDraft } from "../../../site/up/pointDraft";
import { checkFirst } from "../../../site/up/preflight";
import { readSituation } from "../../../site/up/situation";
import { printSteps } from "../../print/steps";
import { recordAfresh, textAfresh } from "./afresh";

/** What was put before the operator. */
export interface PointReview {
  readonly candidate: Candidate;
  readonly changes: FileChanges;
  readonly point: RestorePointFile;
  readonly volumes: ProductVolumes;
  /** The point's file among the operator's own. */
  readonly file: string;
  readonly waivers: readonly Waiver[];
}

export interface ReviewOptions extends PointDraft {
  readonly volumes: ProductVolumes;
  readonly deployer: Deployer;
  readonly access: OpenAccess;
  readonly now: Date;
  readonly reporter: Reporter;
}

/**
 * Works out on a copy of the operator's files what the cut would do, and shows it.
 *
 * @returns undefined when something stands against it; it was said, and nothing was changed
 */
export async function reviewPoint(options: ReviewOptions): Promise<PointReview | undefined> {
  const { stack, point, text, volumes, deployer, access, now, reporter } = options;
  const changes: FileChanges = { written: [text], taken: [point.name], lost: [] };
  const candidate = makeCandidate(stack, { ...changes, written: [textAfresh(text)] }, now);
  try {
    const judged = checkConfiguration(candidate.raw);
    if (judged.problems.length > 0) {
      throw new ConfigurationError(judged.problems, stack.raw.file);
    }
    const { raw, site, file } = candidate;
    const recorded = await deployer.load(file);
    const deployed = recordAfresh(recorded, site.restorePoints, point.name);
    const situation = await readSituation({ root: stack.root, site, raw, deployed, access });
    const { own, others } = partition(situation.steps, site.restorePoints, point.name);
    const { refused, waivers } = judgeUncovered(site, volumes.uncovered, now);
    describe(options, own, waivers).forEach((line) => reporter.info(line));
    const review = { candidate, changes, deployed, situation };
    // What an interrupted run has left is removed before anything is cut; until then it may stand in the way.
    const interrupted = point.state === "taking";
    const stopping: readonly Step["kind"][] = interrupted ? ["unknown"] : ["refuse", "unknown"];
    const fit = await checkFirst(stack, review, access, now, reporter);
    const against = [
      ...refused.map(uncoveredLine),
      ...pendingLines(others),
      ...printable(own.filter(({ kind }) => stopping.includes(kind))),
    ];
    if (fit && against.length === 0) {
      for (const line of await deployer.check(file, situation)) {
        reporter.info(line);
      }
      const path = pointFilePath(stack.root, stack.site.restorePointsDir, stack.name, point.name);
      return { candidate, changes, point, volumes, file: path, waivers };
    }
    against.forEach((line) => reporter.warn(line));
    reporter.info("Nothing was changed.");
  } catch (error) {
    candidate.remove();
    throw error;
  }
  candidate.remove();
  return undefined;
}

/** Steps of the point, and all others. */
export function partition(
  steps: readonly Step[],
  points: readonly RestorePointFile[],
  name: string,
): { readonly own: readonly Step[]; readonly others: readonly Step[] } {
  const isOwn = ({ urn }: Step): boolean => pointOf(urn, points)?.name === name;
  return { own: steps.filter(isOwn), others: steps.filter((step) => !isOwn(step)) };
}

/** `create` applies nothing but the point: what else is pending is shown, and is for `up`. */
export function pendingLines(others: readonly Step[]): string[] {
  const pending = others.filter(({ kind }) => kind !== "same" && kind !== "differs");
  return pending.length === 0
    ? []
    : [
        "Something else is pending on this stack; look at it and deploy it with ./atom up first:",
        ...printable(pending),
      ];
}

function printable(steps: readonly Step[]): string[] {
  return steps.length === 0 ? [] : printSteps(steps);
}

function judgeUncovered(
  { waivers }: Site,
  uncovered: readonly UncoveredClaim[],
  now: Date,
): { readonly refused: readonly UncoveredClaim[]; readonly waivers: readonly Waiver[] } {
  const used: Waiver[] = [];
  const refused = uncovered.filter(({ namespace, claim }) => {
    const waiver = waivers.find(
      ({ rule, subject, until }) =>
        rule === UNCOVERED_CLAIM &&
        subject === `${namespace}/${claim}` &&
        Date.parse(until) > now.getTime(),
    );
    used.push(...(waiver === undefined ? [] : [waiver]));
    return waiver === undefined;
  });
  return { refused, waivers: used };
}

function uncoveredLine({ namespace, claim, reason }: UncoveredClaim): string {
  return (
    `${namespace}/${claim} cannot be held by a restore point: ${reason}. Mend it, narrow product.selector, or waive ` +
    `rule ${UNCOVERED_CLAIM} for subject ${namespace}/${claim}.`
  );
}

function describe(
  { point, volumes, stack }: ReviewOptions,
  own: readonly Step[],
  waivers: readonly Waiver[],
): string[] {
  const { site } = stack;
  const still = {
    crash: "as after a power cut: nothing is stopped or frozen",
    frozen: `frozen by ${site.product.hooks.map(({ name }) => name).join(", ") || "no hook"}`,
    stopped: "stopped: the product is not available during the cut",
  }[point.consistency];
  const how =
    point.groupVersion === undefined
      ? "one snapshot each, all at once"
      : `as a group in each namespace (${point.groupVersion})`;
  return [
    `Restore point ${point.name} of stack ${stack.name}, release ${point.release}`,
    `  the product is ${still}`,
    `  ${volumes.covered.length} volumes, ${how}:`,
    ...volumes.covered.map(
      ({ namespace, claim, capacity }) => `    ${namespace}/${claim} (${capacity})`,
    ),
    ...(volumes.uncovered.length === 0
      ? []
      : [
          "  not covered:",
          ...volumes.uncovered.map(
            ({ namespace, claim, reason }) => `    ${namespace}/${claim}: ${reason}`,
          ),
        ]),
    ...waivers.map(
      ({ subject, who, why, until }) => `  waived until ${until} by ${who}: ${subject} (${why})`,
    ),
    `  expires ${point.expires}`,
    ...printSteps(own).map((line) => `  ${line}`),
    "  It is no backup: it is lost with the storage that holds it.",
  ];
}
