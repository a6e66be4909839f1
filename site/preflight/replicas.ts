import type { ClusterClient } from "../../clients/kubernetes/client";
import type { SitePlan } from "../../planning/plan";
import { observeReplicas } from "../../drift/replicas/observeReplicas";
import type { Finding } from "./finding";

/**
 * Volumes that have not all their copies, up to date and where they belong. A warning and no more, also where it cannot
 * be told: a deployment changes no volume, and to stop it would leave the volume as it is. A backend that is not asked is
 * named by what is read back, not at each run.
 */
export async function checkReplicas(client: ClusterClient, plan: SitePlan): Promise<Finding[]> {
  const replicas = await observeReplicas(plan, { state: "open", client });
  const check = "volume-copies";
  switch (replicas.state) {
    case "notObserved":
      return [];
    case "unknown":
      return [
        {
          severity: "warning",
          check,
          object: "copies of volumes",
          message: `How many copies the volumes have cannot be told. ${replicas.why}`,
          remedy:
            "See that the storage backend answers, and look at its volumes with its own tools.",
        },
      ];
    case "observed":
      return replicas.volumes.flatMap(({ volume, claim, problems }): Finding[] =>
        problems.length === 0
          ? []
          : [
              {
                severity: "warning",
                check,
                object: `PersistentVolume ${volume}${claim === undefined ? "" : ` (claim ${claim})`}`,
                message: problems
                  .map(({ kind, message }) =>
                    kind === "unknown" ? `Cannot tell: ${message}` : message,
                  )
                  .join(" "),
                remedy:
                  "Wait until its copies are whole before the next restore point or the next patching; if they do not become so, look with the backend's own tools.",
              },
            ],
      );
  }
}
