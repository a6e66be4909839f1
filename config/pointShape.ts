import type { Static } from "@sinclair/typebox";

import { defaultSurvive } from "../planning";
import { pointFileSchema } from "../planning/schema/pointFile";
import type { Frozen } from "../planning/schema/node";
import { siteSchema } from "../planning/schema/site";
import type { PointFile, Site } from "../planning/site";
import type { JsonMap, JsonValue, RawPoint } from "./rawConfiguration";
import { completed, shapeProblems } from "./shape";
import { brokenRules, type Problem, problemAt, type Rule } from "../planning/problem";
import { overlaps } from "./keyPath";

/**
 * The site that values describe, with defaults. Values of a wrong form are replaced by harmless ones: whoever calls
 * this reports the form first.
 */
export function buildSite(
  stack: string,
  values: JsonMap,
  restorePoints: readonly PointFile[],
): Site {
  const { vcenterPassword, ...site } = completed(siteSchema, values) as unknown as Frozen<
    Static<typeof siteSchema>
  >;
  const { virtualMachines, cluster } = site;
  return {
    ...site,
    stack,
    survive: site.survive ?? defaultSurvive(site.topology),
    restorePoints,
    ...(virtualMachines === undefined
      ? {}
      : { virtualMachines: { ...virtualMachines, nodes: virtualMachines.nodes.map(lowerCase) } }),
    ...(cluster.clusterUid === undefined
      ? {}
      : { cluster: { ...cluster, clusterUid: cluster.clusterUid.toLowerCase() } }),
  };
}

/** The restore point that a document describes, with defaults. */
export function buildPoint(document: JsonValue | undefined): PointFile {
  const point = completed(pointFileSchema, document) as unknown as PointFile;
  return { ...point, vms: point.vms.map(lowerCase) };
}

/** UUIDs are compared, and some systems print them in capitals. */
function lowerCase<T extends { readonly uuid: string }>(one: T): T {
  return { ...one, uuid: one.uuid.toLowerCase() };
}

/** Makes a value and all inside it unchangeable. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

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
