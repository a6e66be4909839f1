import { labPaths, readLabRecord, updateLabRecord } from "../../lab/index";
import { executeSteps } from "../../drift/execute";
import { withDeployLock } from "../../drift/lock";
import { LabStore } from "../../drift/store";
import type { LabTarget } from "../../drift/target";
import type { Reporter } from "../../clients/reporter";
import type { Deployer } from "./deployer";

/** The lab's own executor: deploys to the lab of this checkout and to nothing else. */
export function labDeployer(root: string, stack: string, reporter: Reporter): Deployer {
  const labDir = labPaths(root).lab;
  const execute: Deployer["apply"] = async (application) => {
    const { desired, steps, access, apiTimeoutMinutes, takeLimits } = application;
    await executeSteps({
      desired,
      steps,
      store: LabStore.open({ labDir, stack }),
      target: labTarget(root),
      cluster: access.cluster,
      vcenter: access.vcenter,
      reporter,
      now: () => new Date(),
      apiTimeoutMinutes,
      ...(takeLimits === undefined ? {} : { takeLimits }),
    });
    updateLabRecord(root, { deployedBy: "atom" });
  };
  return {
    way: "lab",
    title: "the lab's own executor",
    load: () => Promise.resolve(LabStore.open({ labDir, stack }).load()),
    check: () => Promise.resolve([]),
    exclusively: (work) => withDeployLock(labDir, work),
    apply: execute,
    adopt: execute,
    remove: execute,
  };
}

/** What identifies the lab of this checkout, by its record. */
function labTarget(root: string): LabTarget {
  const { clusterUid, caFingerprint, vcenterInstanceUuid } = readLabRecord(root) ?? {};
  if (
    clusterUid === undefined ||
    caFingerprint === undefined ||
    vcenterInstanceUuid === undefined
  ) {
    throw new Error("The lab's record does not say which lab this is; run ./atom lab up.");
  }
  return { clusterUid, caFingerprint, vcenterInstanceUuid };
}
