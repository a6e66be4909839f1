import type { ClusterClient } from "../../clients/kubernetes/client";
import { ClusterError } from "../../clients/kubernetes/error";
import type { DesiredState } from "../../engine/program/desiredState";
import type { SitePlan } from "../../planning/plan";
import type { Access } from "../../clients/access";
import { checkBackend } from "./backend";
import { checkReplicas } from "./replicas";
import type { Finding } from "./finding";
import { checkKinds } from "./kinds";
import { checkReadyNodes } from "./nodes";
import { checkPermissions } from "./permissions";
import { checkRunningController } from "./runningController";
import { checkSnapshotController } from "./snapshotController";

/** Whether the cluster is the one that is meant and has what the plan needs. */
export async function checkCluster(
  access: Access<ClusterClient>,
  plan: SitePlan,
  desired: DesiredState,
  now: Date,
): Promise<Finding[]> {
  if (access.state !== "open") {
    const why = access.state === "unknown" ? access.why : "The cluster was not opened.";
    return [unreachable(why)];
  }
  const { client } = access;
  try {
    const identity = await attempt("cluster-uid", () => checkIdentity(client, plan));
    if (identity.some(({ severity }) => severity === "error")) {
      // Everything else would be said about a cluster that is not meant.
      return identity;
    }
    const checks = [
      attempt("kind-served", () => checkKinds(client, desired)),
      attempt("backend", () => checkBackend(client, plan)),
      attempt("permission", () => checkPermissions(client, desired)),
      attempt("node-ready", () => checkReadyNodes(client, plan)),
      attempt("volume-copies", () => checkReplicas(client, plan)),
      attempt("snapshot-controller", () => checkSnapshotController(client, plan, now)),
      attempt("snapshot-controller", () => checkRunningController(client, plan, now)),
    ];
    return [...identity, ...(await Promise.all(checks)).flat()];
  } catch (error) {
    if (error instanceof ClusterError) {
      return [unreachable(error.message)];
    }
    throw error;
  }
}

/** A question that the API server refuses to answer leaves the others; its silence ends them all. */
async function attempt(check: string, run: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ClusterError && error.failure !== "unreachable") {
      return [{ severity: "unknown", check, object: "cluster", message: error.message }];
    }
    throw error;
  }
}

async function checkIdentity(client: ClusterClient, plan: SitePlan): Promise<Finding[]> {
  const uid = await client.kubeSystemUid();
  const pinned = plan.site.cluster.clusterUid;
  return pinned === undefined || pinned === uid ? [] : [otherCluster(client, pinned, uid)];
}

function unreachable(why: string): Finding {
  return {
    severity: "unknown",
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
