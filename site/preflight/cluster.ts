import { readFrom, whyUnread, type Access } from "../../clients/access";
import type { ClusterClient } from "../../clients/kubernetes/client";
import type { DesiredState } from "../../engine/program/desiredState";
import type { SitePlan } from "../../planning/plan";
import { checkBackend } from "./backend";
import { attempt, unreachable, type Finding } from "./finding";
import { checkKinds } from "./kinds";
import { checkReadyNodes } from "./nodes";
import { checkReplicas } from "./replicas";
import { checkPermissions } from "./rights";
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
  const checks: readonly (readonly [string, () => Promise<Finding[]>])[] = [
    ["kind-served", () => checkKinds(client, desired)],
    ["backend", () => checkBackend(client, plan)],
    ["permission", () => checkPermissions(client, plan, desired)],
    ["node-ready", () => checkReadyNodes(client, plan)],
    ["volume-copies", () => checkReplicas(client, plan)],
    ["snapshot-controller", () => checkSnapshotController(client, plan, now)],
    ["snapshot-controller", () => checkRunningController(client, plan, now)],
  ];
  const found = await Promise.all(checks.map(([id, run]) => attempt(id, "", run)));
  return found.flat();
}
