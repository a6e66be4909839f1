import { checkSite, planSite } from "../../../planning";
import { type Problem, waiverOf } from "../../../planning/problem";
import type { Site, Waiver } from "../../../planning/site";
import { siteOf } from "../../support/sites";
import { assertTold } from "../../support/told";

/** What is wrong with a site, each problem with its whole text on one line. */
export function refusals(site: Site): readonly string[] {
  return checkSite(site).map(
    ({ path, value, message, allowed, rule, file }) =>
      `${file === undefined ? "" : `${file}: `}${path}${value === undefined ? "" : ` = ${value}`}: ${message}. ` +
      `${allowed ?? ""}.${rule === undefined ? "" : ` Rule ${rule}.`}`,
  );
}

/** A test for each site: what is wrong with it, as {@link assertTold} compares it. */
export function tells(
  cases: readonly (readonly [title: string, site: Site, expected: readonly string[]])[],
): void {
  for (const [title, site, expected] of cases) {
    it(title, () => assertTold(refusals(site), expected));
  }
}

/** What is refused, and what a waiver lets pass. */
export function judged(site: Site): {
  readonly problems: readonly Problem[];
  readonly waived: readonly { readonly problem: Problem; readonly waiver: Waiver | undefined }[];
} {
  const all = checkSite(site).map((problem) => ({ problem, waiver: waiverOf(site, problem) }));
  return {
    problems: all.filter(({ waiver }) => waiver === undefined).map(({ problem }) => problem),
    waived: all.filter(({ waiver }) => waiver !== undefined),
  };
}

/** The steps of a person's fail-over that the site's backend has of its own: the lab has those that all share. */
export function ownSteps(site: Site): readonly string[] {
  const stepsOf = (one: Site): readonly string[] => {
    const { failover } = planSite({ ...one, failover: "manual" });
    return failover.mode === "manual" ? failover.steps : [];
  };
  const shared = stepsOf(siteOf());
  return stepsOf(site).filter((step) => !shared.includes(step));
}
