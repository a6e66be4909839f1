import { readFileSync } from "node:fs";
import { pointFilePath } from "../../config/pointFile";
import { pointText } from "../../config/pointText";
import { applyEdits } from "../../config/overrides";
import { editYaml, removeFromYaml } from "../../config/yamlEdit";
import type { RestorePointFile } from "../../planning/site";
import type { OpenStack } from "../../cli/stack";
import type { PointText } from "./candidate";

/** A point as it would be cut, and what changes in the operator's files for it. */
export interface PointDraft {
  readonly point: RestorePointFile;
  readonly text: PointText;
  /** The stack with the point on its list. */
  readonly stack: OpenStack;
}

/** A point that no file describes yet. */
export function newDraft(stack: OpenStack, point: RestorePointFile): PointDraft {
  return {
    point,
    text: { name: point.name, text: pointText(point) },
    stack: listed(stack, point.name),
  };
}

/** A planned, failed or interrupted point of a file, with the claims as they are now; comments stay. */
export function againDraft(
  stack: OpenStack,
  file: RestorePointFile,
  now: Pick<RestorePointFile, "volumes" | "groupVersion">,
): PointDraft {
  const { root, name: stackName, site } = stack;
  const path = pointFilePath(root, site.restorePointsDir, stackName, file.name);
  const volumes = now.volumes.map(({ namespace, claim, uid }) => ({ namespace, claim, uid }));
  const point = { ...file, volumes, groupVersion: now.groupVersion };
  const same = JSON.stringify(file.volumes) === JSON.stringify(volumes);
  const written = readFileSync(path, "utf8");
  const switchedOff = now.groupVersion === undefined && file.groupVersion !== undefined;
  const text = editYaml(switchedOff ? removeFromYaml(written, ["groupVersion"]) : written, [
    ...(same ? [] : [{ path: ["volumes"], value: volumes }]),
    ...(now.groupVersion === undefined || now.groupVersion === file.groupVersion
      ? []
      : [{ path: ["groupVersion"], value: now.groupVersion }]),
  ]);
  return { point, text: { name: file.name, text }, stack: listed(stack, file.name) };
}

function listed(stack: OpenStack, name: string): OpenStack {
  const names = stack.site.restorePoints.map((point) => point.name);
  if (names.includes(name)) {
    return stack;
  }
  const edit = { path: ["restorePoints"], value: [...names, name] };
  const raw = { ...stack.raw, values: applyEdits(stack.raw.values, [edit]) };
  return { ...stack, raw, edits: [...stack.edits, edit] };
}
