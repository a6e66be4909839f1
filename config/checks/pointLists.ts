import type { Problem } from "../../planning/problem";
import type { RestorePointFile } from "../../planning/site";
import { buildPoint } from "../buildSite";
import { nearest } from "../nearest";
import { pointProblems } from "../pointShape";
import { isList, isMap, type JsonValue, type RawPoint } from "../rawConfiguration";
import { twice } from "./lists";

/** The restore points of a stack: those that are listed and have a file, and what is wrong with list and files. */
export interface PointReading {
  readonly points: readonly RestorePointFile[];
  readonly problems: readonly Problem[];
  /** Worth knowing, no reason to stop. */
  readonly notes: readonly Problem[];
}

/** Brings the list of the stack file and the files of its folder together. */
export function readPoints(
  listed: JsonValue | undefined,
  files: readonly RawPoint[],
  folder: string,
): PointReading {
  const list = isList(listed) ? listed : [];
  const byName = new Map(files.map((file) => [file.name, file]));
  const problems: Problem[] = [
    ...twice(
      "restorePoints",
      "",
      list.map((name) => (typeof name === "string" ? name : "")),
    ),
  ];
  const points = new Map<string, RestorePointFile>();
  for (const [position, name] of list.entries()) {
    if (typeof name !== "string" || name === "") {
      continue;
    }
    const file = byName.get(name);
    if (file === undefined) {
      problems.push(noFile(name, position, folder, [...byName.keys()]));
    } else if (!points.has(name)) {
      problems.push(...fileProblems(file));
      if (file.document !== undefined) {
        // A name that differs is reported; what else is said of the point names its file.
        points.set(name, { ...buildPoint(file.document), name });
      }
    }
  }
  return { points: [...points.values()], problems, notes: unlisted(list, files) };
}

function noFile(name: string, position: number, folder: string, known: readonly string[]): Problem {
  const meant = nearest(name, known);
  return {
    path: `restorePoints[${position}]`,
    value: JSON.stringify(name),
    message: `has no file ${folder}/${name}.yaml`,
    allowed: `${meant === undefined ? "" : `Did you mean ${meant}? `}Write the file, or take the name off the list`,
  };
}

function fileProblems(file: RawPoint): readonly Problem[] {
  const unread: readonly Problem[] =
    file.problem === undefined
      ? []
      : [
          {
            path: "",
            value: undefined,
            message: file.problem,
            allowed: undefined,
            file: file.file,
          },
        ];
  return file.document === undefined
    ? unread
    : [...unread, ...pointProblems(file.document, file.file, file.name)];
}

function unlisted(list: readonly JsonValue[], files: readonly RawPoint[]): readonly Problem[] {
  return files
    .filter((file) => !list.includes(file.name) && !hasExpired(file))
    .map((file) => ({
      path: "restorePoints",
      value: undefined,
      message: `does not list ${file.name}, which has a file; the point is left alone`,
      allowed: `Add ${file.name} to restorePoints to have it declared`,
      file: file.file,
    }));
}

/** `expire` takes a point off the list and leaves its file as the record of what was. */
function hasExpired({ document }: RawPoint): boolean {
  return isMap(document) && document["state"] === "expired";
}
