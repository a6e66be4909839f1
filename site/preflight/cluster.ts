import { readFrom, whyUnread, type Access } from "../../clients/access";
import type { ClusterClient } from "../../clients/kubernetes/client";
import type { DesiredState } from "../../engine/program/desiredState";
import type { SitePlan } from "../../planning/plan";
import { checkBackend } from "./backend";
import { attempt, finding, unreachable, type Finding } from "./finding";
import { checkKinds, checkPermissions } from "./kinds";
import { checkReadyNodes } from "./nodes";
import { checkReplicas } from "./replicas";
import { checkRunningController, checkSnapshotController } from "./snapshotController";

/** Whether the cluster is the one that is meant and has what the plan needs. */
export async function checkCluster(
  access: Access<ClusterClient>,
  plan: SitePlan,
  desired: DesiredState,
  now: Date,
): Promise<Finding[]> {
  const found = await readFrom(access, (client) => check(client, plan, desired, now));
  return found.state === "read"
    ? found.value
    : [unreachable("cluster", whyUnread(found, "The cluster was not opened."))];
}

async function check(
  client: ClusterClient,
  plan: SitePlan,
  desired: DesiredState,
  now: Date,
): Promise<Finding[]> {
  const identity = await attempt("cluster-uid", "", () => checkIdentity(client, plan));
  if (identity.some(({ severity }) => severity === "error")) {
    // Everything else would be said about a cluster that is not meant.
    return identity;
  }
  const checks: readonly (readonly [string, () => Promise<Finding[]>])[] = [
    ["kind-served", () => checkKinds(client, desired)],
    ["backend", () => checkBackend(client, plan)],
    ["permission", () => checkPermissions(client, desired)],
    ["node-ready", () => checkReadyNodes(client, plan)],
    ["volume-copies", () => checkReplicas(client, plan)],
    ["snapshot-controller", () => checkSnapshotController(client, plan, now)],
    ["snapshot-controller", () => checkRunningController(client, plan, now)],
  ];
  const found = await Promise.all(checks.map(([id, run]) => attempt(id, "", run)));
  return [...identity, ...found.flat()];
}

async function checkIdentity(client: ClusterClient, plan: SitePlan): Promise<Finding[]> {
  const { server, context } = client;
  const uid = await client.kubeSystemUid();
  const pinned = plan.site.cluster.clusterUid;
  return pinned === undefined || pinned === uid
    ? []
    : [
        finding("cluster-uid", `cluster of context ${context}`, [
          "error",
          `The cluster at ${server} is another one: its kube-system has the UID ${uid}, the stack file pins ` +
            `cluster.clusterUid ${pinned}.`,
          "Choose the context of the right cluster; if the cluster was rebuilt on purpose, change cluster.clusterUid.",
        ]),
      ];
}
