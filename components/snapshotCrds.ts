import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";

import { projectRoot } from "../config/projectRoot";
import type { KubernetesObject } from "../planning/plan";

/** The CustomResourceDefinitions of snapshots of single volumes, and of groups where these are used. */
export function snapshotCrds(groups: boolean): readonly KubernetesObject[] {
  const text = readFileSync(join(projectRoot(), "components", "snapshotCrds.yaml"), "utf8");
  const crds = parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
  return groups ? crds : crds.filter(({ metadata }) => !metadata.name.includes("group"));
}
