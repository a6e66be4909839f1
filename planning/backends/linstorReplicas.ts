import type { StorageRequest } from "./backend";
import { groupBy, listAt, recordAt, textAt, textsAt } from "./answers";
import { storageApi } from "./apiOptions";
import {
  unknown,
  notObserved,
  type ObservationPlan,
  type SeenReplicas,
  type SeenReplica,
} from "./observation";
import { compareText, counted } from "../words";

/** Flags of a resource that holds no data. */
const WITHOUT_DATA = ["DISKLESS", "DRBD_DISKLESS", "NVME_INITIATOR", "EBS_INITIATOR"];

/** Flags of a resource that is no copy any more. */
const OUT_OF_USE = ["EVICTED", "INACTIVE"];

/**
 * LINSTOR's view of all resources, one for each node of a volume. Fields are those of LINBIT/golinstor,
 * client/resource.go (ResourceWithVolumes); flags those of its API constants. A volume's handle is the resource's name,
 * and Piraeus names LINSTOR's nodes as Kubernetes does.
 */
export function linstorObservation({ site, topology }: StorageRequest): ObservationPlan {
  const api = storageApi(site.backendOptions);
  if (api === undefined) {
    return notObserved(
      "LINSTOR tells where its copies are through its REST API only, and nothing says where that is",
      "set backendOptions.apiUrl, such as http://127.0.0.1:3370 through kubectl port-forward of the linstor-controller",
    );
  }
  const nodes = [...topology.dataSites, ...topology.witnessSites].flatMap(
    (place) => place.storageNodes,
  );
  return {
    state: "observed",
    sources: { resources: { kind: "rest", system: "linstor", api } },
    observer: ({ resources = [] }) => {
      // LINSTOR's names do not differ by case alone.
      const byName = groupBy(resources, (resource) => textAt(resource, "name").toLowerCase());
      return ({ handle }) => {
        const found = byName.get(handle.toLowerCase());
        return found === undefined
          ? unknown(`LINSTOR has no resource ${handle}.`)
          : seen(found, nodes.length > 2);
      };
    },
  };
}

function seen(resources: readonly unknown[], thirdNode: boolean): SeenReplicas {
  const living = resources
    .filter((resource) => !flagsOf(resource).includes("DELETE"))
    .sort((one, two) => compareText(textAt(one, "node_name"), textAt(two, "node_name")));
  const tieBreakers = living.filter((resource) => flagsOf(resource).includes("TIE_BREAKER"));
  const clients = living.filter(
    (resource) =>
      !tieBreakers.includes(resource) &&
      flagsOf(resource).some((flag) => WITHOUT_DATA.includes(flag)),
  );
  const holders = living.filter(
    (resource) => !tieBreakers.includes(resource) && !clients.includes(resource),
  );
  const lacksVote =
    thirdNode && holders.length % 2 === 0 && tieBreakers.length === 0 && clients.length === 0;
  return {
    state: "seen",
    replicas: holders.map(copyOf),
    rule: undefined,
    tieBreakers: tieBreakers.map((resource) => textAt(resource, "node_name")),
    troubles: [
      ...(lacksVote
        ? [
            `There is no tie-breaker beside its ${counted(holders.length, "copy", "copies")}, so a cut between them is not decided by a majority.`,
          ]
        : []),
      ...holders.flatMap(disconnections),
    ],
  };
}

function flagsOf(resource: unknown): readonly string[] {
  return textsAt(resource, "flags");
}

function copyOf(resource: unknown): SeenReplica {
  const node = textAt(resource, "node_name") || undefined;
  const out = flagsOf(resource).find((flag) => OUT_OF_USE.includes(flag));
  if (out !== undefined) {
    return { node, state: "failed", detail: out };
  }
  const states = listAt(resource, "volumes").map((volume) => textAt(volume, "state", "disk_state"));
  // A satellite that is away reports nothing.
  const worst = states.find((state) => state !== "UpToDate") ?? states[0] ?? "";
  return { node, state: stateOf(worst), detail: worst === "" ? "no state" : worst };
}

/** DRBD's disk states. What is not listed is not known here, and so not taken for a good copy. */
function stateOf(diskState: string): SeenReplica["state"] {
  if (diskState === "UpToDate") {
    return "upToDate";
  }
  if (/^(Inconsistent|Outdated|Consistent|SyncTarget|Negotiating|Attaching)\b/.test(diskState)) {
    return "rebuilding";
  }
  return /^(Failed|Diskless|Detaching)\b/.test(diskState) ? "failed" : "unknown";
}

/** Both ends of a cut link may still call themselves UpToDate. */
function disconnections(resource: unknown): readonly string[] {
  const connections = recordAt(resource, "layer_object", "drbd", "connections");
  return Object.entries(connections).flatMap(([peer, connection]) =>
    recordAt(connection)["connected"] === false
      ? [
          `The copy on ${textAt(resource, "node_name")} is not connected to ${peer} (${textAt(connection, "message")}).`,
        ]
      : [],
  );
}
