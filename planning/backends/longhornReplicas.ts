import { groupBy, recordAt, textAt } from "./answers";
import { unknown, type ObservationPlan, type SeenReplica } from "./observation";

const API_VERSION = "longhorn.io/v1beta2";

/**
 * Longhorn's own records of a volume and its replicas. Fields are those of longhorn/longhorn-manager,
 * k8s/pkg/apis/longhorn/v1beta2/{volume,replica}.go; a volume's handle is the name of its Volume.
 */
export function longhornObservation(namespace: string): ObservationPlan {
  const listed = (object: string) =>
    ({ kind: "list", apiVersion: API_VERSION, object, namespace }) as const;
  return {
    state: "observed",
    sources: { volumes: listed("Volume"), replicas: listed("Replica") },
    observer: ({ volumes = [], replicas = [] }) => {
      const byName = groupBy(volumes, (volume) => textAt(volume, "metadata", "name"));
      const byVolume = groupBy(replicas, (replica) => textAt(replica, "spec", "volumeName"));
      return ({ handle }) => {
        const [volume] = byName.get(handle) ?? [];
        if (volume === undefined) {
          return unknown(`Longhorn has no Volume ${namespace}/${handle}.`);
        }
        const attached = textAt(volume, "status", "state") === "attached";
        const replicas = (byVolume.get(handle) ?? [])
          .filter(counts)
          .map((replica) => copyOf(replica, attached));
        const robustness = textAt(volume, "status", "robustness");
        return {
          state: "seen",
          replicas,
          rule: undefined,
          tieBreakers: [],
          // A detached volume is "unknown": nothing serves it that could compare its copies.
          troubles:
            robustness === "healthy" || (robustness === "unknown" && !attached)
              ? []
              : [`Longhorn calls the volume ${robustness || "nothing at all"}.`],
        };
      };
    },
  };
}

/** Not what is being deleted, nor the second instance of a copy that an engine upgrade leaves for a moment. */
function counts(replica: unknown): boolean {
  return (
    textAt(replica, "metadata", "deletionTimestamp") === "" &&
    recordAt(replica, "spec")["active"] !== false
  );
}

/**
 * `failedAt` is set when a copy fails and cleared before it is rebuilt; `healthyAt` is cleared before a rebuild and set
 * when it is over.
 */
function copyOf(replica: unknown, attached: boolean): SeenReplica {
  const node = textAt(replica, "spec", "nodeID");
  const failedAt = textAt(replica, "spec", "failedAt");
  const healthyAt = textAt(replica, "spec", "healthyAt");
  const current = textAt(replica, "status", "currentState");
  const copy = (state: SeenReplica["state"], detail: string): SeenReplica => ({
    ...{ node: node || undefined, state, detail },
  });
  if (failedAt !== "") {
    return copy("failed", `failed at ${failedAt}`);
  }
  if (node === "") {
    return copy("failed", "placed on no node");
  }
  if (healthyAt === "") {
    return copy("rebuilding", "rebuilding");
  }
  const expected = attached ? "running" : "stopped";
  return current === expected || current === "running"
    ? copy("upToDate", current)
    : copy("unknown", current || "no state");
}
