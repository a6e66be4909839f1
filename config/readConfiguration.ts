import { lstatSync } from "node:fs";
import { basename } from "node:path";

import { problemAt } from "../planning/problem";
import { siteSchema } from "../planning/schema/site";
import { nearest } from "./nearest";
import { normalize } from "./normalize";
import { applyEdits, readOverrides } from "./overrides";
import { gatherPoints } from "./pointFile";
import { ConfigurationError } from "./problems";
import { projectRoot, shownPath } from "./projectRoot";
import type { JsonMap, RawConfiguration } from "./rawConfiguration";
import { presetOf } from "./schemaNode";
import { readStackFile, type StackFile } from "./stackFile";
import { stackFilePath, stackNameForm, stackNames } from "./stackNames";
import type { Edit } from "./yamlEdit";

export interface ReadOptions {
  /** The project's folder; default: found from this file. */
  readonly root?: string;
  /** Absolute path of a stack file elsewhere, e.g. the lab's copy. */
  readonly file?: string;
  /** Texts of `-c key=value`. */
  readonly overrides?: readonly string[];
}

export interface ConfigurationReading {
  readonly raw: RawConfiguration;
  /** The file as it is, without the overrides. */
  readonly stackFile: StackFile;
  /** The overrides, to be written into the file once the operator has confirmed. */
  readonly edits: readonly Edit[];
}

/**
 * Reads a stack's configuration from its file and the files of its restore points.
 *
 * @throws ConfigurationError when there is no such stack or the file is not YAML. What is wrong with values and
 * overrides is reported when they are judged, all at once.
 */
export function readConfiguration(stack: string, options: ReadOptions = {}): ConfigurationReading {
  const root = options.root ?? projectRoot();
  const path = options.file ?? stackFilePath(stack, root);
  const shown = shownPath(root, path);
  // A name of another form could lead out of the folder.
  const isName = stackNameForm.test(stack) || options.file !== undefined;
  if (!isName || lstatSync(path, { throwIfNoEntry: false }) === undefined) {
    throw noSuchStack(stack, shown, stackNames(root));
  }
  const stackFile = readStackFile(path, shown);
  const { edits, paths, problems } = readOverrides(stackFile.values, options.overrides ?? []);
  const values = applyEdits(stackFile.values, edits);
  return {
    raw: {
      stack,
      file: shown,
      values,
      secretKeys: stackFile.secretKeys,
      points: gatherPoints(root, pointsDir(values), stack),
      problems: [...problems, ...stackFile.problems],
      overridden: paths,
    },
    stackFile,
    edits,
  };
}

/** Folder of the point files that values name, or the default; for reading them before the values are judged. */
export function pointsDir(values: JsonMap): string {
  const named = normalize(values)["restorePointsDir"];
  if (typeof named === "string" && named !== "" && !named.includes("\0")) {
    return named;
  }
  return String(presetOf(siteSchema.properties.restorePointsDir));
}

function noSuchStack(stack: string, shown: string, known: readonly string[]): ConfigurationError {
  const meant = nearest(stack, known);
  const there = known.length === 0 ? "There are none" : `Stacks: ${known.join(", ")}`;
  const message = `No such stack: ${stack} (${basename(shown)} is not there)`;
  const allowed = `${meant === undefined ? "" : `Did you mean ${meant}? `}${there}`;
  return new ConfigurationError([problemAt("", message, allowed)], shown);
}
