import type { ClusterClient } from "../clients/kubernetes/client";
import { ClusterError } from "../clients/kubernetes/error";
import type { DesiredState } from "../engine/program/desiredState";
import type { VcenterClient } from "../clients/vcenter/client";
import { readNamed } from "../clients/vcenter/vms";
import { readFrom, type Access, type Read } from "../clients/access";
import type { StackState } from "../engine/stackState";
import type { Site } from "../planning/site";
import { NODE } from "./node";
import { VELERO_KINDS } from "./veleroBackup";
import { isKubernetes, isSnapshot, referenceFrom } from "./resources";
import type { ClusterObject } from "../clients/kubernetes/object";
import { type ClusterLive, kindKey, type LiveState, objectKey, type VcenterLive } from "./types";

interface LiveQuestion {
  readonly desired: DesiredState;
  /** Kinds that are recorded and not declared any more are read as well. */
  readonly state: StackState;
  /** Whose nodes are read, with their VMs where it says on which hosts or datastores these are. */
  readonly site: Pick<Site, "virtualMachines" | "nodeBackups">;
  readonly cluster: Access<ClusterClient>;
  readonly vcenter: Access<VcenterClient>;
}

/** A kind, and where it is listed: of a namespaced one the program may read in these namespaces and nowhere else. */
interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
}

/**
 * What is there, by one LIST for each kind and one run of vCenter's property collector: at a thousand objects that is
 * seconds where a read for each would be minutes. Never throws for a system that does not answer.
 */
export async function readLive(question: LiveQuestion): Promise<LiveState> {
  const [cluster, vcenter] = await Promise.all([readCluster(question), readVcenter(question)]);
  return { cluster, vcenter };
}

async function readCluster(question: LiveQuestion): Promise<Read<ClusterLive>> {
  const kinds = kindsOf(question);
  if (kinds.length === 0) {
    return { state: "notNeeded" };
  }
  return readFrom(question.cluster, async (client) => {
    const [uid, ...lists] = await Promise.all([
      client.kubeSystemUid(),
      ...kinds.map((kind) => listKind(client, kind)),
    ]);
    const all = lists.flatMap(({ objects }) => objects);
    return {
      uid,
      objects: new Map(
        all.map((object) => {
          const { apiVersion, kind, metadata } = object;
          return [objectKey(apiVersion, kind, metadata.namespace, metadata.name), object];
        }),
      ),
      absentKinds: new Set(lists.flatMap(({ key, absent }) => (absent ? [key] : []))),
      unreadKinds: new Map(
        lists.flatMap(({ key, unread }) => (unread === undefined ? [] : [[key, unread]])),
      ),
    };
  });
}

interface Listed {
  /** From `kindKey`. */
  readonly key: string;
  readonly objects: readonly ClusterObject[];
  readonly absent: boolean;
  readonly unread?: string;
}

/** One kind that may not be listed, or is not served, leaves the others readable. */
async function listKind(
  client: ClusterClient,
  { apiVersion, kind, namespace }: Kind,
): Promise<Listed> {
  const key = kindKey(apiVersion, kind);
  try {
    return { key, objects: await client.list(apiVersion, kind, { namespace }), absent: false };
  } catch (error) {
    if (error instanceof ClusterError && error.failure === "notServed") {
      return { key, objects: [], absent: true };
    }
    if (error instanceof ClusterError && error.failure === "answer") {
      return { key, objects: [], absent: false, unread: error.message };
    }
    throw error;
  }
}

async function readVcenter(question: LiveQuestion): Promise<Read<VcenterLive>> {
  const { desired, state, site, vcenter } = question;
  const resources = [...desired.registrations, ...state.resources];
  const placed = site.virtualMachines?.nodes.some(
    ({ host, datastores }) => host !== undefined || datastores !== undefined,
  );
  const { images } = site.nodeBackups;
  if (placed !== true && images === undefined && !resources.some(({ type }) => isSnapshot(type))) {
    return { state: "notNeeded" };
  }
  return readFrom(vcenter, async (client) => ({
    instanceUuid: await client.instanceUuid(),
    vms: await client.vms(),
    ...(images?.datastore === undefined
      ? {}
      : { clones: await readNamed(client, "VirtualMachine") }),
  }));
}

function kindsOf({ desired, state, site }: LiveQuestion): Kind[] {
  const resources = [...desired.registrations, ...state.resources];
  const kinds = new Map<string, Kind>();
  for (const { type, inputs } of resources) {
    if (isKubernetes(type)) {
      const { apiVersion, kind, namespace } = referenceFrom(inputs);
      kinds.set(`${kindKey(apiVersion, kind)} ${namespace ?? ""}`, { apiVersion, kind, namespace });
    }
  }
  // What the survival proof stands on, and what tells whether Velero's backups come to their end.
  const beside = [NODE, ...(site.nodeBackups.velero === undefined ? [] : VELERO_KINDS)];
  return kinds.size === 0 ? [] : [...kinds.values(), ...beside];
}
