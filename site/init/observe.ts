import type { ClusterClient } from "../../clients/kubernetes/client";
import type { ClusterObject } from "../../clients/kubernetes/object";
import type { VcenterClient } from "../../clients/vcenter/client";
import type { Vm } from "../../clients/vcenter/vms";
import { isDefaultClass } from "../../drift/defaults";
import { isControlPlane, systemUuid } from "../../drift/node";

/** A Kubernetes node as a new site sees it. */
export interface ObservedNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `status.nodeInfo.systemUUID`, lower case; empty when the kubelet reports none. */
  readonly systemUuid: string;
  /** Whether it carries the role label of control-plane nodes. */
  readonly controlPlane: boolean;
  /** CSI drivers that its CSINode lists, and so can attach volumes of. */
  readonly drivers: readonly string[];
}

export interface ObservedClass {
  readonly name: string;
  readonly provisioner: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly isDefault: boolean;
}

/** The vCenter that was asked, and its machines. */
export interface ObservedVcenter {
  readonly server: string;
  readonly user: string;
  readonly allowUnverifiedSsl: boolean;
  readonly vms: readonly Vm[];
}

/** What a live cluster and its vCenter say about a site. */
export interface Observation {
  /** UID of the namespace kube-system. */
  readonly clusterUid: string;
  readonly nodes: readonly ObservedNode[];
  readonly classes: readonly ObservedClass[];
  readonly namespaces: readonly string[];
  /** Whether the kinds of snapshot classes are served. */
  readonly snapshotKinds: boolean;
  readonly groupSnapshotKinds: boolean;
  /** Undefined when no vCenter was named. */
  readonly vcenter: ObservedVcenter | undefined;
}

const STORAGE_API = "storage.k8s.io/v1";

/** Reads a cluster; changes nothing. @throws ClusterError when it does not answer */
export async function observeCluster(client: ClusterClient): Promise<Omit<Observation, "vcenter">> {
  const [clusterUid, nodes, csiNodes, classes, namespaces, snapshots, groups] = await Promise.all([
    client.kubeSystemUid(),
    client.list("v1", "Node"),
    client.list(STORAGE_API, "CSINode"),
    client.list(STORAGE_API, "StorageClass"),
    client.list("v1", "Namespace"),
    client.resource("snapshot.storage.k8s.io/v1", "VolumeSnapshotClass"),
    client.resource("groupsnapshot.storage.k8s.io/v1beta2", "VolumeGroupSnapshotClass"),
  ]);
  const drivers = new Map(csiNodes.map((csiNode) => [csiNode.metadata.name, driversOf(csiNode)]));
  return {
    clusterUid,
    nodes: nodes
      .map((node) => observeNode(node, drivers.get(node.metadata.name) ?? []))
      .sort((left, right) => left.name.localeCompare(right.name, "en", { numeric: true })),
    classes: classes.map(observeClass),
    namespaces: namespaces.map(({ metadata }) => metadata.name),
    snapshotKinds: snapshots !== undefined,
    groupSnapshotKinds: groups !== undefined,
  };
}

/** Reads the machines of a vCenter; changes nothing. @throws VcenterError when it does not answer */
export async function observeVcenter(
  client: VcenterClient,
  { user, allowUnverifiedSsl }: Pick<ObservedVcenter, "user" | "allowUnverifiedSsl">,
): Promise<ObservedVcenter> {
  const vms = await client.vms();
  return { server: client.server, user, allowUnverifiedSsl, vms };
}

function observeNode(node: ClusterObject, drivers: readonly string[]): ObservedNode {
  return {
    name: node.metadata.name,
    labels: node.metadata.labels ?? {},
    systemUuid: systemUuid(node),
    controlPlane: isControlPlane(node),
    drivers,
  };
}

function driversOf(csiNode: ClusterObject): string[] {
  const spec = csiNode["spec"] as { drivers?: readonly { name: string }[] | null } | undefined;
  return (spec?.drivers ?? []).map(({ name }) => name);
}

function observeClass({ metadata, ...fields }: ClusterObject): ObservedClass {
  return {
    name: metadata.name,
    provisioner: String(fields["provisioner"] ?? ""),
    parameters: { ...(fields["parameters"] as Readonly<Record<string, string>> | undefined) },
    isDefault: isDefaultClass({ metadata }),
  };
}
