import { readFrom, whyUnread, type Access } from "../../clients/access";
import type { ClusterClient } from "../../clients/kubernetes/client";
import type { ClusterObject } from "../../clients/kubernetes/object";
import { NODE } from "../../drift/node";
import { compareNodes, notReady } from "../../drift/nodes";
import { observeReplicas } from "../../drift/replicas/observeReplicas";
import { isKubernetes, record, referenceFrom, text } from "../../drift/resources";
import { kindKey } from "../../drift/types";
import type { DesiredState } from "../../engine/program/desiredState";
import type { SitePlan } from "../../planning/plan";
import { NODE_FACTS } from "../../planning/topology";
import { listed } from "../../planning/words";
import { checkBackend, checkTopologyKeys } from "./backend";
import { checkCapacity } from "./capacity";
import { attempt, differenceText, finding, unreachable, type Finding } from "./finding";
import { checkPermissions } from "./rights";
import { checkRunningController, checkSnapshotController } from "./snapshotController";

/** Whether the cluster is the one that is meant and has what the plan needs. */
export async function checkCluster(
  access: Access<ClusterClient>,
  plan: SitePlan,
  desired: DesiredState,
  now: Date,
): Promise<Finding[]> {
  const found = await readFrom(access, async (client) => {
    const checks: readonly (readonly [string, () => Promise<Finding[]>])[] = [
      ["kind-served", () => checkKinds(client, desired)],
      ["driver", () => checkBackend(client, plan)],
      ["topology-keys", () => checkTopologyKeys(client, plan)],
      ["capacity", () => checkCapacity(client, plan)],
      ["permission", () => checkPermissions(client, plan, desired)],
      ["node-ready", async () => readyFindings(plan, await listNodes(client))],
      ["volume-copies", () => checkReplicas(client, plan)],
      ["snapshot-controller", () => checkSnapshotController(client, plan, now)],
      ["snapshot-controller", () => checkRunningController(client, plan, now)],
    ];
    return (await Promise.all(checks.map(([id, run]) => attempt(id, "", run)))).flat();
  });
  return found.state === "read"
    ? found.value
    : [unreachable("cluster", whyUnread(found, "The cluster was not opened."))];
}

/** Every declared kind has to be served in the declared version; snapshot CRDs above all, which no cluster brings. */
export async function checkKinds(client: ClusterClient, desired: DesiredState): Promise<Finding[]> {
  const brought = desired.registrations
    .filter(({ inputs }) => inputs["kind"] === "CustomResourceDefinition")
    .map(({ inputs }) => text(record(record(inputs["spec"])["names"])["kind"]));
  const kinds = desired.registrations
    .filter(({ type }) => isKubernetes(type))
    .map(({ inputs }) => referenceFrom(inputs))
    .map((kind) => [kindKey(kind.apiVersion, kind.kind), kind] as const);
  const found = [...new Map(kinds).values()].map(async ({ apiVersion, kind }) => {
    if (brought.includes(kind) || (await client.resource(apiVersion, kind)) !== undefined) {
      return [];
    }
    const group = apiVersion.split("/")[0] ?? "";
    const versions = await client.servedVersions(group);
    const served =
      versions.length === 0 ? "the group is not served at all" : `it serves ${versions.join(", ")}`;
    return finding("kind-served", `${kind} of ${apiVersion}`, [
      "error",
      `The API server does not serve ${kind} of ${apiVersion}; ${served}.`,
      group.endsWith("snapshot.storage.k8s.io")
        ? "Install the CRDs of external-snapshotter and its snapshot-controller, 8.4 or newer for groups, or set snapshots.installController: true, or (for groups) snapshots.group: never."
        : "Install what brings this kind, or correct the backend in the stack file.",
    ]);
  });
  return (await Promise.all(found)).flat();
}

function listNodes(client: ClusterClient): Promise<ClusterObject[]> {
  return client.list(NODE.apiVersion, NODE.kind);
}

/** Nodes that do not work are a warning. */
function readyFindings({ site }: SitePlan, nodes: readonly ClusterObject[]): Finding[] {
  const idle = notReady(site, nodes).map(({ metadata }) => metadata.name);
  return idle.length === 0
    ? []
    : [
        finding("node-ready", "nodes", [
          "warning",
          `Not Ready or out of service: ${listed(idle.sort())}.`,
        ]),
      ];
}

/**
 * The same, and whether the nodes are what survival proof and VM snapshots go by: a difference refuses a take, unless
 * somebody answers for it by a waiver.
 */
export async function checkNodesForTake(client: ClusterClient, plan: SitePlan): Promise<Finding[]> {
  const nodes = await listNodes(client);
  const differences = compareNodes(plan.site, nodes).map((one) =>
    finding(NODE_FACTS, one.object, [
      one.blocked === true ? "error" : "warning",
      differenceText(one),
      `Where it is meant so, waive rule ${NODE_FACTS} for subject ${one.object}.`,
    ]),
  );
  return [...differences, ...readyFindings(plan, nodes)];
}

/**
 * Volumes that have not all their copies, up to date and where they belong. A warning and no more, also where it is
 * unknown: a deployment changes no volume, and to stop it would leave the volume as it is. A backend that is not asked is
 * named by what is read back, not at each run.
 */
async function checkReplicas(client: ClusterClient, plan: SitePlan): Promise<Finding[]> {
  const check = "volume-copies";
  const replicas = await observeReplicas(plan, { state: "open", client });
  switch (replicas.state) {
    case "notObserved":
      return [];
    case "unknown":
      return [
        finding(check, "copies of volumes", [
          "warning",
          `How many copies the volumes have is unknown. ${replicas.why}`,
          "See that the storage backend answers, and look at its volumes with its own tools.",
        ]),
      ];
    case "observed":
      return replicas.volumes
        .filter(({ problems }) => problems.length > 0)
        .map(({ volume, claim, problems }) => {
          const of = claim === undefined ? "" : ` (claim ${claim})`;
          const told = problems.map(({ kind, message }) =>
            kind === "unknown" ? `Unknown: ${message}` : message,
          );
          return finding(check, `PersistentVolume ${volume}${of}`, [
            "warning",
            told.join(" "),
            "Wait until its copies are whole before the next restore point or the next patching; if they do not become so, look with the backend's own tools.",
          ]);
        });
  }
}
