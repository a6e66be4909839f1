import { isDeepStrictEqual } from "node:util";

import type { ClusterClient } from "../../clients/kubernetes/client";
import { ClusterError } from "../../clients/kubernetes/error";
import type { ClusterObject } from "../../clients/kubernetes/object";
import type { ClassPlan, SitePlan } from "../../planning/plan";
import type { Site } from "../../planning/site";
import type { PointReadBack } from "./points";
import { readPoints } from "./points";
import type { VcenterClient } from "../../clients/vcenter/client";
import { VcenterError } from "../../clients/vcenter/error";
import type { Vm } from "../../clients/vcenter/vms";
import type { Access } from "../../clients/access";
import { heldVolumes, type HeldVolumes } from "../../drift/heldVolumes";
import { observeReplicas, type ObservedReplicas } from "../../drift/replicas/observeReplicas";
import type { VolumeListing } from "./volumes";
import { listVolumes } from "./volumes";

/** A storage class as the API server has it. */
export interface ClassReadBack {
  readonly name: string;
  /** Undefined when it is not there. */
  readonly live: LiveClass | undefined;
  /** Full copies of a volume; undefined when the live parameters are not the planned ones. */
  readonly replicas: number | undefined;
  /** How they are spread, e.g. `over sites a, b, c (at most 1 in a site)`. */
  readonly spread: string;
}

export interface LiveClass {
  readonly provisioner: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly isDefault: boolean;
  readonly reclaimPolicy: string;
  readonly volumeBindingMode: string;
  readonly expandable: boolean;
}

/** A snapshot class as the API server has it. */
export interface SnapshotClassReadBack {
  readonly kind: string;
  readonly name: string;
  readonly live: { readonly driver: string; readonly deletionPolicy: string } | undefined;
}

export interface ReadBack {
  readonly classes: readonly ClassReadBack[];
  readonly snapshotClasses: readonly SnapshotClassReadBack[];
  readonly points: readonly PointReadBack[];
  /** Volumes that keep what an earlier class gave them. */
  readonly formerVolumes: readonly VolumeListing[];
  /** How many copies each volume really has, and where. */
  readonly replicas: ObservedReplicas;
  /** Whether VM snapshots hold volumes fast. */
  readonly heldVolumes: HeldVolumes;
  /** What could not be read, a sentence each. */
  readonly unknown: readonly string[];
}

export interface ReadBackQuestion {
  readonly plan: SitePlan;
  readonly cluster: Access<ClusterClient>;
  readonly vcenter: Access<VcenterClient>;
}

/** Asks API server and vCenter what is there now, because that is what counts and not what a deployment says it did. */
export async function readBack({ plan, cluster, vcenter }: ReadBackQuestion): Promise<ReadBack> {
  const unknown: string[] = [];
  const ask = async <C, T>(
    access: Access<C>,
    none: T,
    question: (client: C) => Promise<T>,
  ): Promise<T> => {
    if (access.state !== "open") {
      unknown.push(...(access.state === "unknown" ? [access.why] : []));
      return none;
    }
    try {
      return await question(access.client);
    } catch (error) {
      if (error instanceof ClusterError || error instanceof VcenterError) {
        unknown.push(error.message);
        return none;
      }
      throw error;
    }
  };
  const nothing = { classes: [], snapshotClasses: [], formerVolumes: [] };
  const { site } = plan;
  const [inCluster, vms, replicas] = await Promise.all([
    ask(cluster, nothing, (client) => readCluster(client, plan)),
    ask<VcenterClient, readonly Vm[] | undefined>(vcenter, undefined, (client) => client.vms()),
    observeReplicas(plan, cluster),
  ]);
  const points = readPoints(site, vcenter.state === "notNeeded" ? [] : vms);
  const held = heldIn(site, vcenter, vms);
  unknown.push(...[replicas, held].flatMap((seen) => (seen.state === "unknown" ? [seen.why] : [])));
  // Two questions to a silent cluster end with the same sentence.
  return { ...inCluster, points, replicas, heldVolumes: held, unknown: [...new Set(unknown)] };
}

/** That vCenter did not answer is said already. */
function heldIn(
  site: Site,
  vcenter: Access<VcenterClient>,
  vms: readonly Vm[] | undefined,
): HeldVolumes {
  return site.virtualMachines === undefined || vcenter.state !== "open" || vms === undefined
    ? { state: "notNeeded" }
    : heldVolumes(site, vms);
}

async function readCluster(
  client: ClusterClient,
  plan: SitePlan,
): Promise<Pick<ReadBack, "classes" | "snapshotClasses" | "formerVolumes">> {
  const names = plan.classes.map(({ spec }) => spec.name);
  const [classes, snapshotClasses, volumes] = await Promise.all([
    client.list("storage.k8s.io/v1", "StorageClass"),
    readSnapshotClasses(client, plan),
    listVolumes(client, names),
  ]);
  return {
    classes: plan.classes.map((planned) => readClass(plan, planned, classes)),
    snapshotClasses,
    formerVolumes: volumes.filter(({ made }) => made !== "present"),
  };
}

function readClass(
  { site, topology }: SitePlan,
  planned: ClassPlan,
  classes: readonly ClusterObject[],
): ClassReadBack {
  const { name } = planned.spec;
  const live = classes.find(({ metadata }) => metadata.name === name);
  const parsed = live === undefined ? undefined : parseClass(live);
  const asPlanned = isDeepStrictEqual(parsed?.parameters, { ...planned.parameters });
  const sites = topology.dataSites.map((dataSite) => dataSite.name);
  return {
    name,
    live: parsed,
    replicas: asPlanned ? site.replicationFactor : undefined,
    spread:
      topology.spread === "sites"
        ? `over sites ${sites.join(", ")} (at most ${topology.maxPerSite} in a site)`
        : `over nodes of site ${sites.join(", ")}`,
  };
}

const DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class";

function parseClass(live: ClusterObject): LiveClass {
  return {
    provisioner: String(live["provisioner"] ?? ""),
    parameters: { ...(live["parameters"] as Readonly<Record<string, string>> | undefined) },
    isDefault: live.metadata.annotations?.[DEFAULT_CLASS] === "true",
    reclaimPolicy: String(live["reclaimPolicy"] ?? "Delete"),
    volumeBindingMode: String(live["volumeBindingMode"] ?? "Immediate"),
    expandable: live["allowVolumeExpansion"] === true,
  };
}

async function readSnapshotClasses(
  client: ClusterClient,
  plan: SitePlan,
): Promise<SnapshotClassReadBack[]> {
  const group = "groupsnapshot.storage.k8s.io";
  const [groupVersion] = await client.servedVersions(group);
  const wanted = [
    {
      apiVersion: "snapshot.storage.k8s.io/v1",
      kind: "VolumeSnapshotClass",
      name: plan.snapshotClass.name,
    },
    ...(plan.groupSnapshotClass === undefined || groupVersion === undefined
      ? []
      : [
          {
            apiVersion: `${group}/${groupVersion}`,
            kind: "VolumeGroupSnapshotClass",
            name: plan.groupSnapshotClass.name,
          },
        ]),
  ];
  return Promise.all(
    wanted.map(async (reference) => {
      const live = await client.get(reference);
      const { kind, name } = reference;
      return {
        kind,
        name,
        live:
          live === undefined
            ? undefined
            : {
                driver: String(live["driver"] ?? ""),
                deletionPolicy: String(live["deletionPolicy"] ?? ""),
              },
      };
    }),
  );
}
