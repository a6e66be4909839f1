import { intendedNodes } from "../../planning/restorePoints";
import type { Site, Waiver } from "../../planning/site";
import type { PointDraft } from "./draft";

/** The point as it would be taken, for people. */
export function describe(
  site: Site,
  { point, file, volumes }: PointDraft,
  waivers: readonly Waiver[],
): string[] {
  const still = {
    crash: "as after a power cut: nothing is stopped or frozen",
    frozen: `frozen by ${site.product.hooks.map(({ name }) => name).join(", ") || "no hook"}`,
    stopped: "stopped: the product is not available meanwhile",
  }[point.consistency];
  const how =
    point.groupVersion === undefined
      ? "one snapshot each, all at once"
      : `as a group in each namespace (${point.groupVersion})`;
  const nodes = intendedNodes(site, file);
  return [
    `Restore point ${point.name} of stack ${site.stack}, release ${point.release}`,
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
    ...(nodes.length === 0
      ? []
      : [
          `  VM snapshots of ${nodes.join(", ")}${file.memory ? ", with memory" : ""}${file.quiesce ? ", quiesced" : ""}`,
        ]),
    ...waivers.map(
      ({ subject, who, why, until }) => `  waived until ${until} by ${who}: ${subject} (${why})`,
    ),
    `  expires ${point.expires}`,
    "  It is no backup: it is lost with the storage that holds it.",
  ];
}
