import { isReadyNode, textAt } from "./answers";
import { unknown, type ObservationPlan } from "./observation";

/** Key of the volume's context, and so of the PV's attributes, under which the fixture names the nodes with a copy. */
const REPLICA_NODES = "replicaNodes";

/**
 * The fixture writes every copy before it answers, so a copy holds every write for as long as its node is there; that
 * the node is, the API server says.
 */
export function labObservation(): ObservationPlan {
  return {
    state: "observed",
    sources: { nodes: { kind: "list", apiVersion: "v1", object: "Node", namespace: undefined } },
    observer: ({ nodes = [] }) => {
      const ready = new Set(
        nodes.filter(isReadyNode).map((node) => textAt(node, "metadata", "name")),
      );
      return ({ volume, attributes }) => {
        const names = (attributes[REPLICA_NODES] ?? "").split(",").map((name) => name.trim());
        const replicas = names
          .filter((name) => name !== "")
          .map((node) =>
            ready.has(node)
              ? { node, state: "upToDate" as const, detail: "the node is ready" }
              : { node, state: "unknown" as const, detail: "the node is gone or not ready" },
          );
        return replicas.length === 0
          ? unknown(`PersistentVolume ${volume} has no volumeAttributes.${REPLICA_NODES}.`)
          : { state: "seen", replicas, rule: undefined, tieBreakers: [], troubles: [] };
      };
    },
  };
}
