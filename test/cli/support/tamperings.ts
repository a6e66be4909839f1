import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { editYaml } from "../../../config/yamlEdit";
import { labPaths } from "../../../lab/paths";
import type { DeployedLab } from "./deployedLab";
import type { Tampering, TamperLab } from "./tamper";
import { CLUSTER_TAMPERINGS } from "./tamperCluster";
import { VM_TAMPERINGS } from "./tamperVms";

/** What needs no data plane: the rows of the tamper matrix that every gate takes some of. */
export const TAMPERINGS: readonly Tampering[] = [...CLUSTER_TAMPERINGS, ...VM_TAMPERINGS];

/** A deployed lab without data plane, whose storage VMs are held by the point of its stack. */
export function tamperedDeployment({ checkout, systems }: Omit<DeployedLab, "first">): TamperLab {
  const { root, cluster, vcenter } = systems;
  const file = join(labPaths(root).lab, "stacks", "Pulumi.lab.yaml");
  return {
    ...{ checkout, root, cluster, vcenter },
    snapshot: "atom.lab.pre-24.1",
    fixtures: (vms) => systems.fixtures(vms),
    edit: ([key = "", ...rest], value) => {
      const edits = [{ path: ["config", `atom-backup:${key}`, ...rest], value }];
      writeFileSync(file, editYaml(readFileSync(file, "utf8"), edits));
    },
  };
}
