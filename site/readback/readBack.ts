import { isDeepStrictEqual } from "node:util";

import type { ClusterClient } from "../../clients/kubernetes/client";
import { fieldText, type ClusterObject } from "../../clients/kubernetes/object";
import type { ClassPlan, SitePlan } from "../../planning/plan";
import { readPoints, type PointReadBack } from "./points";
import type { VcenterClient } from "../../clients/vcenter/client";
import { readFrom, type Access } from "../../clients/access";
import { heldVolumes, type HeldVolumes } from "../../drift/heldVolumes";
import { observeReplicas, type ObservedReplicas } from "../../drift/replicas/observeReplicas";
import { SNAPSHOT_API } from "../../drift/volumeObjects";
import { isDefaultClass } from "../../drift/defaults";
import { listByAge, type VolumeListing } from "./volumes";

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

interface LiveClass {
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

interface ReadBackQuestion {
  readonly plan: SitePlan;
  readonly cluster: Access<ClusterClient>;
  readonly vcenter: Access<VcenterClient>;
}

/** Asks API server and vCenter what is there now, because that is what counts and not what a deployment says it did. */
export async function readBack({ plan, cluster, vcenter }: ReadBackQuestion): Promise<ReadBack> {
  const { site } = plan;
  const [inCluster, vms, replicas] = await Promise.all([
    readFrom(cluster, (client) => readCluster(client, plan)),
    readFrom(vcenter, (client) => client.vms()),
    observeReplicas(plan, cluster),
  ]);
  const held: HeldVolumes =
    site.virtualMachines !== undefined && vms.state === "read"
      ? heldVolumes(site, vms.value)
      : { state: "notNeeded" };
  const unknown = [inCluster, vms, replicas, held].flatMap((seen) =>
    seen.state === "unknown" ? [seen.why] : [],
  );
  const nothing = { classes: [], snapshotClasses: [], formerVolumes: [] };
  return {
    ...(inCluster.state === "read" ? inCluster.value : nothing),
    points: readPoints(
      site,
      vms.state === "read" ? vms.value : vms.state === "unknown" ? undefined : [],
    ),
    replicas,
    heldVolumes: held,
    // Two questions to a silent cluster end with the same sentence.
    unknown: [...new Set(unknown)],
  };
}

async function readCluster(
  client: ClusterClient,
  plan: SitePlan,
): Promise<Pick<ReadBack, "classes" | "snapshotClasses" | "formerVolumes">> {
  const names = plan.classes.map(({ spec }) => spec.name);
  const [classes, snapshotClasses, volumes] = await Promise.all([
    client.list("storage.k8s.io/v1", "StorageClass"),
    readSnapshotClasses(client, plan),
    listByAge(client, names),
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

function parseClass(live: ClusterObject): LiveClass {
  return {
    provisioner: fieldText(live, "provisioner"),
    parameters: { ...(live["parameters"] as Readonly<Record<string, string>> | undefined) },
    isDefault: isDefaultClass(live),
    reclaimPolicy: fieldText(live, "reclaimPolicy"),
    volumeBindingMode: fieldText(live, "volumeBindingMode"),
    expandable: live["allowVolumeExpansion"] === true,
  };
}

async function readSnapshotClasses(
  client: ClusterClient,
  { snapshotClass, groupSnapshotClass }: SitePlan,
): Promise<SnapshotClassReadBack[]> {
  const group = "groupsnapshot.storage.k8s.io";
  const [groupVersion] = await client.servedVersions(group);
  const wanted = [
    { apiVersion: SNAPSHOT_API, kind: "VolumeSnapshotClass", name: snapshotClass.name },
    ...(groupSnapshotClass === undefined || groupVersion === undefined
      ? []
      : [
          {
            apiVersion: `${group}/${groupVersion}`,
            kind: "VolumeGroupSnapshotClass",
            name: groupSnapshotClass.name,
          },
        ]),
  ];
  return Promise.all(
    wanted.map(async (reference) => {
      const { kind, name } = reference;
      const object = await client.get(reference);
      const live = object && {
        driver: fieldText(object, "driver"),
        deletionPolicy: fieldText(object, "deletionPolicy"),
      };
      return { kind, name, live };
    }),
  );
}
