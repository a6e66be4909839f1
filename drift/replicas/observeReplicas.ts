import type { ClusterClient } from "../../clients/kubernetes/client";
import { field, fieldText, type ClusterObject } from "../../clients/kubernetes/object";
import { linstorResources, mayastorVolumes } from "../../clients/storage/rest";
import { backendOf } from "../../planning";
import {
  type Observation,
  type ObservationSource,
  type SeenReplica,
  type SourceAnswers,
  unknown,
  type VolumeIdentity,
} from "../../planning/backends/observation";
import { judgeReplicas, type ReplicaJudgement } from "../../planning/replicas";
import type { SitePlan } from "../../planning/plan";
import { readFrom, whyUnread, type Access } from "../../clients/access";
import { listVolumes, type LiveVolume } from "../volumeObjects";

/** The copies of one volume of ours, as the storage backend reports them. */
export interface VolumeReplicas
  extends ReplicaJudgement, Pick<LiveVolume, "volume" | "claim" | "className"> {
  /** Empty where nothing could be told. */
  readonly replicas: readonly SeenReplica[];
  /** Nodes that vote without a copy. */
  readonly tieBreakers: readonly string[];
}

/** The copies of all volumes of our classes. */
export type ObservedReplicas =
  | { readonly state: "observed"; readonly volumes: readonly VolumeReplicas[] }
  /** Tried and failed. */
  | { readonly state: "unknown"; readonly why: string }
  /** The backend is not asked; nothing was tried. */
  | { readonly state: "notObserved"; readonly why: string; readonly remedy: string | undefined };

/**
 * How many copies each volume of our classes really has, and where, by one LIST of a kind or one question to the
 * backend's API for all of them together. Never throws for a system that does not answer.
 */
export async function observeReplicas(
  plan: SitePlan,
  cluster: Access<ClusterClient>,
): Promise<ObservedReplicas> {
  const { site, topology } = plan;
  const backend = backendOf(site.backend);
  const observation = backend.observation({ site, topology });
  if (observation.state === "notObserved") {
    return { state: "notObserved", why: observation.why, remedy: observation.remedy };
  }
  const { sources, observer } = observation;
  const volumes = await readFrom(cluster, (client) =>
    readVolumes(client, plan, sources, observer, backend.provisioner(site.backendOptions)),
  );
  return volumes.state === "read"
    ? { state: "observed", volumes: volumes.value }
    : { state: "unknown", why: whyUnread(volumes, "The cluster was not opened.") };
}

type Observer = (answers: SourceAnswers) => (volume: VolumeIdentity) => Observation;

async function readVolumes(
  client: ClusterClient,
  { site, topology, classes }: SitePlan,
  sources: Readonly<Record<string, ObservationSource>>,
  observer: Observer,
  driver: string,
): Promise<VolumeReplicas[]> {
  const names = classes.map(({ spec }) => spec.name);
  const volumes = await listVolumes(client, names, (_, object) => ({ object }));
  if (volumes.length === 0) {
    // Nothing to be told, so nobody has to be asked.
    return [];
  }
  const [answers, nodes] = await Promise.all([
    readSources(client, sources),
    client.list("v1", "Node"),
  ]);
  const observe = observer(answers);
  const sites = siteLabels(nodes, topology.siteLabel);
  const rule = {
    factor: site.replicationFactor,
    topology,
    siteOf: (node: string) => sites.get(node),
  };
  return volumes.map(({ object, ...volume }) => {
    const seen = observeOne(object, driver, observe);
    const { replicas, tieBreakers } =
      seen.state === "seen" ? seen : { replicas: [], tieBreakers: [] };
    return { ...volume, replicas, tieBreakers, ...judgeReplicas(rule, seen) };
  });
}

/** Asks every source once; one that fails leaves nothing to be said, for a half of the truth reads like the whole. */
async function readSources(
  client: ClusterClient,
  sources: Readonly<Record<string, ObservationSource>>,
): Promise<SourceAnswers> {
  const answers = Object.entries(sources).map(
    async ([name, source]) => [name, await readSource(client, source)] as const,
  );
  return Object.fromEntries(await Promise.all(answers));
}

async function readSource(
  client: ClusterClient,
  source: ObservationSource,
): Promise<readonly unknown[]> {
  if (source.kind === "list") {
    return client.list(source.apiVersion, source.object, { namespace: source.namespace });
  }
  switch (source.system) {
    case "linstor":
      return linstorResources(source.api);
    case "mayastor":
      return mayastorVolumes(source.api);
  }
}

function observeOne(
  volume: ClusterObject,
  driver: string,
  observe: (volume: VolumeIdentity) => Observation,
): Observation {
  const made = fieldText(volume, "spec", "csi", "driver");
  const handle = fieldText(volume, "spec", "csi", "volumeHandle");
  if (made !== driver || handle === "") {
    return unknown(
      `It was made by ${made === "" ? "no CSI driver" : `the driver ${made}`}, not by ${driver}.`,
    );
  }
  const attributes = field(volume, "spec", "csi", "volumeAttributes") ?? {};
  return observe({
    volume: volume.metadata.name,
    handle,
    attributes: attributes as VolumeIdentity["attributes"],
  });
}

/** The labels as they are now, not as the stack file says: copies were placed by them. */
function siteLabels(nodes: readonly ClusterObject[], label: string): ReadonlyMap<string, string> {
  return new Map(
    nodes.flatMap(({ metadata }) => {
      const site = metadata.labels?.[label] ?? "";
      return site === "" ? [] : [[metadata.name, site] as const];
    }),
  );
}
