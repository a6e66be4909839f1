import type { Problem } from "../planning/problem";
import type { RestorePointFile } from "../planning/site";
import { buildPoint } from "./buildSite";
import { overlaps } from "./keyPath";
import { memberProblems } from "./memberShape";
import { pointDigest } from "./pointDigest";
import type { JsonValue } from "./rawConfiguration";
import { restorePointSchema } from "./schema";
import { shapeProblems } from "./shape";

/** All that is wrong with a point file taken by itself: its form, its name, its state, an edited cut. */
export function pointProblems(document: JsonValue, file: string, name: string): readonly Problem[] {
  const shape = [...shapeProblems(restorePointSchema, document), ...memberProblems(document)];
  const point = buildPoint(document);
  const rules = [...nameProblems(point, name), ...takeProblems(point, shape.length === 0)];
  return [
    ...shape,
    ...rules.filter((problem) => !shape.some((other) => overlaps(other.path, problem.path))),
  ].map((problem) => ({ ...problem, file }));
}

function nameProblems(point: RestorePointFile, name: string): readonly Problem[] {
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

const restore = "Bring the file back from version control; what a cut fixed cannot be edited";

function takeProblems(point: RestorePointFile, wellFormed: boolean): readonly Problem[] {
  const beforeTaking = ["planned", "taking", "failed"].includes(point.state);
  if (point.takenAt === undefined) {
    if (!beforeTaking) {
      return [
        {
          path: "takenAt",
          value: undefined,
          message: `is missing, although the state is ${point.state}`,
          allowed: "Set state: taking to have the point cut, or state: planned",
        },
      ];
    }
    if (point.digest !== undefined) {
      const message = "stands without takenAt";
      return [{ path: "digest", value: undefined, message, allowed: restore }];
    }
    return point.state === "planned" && point.members.length > 0
      ? [
          {
            path: "members",
            value: undefined,
            message: "is written by the cut only",
            allowed: restore,
          },
        ]
      : [];
  }
  if (beforeTaking) {
    return [
      {
        path: "state",
        value: JSON.stringify(point.state),
        message: `cannot be, since the point was cut at ${point.takenAt}: a cut is never repeated`,
        allowed: "Plan a point of another name",
      },
    ];
  }
  if (point.digest === undefined) {
    const message = `is missing, although the point was cut at ${point.takenAt}`;
    return [{ path: "digest", value: undefined, message, allowed: restore }];
  }
  // The digest of a document that is not well-formed says nothing.
  return wellFormed && pointDigest(point) !== point.digest
    ? [
        {
          path: "digest",
          value: undefined,
          message: `does not fit: the point was edited after it was cut at ${point.takenAt}`,
          allowed: `${restore}. Only state, expires, hold and a member's lost and expiredAt may change`,
        },
      ]
    : [];
}
