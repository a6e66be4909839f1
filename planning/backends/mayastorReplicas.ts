import type { StorageRequest } from "./backend";
import { groupBy, numberAt, recordAt, textAt } from "./answers";
import { storageApi } from "./apiOptions";
import { unknown, notObserved, type ObservationPlan, type SeenReplica } from "./observation";
import { compareText } from "../words";

/**
 * The control plane's list of volumes. Fields are those of openebs/mayastor-control-plane,
 * control-plane/rest/openapi-specs/v0_api_spec.yaml (VolumeState, ReplicaTopology); a volume's handle is its uuid, and
 * Mayastor's nodes have the names of Kubernetes' nodes.
 */
export function mayastorObservation({ site }: StorageRequest): ObservationPlan {
  const api = storageApi(site.backendOptions);
  if (api === undefined) {
    return notObserved(
      "Mayastor tells where its copies are through its control plane's REST API only, and nothing says where that is",
      "set backendOptions.apiUrl, such as http://127.0.0.1:8081 through kubectl port-forward of its api-rest service",
    );
  }
  return {
    state: "observed",
    sources: { volumes: { kind: "rest", system: "mayastor", api } },
    observer: ({ volumes = [] }) => {
      const byUuid = groupBy(volumes, (volume) => textAt(volume, "state", "uuid").toLowerCase());
      return ({ handle }) => {
        const [volume] = byUuid.get(handle.toLowerCase()) ?? [];
        if (volume === undefined) {
          return unknown(`Mayastor has no volume ${handle}.`);
        }
        const status = textAt(volume, "state", "status");
        const served = Object.hasOwn(recordAt(volume, "state", "target"), "node");
        const replicas = Object.values(recordAt(volume, "state", "replica_topology"));
        return {
          state: "seen",
          replicas: replicas
            .map((replica) => copyOf(replica, served, status))
            .sort((one, two) => compareText(one.node ?? "", two.node ?? "")),
          rule: undefined,
          tieBreakers: [],
          troubles:
            status === "Online" ? [] : [`Mayastor calls the volume ${status || "nothing at all"}.`],
        };
      };
    },
  };
}

/** A replica may be online and still be filled: only as a child of the volume's target does it say so. */
function copyOf(replica: unknown, served: boolean, volumeStatus: string): SeenReplica {
  const node = textAt(replica, "node") || undefined;
  const own = textAt(replica, "state");
  const child = textAt(replica, "child-status");
  const progress = numberAt(replica, "rebuild-progress");
  if (own === "Faulted" || child === "Faulted") {
    return { node, state: "failed", detail: "Faulted" };
  }
  if (progress !== undefined || child === "Degraded") {
    const detail = progress === undefined ? "Degraded" : `rebuilding, ${progress} %`;
    return { node, state: "rebuilding", detail };
  }
  const good = served ? child === "Online" : volumeStatus === "Online";
  return own === "Online" && good
    ? { node, state: "upToDate", detail: "Online" }
    : { node, state: "unknown", detail: child === "" ? own || "no state" : child };
}
