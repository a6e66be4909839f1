import type { ClusterClient } from "../../clients/kubernetes/client";
import { observeReplicas } from "../../drift/replicas/observeReplicas";
import type { SitePlan } from "../../planning/plan";
import { finding, type Finding } from "./finding";

const CHECK = "volume-copies";

/**
 * Volumes that have not all their copies, up to date and where they belong. A warning and no more, also where it is
 * unknown: a deployment changes no volume, and to stop it would leave the volume as it is. A backend that is not asked is
 * named by what is read back, not at each run.
 */
export async function checkReplicas(client: ClusterClient, plan: SitePlan): Promise<Finding[]> {
  const replicas = await observeReplicas(plan, { state: "open", client });
  switch (replicas.state) {
    case "notObserved":
      return [];
    case "unknown":
      return [
        finding(CHECK, "copies of volumes", [
          "warning",
          `How many copies the volumes have is unknown. ${replicas.why}`,
          "See that the storage backend answers, and look at its volumes with its own tools.",
        ]),
      ];
    case "observed":
      return replicas.volumes
        .filter(({ problems }) => problems.length > 0)
        .map(({ volume, claim, problems }) => {
          const of = claim === undefined ? "" : ` (claim ${claim})`;
          const told = problems.map(({ kind, message }) =>
            kind === "unknown" ? `Unknown: ${message}` : message,
          );
          return finding(CHECK, `PersistentVolume ${volume}${of}`, [
            "warning",
            told.join(" "),
            "Wait until its copies are whole before the next restore point or the next patching; if they do not become so, look with the backend's own tools.",
          ]);
        });
  }
}
