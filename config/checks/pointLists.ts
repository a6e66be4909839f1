import type { Problem } from "../../planning/problem";
import type { PointFile } from "../../planning/site";
import { buildPoint } from "../buildSite";
import { pointProblems } from "../pointShape";
import type { RawPoint } from "../rawConfiguration";

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
  const unread =
    problem === undefined
      ? []
      : [{ path: "", value: undefined, message: problem, allowed: undefined, file }];
  return document === undefined ? unread : [...unread, ...pointProblems(document, file, name)];
}
