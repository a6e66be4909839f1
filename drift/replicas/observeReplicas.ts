import type { ClusterClient } from "../../clients/kubernetes/client";
import { ClusterError } from "../../clients/kubernetes/error";
import type { ClusterObject } from "../../clients/kubernetes/object";
import { backendOf } from "../../planning";
import {
  unknown,
  type Observation,
  type SeenReplica,
  type VolumeIdentity,
} from "../../planning/backends/observation";
import { judgeReplicas, type ReplicaJudgement } from "../../planning/replicas";
import type { SitePlan } from "../../planning/plan";
import { compareText } from "../../planning/words";
import type { Access } from "../../clients/access";
import { readSources } from "./readSources";

/** The copies of one volume of ours, as the storage backend reports them. */
export interface VolumeReplicas extends ReplicaJudgement {
  /** Name of the PersistentVolume. */
  readonly volume: string;
  /** `namespace/name` of its claim; undefined when nobody claims it. */
  readonly claim: string | undefined;
  readonly className: string;
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
  const observation = backend?.observation({ site, topology });
  if (backend === undefined || observation === undefined) {
    return { state: "unknown", why: `The backend ${site.backend} is not carried.` };
  }
  if (observation.state === "notObserved") {
    return { state: "notObserved", why: observation.why, remedy: observation.remedy };
  }
  if (cluster.state !== "open") {
    const why = cluster.state === "unknown" ? cluster.why : "The cluster was not opened.";
    return { state: "unknown", why };
  }
  const { client } = cluster;
  try {
    const volumes = await ourVolumes(client, plan);
    if (volumes.length === 0) {
      // Nothing to be told, so nobody has to be asked.
      return { state: "observed", volumes: [] };
    }
    const [answered, nodes] = await Promise.all([
      readSources(client, observation.sources),
      client.list("v1", "Node"),
    ]);
    if (answered.state === "unknown") {
      return answered;
    }
    const observe = observation.observer(answered.answers);
    const driver = backend.provisioner(site.backendOptions);
    const sites = siteLabels(nodes, topology.siteLabel);
    const rule = {
      factor: site.replicationFactor,
      topology,
      siteOf: (node: string) => sites.get(node),
    };
    return {
      state: "observed",
      volumes: volumes.map((volume) => {
        const seen = observeOne(volume, driver, observe);
        return { ...described(volume), ...partsOf(seen), ...judgeReplicas(rule, seen) };
      }),
    };
  } catch (error) {
    if (error instanceof ClusterError) {
      return { state: "unknown", why: error.message };
    }
    throw error;
  }
}

interface VolumeSpec {
  readonly storageClassName?: string;
  readonly claimRef?: { readonly namespace?: string; readonly name?: string };
  readonly csi?: {
    readonly driver?: string;
    readonly volumeHandle?: string;
    readonly volumeAttributes?: Readonly<Record<string, string>>;
  };
}

function specOf(volume: ClusterObject): VolumeSpec {
  return (volume["spec"] as VolumeSpec | undefined) ?? {};
}

async function ourVolumes(client: ClusterClient, { classes }: SitePlan): Promise<ClusterObject[]> {
  const names = classes.map(({ spec }) => spec.name);
  const volumes = await client.list("v1", "PersistentVolume");
  return volumes
    .filter((volume) => names.includes(specOf(volume).storageClassName ?? ""))
    .sort((one, two) => compareText(one.metadata.name, two.metadata.name));
}

function observeOne(
  volume: ClusterObject,
  driver: string,
  observe: (volume: VolumeIdentity) => Observation,
): Observation {
  const { csi } = specOf(volume);
  if (csi?.driver !== driver || csi.volumeHandle === undefined) {
    const made = csi?.driver === undefined ? "no CSI driver" : `the driver ${csi.driver}`;
    return unknown(`It was made by ${made}, not by ${driver}.`);
  }
  return observe({
    volume: volume.metadata.name,
    handle: csi.volumeHandle,
    attributes: csi.volumeAttributes ?? {},
  });
}

function described(volume: ClusterObject): Pick<VolumeReplicas, "volume" | "claim" | "className"> {
  const { storageClassName = "", claimRef } = specOf(volume);
  return {
    volume: volume.metadata.name,
    claim:
      claimRef?.name === undefined ? undefined : `${claimRef.namespace ?? ""}/${claimRef.name}`,
    className: storageClassName,
  };
}

function partsOf(seen: Observation): Pick<VolumeReplicas, "replicas" | "tieBreakers"> {
  return seen.state === "seen"
    ? { replicas: seen.replicas, tieBreakers: seen.tieBreakers }
    : { replicas: [], tieBreakers: [] };
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
