import type { Problem } from "../planning/problem";
import { pointFileSchema } from "../planning/schema/pointFile";
import type { PointFile } from "../planning/site";
import { buildPoint } from "./buildSite";
import { overlaps } from "./keyPath";
import type { JsonValue } from "./rawConfiguration";
import { shapeProblems } from "./shape";

/** All that is wrong with a point file taken by itself: its form, its name, its state. */
export function pointProblems(document: JsonValue, file: string, name: string): readonly Problem[] {
  const shape = shapeProblems(pointFileSchema, document);
  const point = buildPoint(document);
  // What stands for a state that is wrong says nothing.
  const hasState = !shape.some(({ path }) => path === "state");
  const rules = [...nameProblems(point, name), ...(hasState ? takeProblems(point) : [])];
  return [
    ...shape,
    ...rules.filter((problem) => !shape.some((other) => overlaps(other.path, problem.path))),
  ].map((problem) => ({ ...problem, file }));
}

function nameProblems(point: PointFile, name: string): readonly Problem[] {
  return point.name === name
    ? []
    : [
        {
          path: "name",
          value: JSON.stringify(point.name),
          message: "differs from the name of the file",
          allowed: `Write name: ${name}, or rename the file to ${point.name}.yaml`,
        },
      ];
}

/** What was taken is written down with the state that says so, and never taken again. */
function takeProblems({ state, vms }: PointFile): readonly Problem[] {
  if (state === "planned" && vms.length > 0) {
    return [
      {
        path: "vms",
        value: undefined,
        message: "is written by what takes the snapshots only, and the state is planned",
        allowed: "Bring the file back from version control, or plan a point of another name",
      },
    ];
  }
  return state === "ready" && vms.length === 0
    ? [
        {
          path: "vms",
          value: undefined,
          message: "is empty, although the state is ready",
          allowed: "Set state: taking to have the snapshots taken, or state: planned",
        },
      ]
    : [];
}
