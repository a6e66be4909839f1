import type { ClusterClient } from "../../cluster/client";
import { ClusterError } from "../../cluster/error";
import type { DesiredState } from "../../host/desiredState";
import type { SitePlan } from "../../planning/plan";
import type { Access } from "../access";
import { checkBackend } from "./backend";
import { checkDefaultClass } from "./defaultClass";
import type { Finding } from "./finding";
import { checkKinds } from "./kinds";
import { checkPermissions } from "./permissions";

/** Whether the cluster is the one that is meant and has what the plan needs. */
export async function checkCluster(
  access: Access<ClusterClient>,
  plan: SitePlan,
  desired: DesiredState,
): Promise<Finding[]> {
  if (access.state !== "open") {
    const why = access.state === "cannotTell" ? access.why : "The cluster was not opened.";
    return [unreachable(why)];
  }
  const { client } = access;
  try {
    const uid = await client.kubeSystemUid();
    const pinned = plan.site.cluster.clusterUid;
    if (pinned !== undefined && pinned !== uid) {
      // Everything else would be said about a cluster that is not meant.
      return [otherCluster(client, pinned, uid)];
    }
    const checks = [
      checkKinds(client, desired),
      checkBackend(client, plan),
      checkPermissions(client, desired),
      checkDefaultClass(client, plan),
    ];
    return (await Promise.all(checks)).flat();
  } catch (error) {
    if (error instanceof ClusterError) {
      return [unreachable(error.message)];
    }
    throw error;
  }
}

function unreachable(why: string): Finding {
  return {
    severity: "cannotTell",
    check: "cluster-reachable",
    object: "cluster",
    message: why,
    remedy: "Nothing was changed; see that the API server answers, then run the command again.",
  };
}

function otherCluster({ server, context }: ClusterClient, pinned: string, uid: string): Finding {
  return {
    severity: "error",
    check: "cluster-uid",
    object: `cluster of context ${context}`,
    message:
      `The cluster at ${server} is another one: its kube-system has the UID ${uid}, the stack file pins ` +
      `cluster.clusterUid ${pinned}.`,
    remedy:
      "Choose the context of the right cluster; if the cluster was rebuilt on purpose, change cluster.clusterUid.",
  };
}
