import { checkSite } from "../../../planning";
import type { Site } from "../../../planning/site";

/** What is wrong with a site, each problem with its whole text on one line. */
export function refusals(site: Site): readonly string[] {
  return checkSite(site).map(
    ({ path, value, message, allowed, rule, file }) =>
      `${file === undefined ? "" : `${file}: `}${path}${value === undefined ? "" : ` = ${value}`}: ${message}. ` +
      `${allowed ?? ""}.${rule === undefined ? "" : ` Rule ${rule}.`}`,
  );
}
