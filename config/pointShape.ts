import { brokenRules, type Problem, problemAt, type Rule } from "../planning/problem";
import { pointFileSchema } from "../planning/schema/pointFile";
import type { PointFile } from "../planning/site";
import { buildPoint } from "./buildSite";
import { overlaps } from "./keyPath";
import type { JsonValue, RawPoint } from "./rawConfiguration";
import { shapeProblems } from "./shape";

/** All that is wrong with a point file taken by itself: its form, its name, its state. */
export function pointProblems(document: JsonValue, file: string, name: string): readonly Problem[] {
  const shape = shapeProblems(pointFileSchema, document);
  const point = buildPoint(document);
  // What stands for a state that is wrong says nothing.
  const hasState = !shape.some(({ path }) => path === "state");
  const rules = brokenRules(point, [
    [
      point.name !== name,
      "name",
      "differs from the name of the file",
      `Write name: ${name}, or rename the file to ${point.name}.yaml`,
    ],
    ...(hasState ? takeRules(point) : []),
  ]);
  return [
    ...shape,
    ...rules.filter((problem) => !shape.some((other) => overlaps(other.path, problem.path))),
  ].map((problem) => ({ ...problem, file }));
}

/** What was taken is written down with the state that says so, and never taken again. */
function takeRules({ state, vms }: PointFile): readonly Rule[] {
  const more = { value: undefined };
  return [
    [
      state === "planned" && vms.length > 0,
      "vms",
      "is written by what takes the snapshots only, and the state is planned",
      "Bring the file back from version control, or plan a point of another name",
      more,
    ],
    [
      state === "ready" && vms.length === 0,
      "vms",
      "is empty, although the state is ready",
      "Set state: taking to have the snapshots taken, or state: planned",
      more,
    ],
  ];
}

/** The restore points of a stack, which are the files of its folder, and what is wrong with them. */
export interface PointReading {
  readonly points: readonly PointFile[];
  readonly problems: readonly Problem[];
}

export function readPoints(files: readonly RawPoint[]): PointReading {
  return {
    // A name that differs is reported; what else is said of the point names its file.
    points: files.flatMap(({ name, document }) =>
      document === undefined ? [] : [{ ...buildPoint(document), name }],
    ),
    problems: files.flatMap(fileProblems),
  };
}

function fileProblems({ file, name, document, problem }: RawPoint): readonly Problem[] {
  const unread = problem === undefined ? [] : [problemAt("", problem, undefined, file)];
  return document === undefined ? unread : [...unread, ...pointProblems(document, file, name)];
}
