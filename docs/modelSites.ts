import { parseSite } from "../config/parseSite";
import { readConfiguration } from "../config/readConfiguration";
import { stackNames } from "../config/stackNames";
import { planSite } from "../planning";
import type { SitePlan } from "../planning/plan";

/** The plans of the committed stacks, which are the examples of the documentation; by name. */
export function modelPlans(root: string): readonly SitePlan[] {
  return [...stackNames(root)]
    .sort()
    .filter((name) => name === "lab" || name.startsWith("model-"))
    .map((name) => planSite(parseSite(readConfiguration(name, { root }).raw)));
}
