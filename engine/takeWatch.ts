import type { ClusterClient } from "../clients/kubernetes/client";
import type { DesiredState } from "./program/desiredState";
import type { Access } from "../clients/access";
import { TakeFailed } from "../drift/deployError";
import { isTakeStep, subjectOf } from "../drift/executeVolumes";
import type { Step } from "../drift/types";
import type { TakeLimits } from "../restorepoint/judgeTaken";
import { failures, watchTake } from "../restorepoint/watchTake";
import type { Watch } from "./watched";

/**
 * Watches the volumes that the engine is about to cut: its provider waits for readiness alone, up to its time-out, while
 * the driver's refusal stands in the status after a second.
 *
 * @returns undefined where no volume is to be cut
 */
export function takeWatch(
  desired: DesiredState,
  steps: readonly Step[],
  cluster: Access<ClusterClient>,
  limits?: Partial<TakeLimits>,
): Watch | undefined {
  const taken = new Map(
    steps.filter((step) => isTakeStep(desired, step)).map((step) => [step.urn, step]),
  );
  if (taken.size === 0 || cluster.state !== "open") {
    return undefined;
  }
  const { client } = cluster;
  return {
    look: async (signal) => {
      const verdicts = await watchTake({
        client,
        subjects: desired.registrations.filter(({ urn }) => taken.has(urn)).map(subjectOf),
        posted: false,
        signal,
        ...(limits === undefined ? {} : { limits }),
      });
      const problems = failures(verdicts).map(({ urn, why }) => ({
        urn,
        object: taken.get(urn)?.object ?? urn,
        why,
      }));
      return problems.length === 0 ? undefined : new TakeFailed(problems).message;
    },
  };
}
