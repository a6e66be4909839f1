import { decideDue } from "../../planning/expiry";
import type { Site } from "../../planning/site";
import { recordOf } from "../../restorepoint/knownPoints";
import { finding, type Finding } from "./finding";

/**
 * VM snapshots that should have ended: chains grow and storage fills up. By the files alone, so that `--due` may keep one
 * of them after all.
 */
export function checkExpiry(site: Site, now: Date): Finding[] {
  const { restorePoints, retention, stack } = site;
  const facts = { provenAt: undefined, broken: false, remaining: [], unfinished: false };
  const hours = site.virtualMachines?.maxAgeHours;
  const option = stack === "lab" ? "" : ` --stack ${stack}`;
  const points = restorePoints.map((file) => recordOf(site, file));
  return decideDue(points, () => facts, retention, hours, now).map(({ name, scope, reason }) =>
    finding("point-due", `restore point ${name}`, [
      "warning",
      scope === "point" ? `It is due to be removed: ${reason}.` : `Of it is due: ${reason}.`,
      `./atom restore-point expire --due${option} removes what no rule keeps; --dry-run shows it first.`,
    ]),
  );
}
