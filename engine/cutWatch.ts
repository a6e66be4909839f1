import type { ClusterClient } from "../clients/kubernetes/client";
import type { DesiredState } from "./program/desiredState";
import type { Access } from "../clients/access";
import { CutFailed } from "../drift/deployError";
import { isCutStep, subjectOf } from "../drift/executeVolumes";
import type { Step } from "../drift/types";
import type { CutLimits } from "../restorepoint/judgeCut";
import { failures, watchCut } from "../restorepoint/watchCut";
import type { Watch } from "./watched";

/**
 * Watches the volumes that the engine is about to cut: its provider waits for readiness alone, up to its time-out, while
 * the driver's refusal stands in the status after a second.
 *
 * @returns undefined where no volume is to be cut
 */
export function cutWatch(
  desired: DesiredState,
  steps: readonly Step[],
  cluster: Access<ClusterClient>,
  limits?: Partial<CutLimits>,
): Watch | undefined {
  const cut = new Map(
    steps.filter((step) => isCutStep(desired, step)).map((step) => [step.urn, step]),
  );
  if (cut.size === 0 || cluster.state !== "open") {
    return undefined;
  }
  const { client } = cluster;
  return {
    look: async (signal) => {
      const verdicts = await watchCut({
        client,
        subjects: desired.registrations.filter(({ urn }) => cut.has(urn)).map(subjectOf),
        posted: false,
        signal,
        ...(limits === undefined ? {} : { limits }),
      });
      const problems = failures(verdicts).map(({ urn, why }) => ({
        urn,
        object: cut.get(urn)?.object ?? urn,
        why,
      }));
      return problems.length === 0 ? undefined : new CutFailed(problems).message;
    },
  };
}
