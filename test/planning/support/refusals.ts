import { checkSite } from "../../../planning";
import { type Problem, waiverOf } from "../../../planning/problem";
import type { Site, Waiver } from "../../../planning/site";

/** What is wrong with a site, each problem with its whole text on one line. */
export function refusals(site: Site): readonly string[] {
  return checkSite(site).map(
    ({ path, value, message, allowed, rule, file }) =>
      `${file === undefined ? "" : `${file}: `}${path}${value === undefined ? "" : ` = ${value}`}: ${message}. ` +
      `${allowed ?? ""}.${rule === undefined ? "" : ` Rule ${rule}.`}`,
  );
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
