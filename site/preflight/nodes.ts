import type { ClusterClient } from "../../clients/kubernetes/client";
import type { ClusterObject } from "../../clients/kubernetes/object";
import { NODE } from "../../drift/node";
import { compareNodes, notReady } from "../../drift/nodes";
import type { SitePlan } from "../../planning/plan";
import { NODE_FACTS } from "../../planning/topology";
import type { Finding as Difference } from "../../drift/types";
import { finding, type Finding } from "./finding";

/** Nodes that do not work are a warning. */
export async function checkReadyNodes(client: ClusterClient, plan: SitePlan): Promise<Finding[]> {
  return readyFindings(plan, await client.list(NODE.apiVersion, NODE.kind));
}

/**
 * The same, and whether the nodes are what survival proof and VM snapshots go by: a difference refuses a take, unless
 * somebody answers for it by a waiver.
 */
export async function checkNodesForTake(client: ClusterClient, plan: SitePlan): Promise<Finding[]> {
  const nodes = await client.list(NODE.apiVersion, NODE.kind);
  return [...compareNodes(plan.site, nodes).map(refusal), ...readyFindings(plan, nodes)];
}

function refusal({ object, changes, reason, blocked }: Difference): Finding {
  const fields = changes.map(
    ({ path, from, to }) =>
      `${path} is ${JSON.stringify(from ?? null)} and not ${JSON.stringify(to)}`,
  );
  return finding(NODE_FACTS, object, [
    blocked === true ? "error" : "warning",
    [fields.join(", "), reason].filter((text) => text !== "").join(". "),
    `Where it is meant so, waive rule ${NODE_FACTS} for subject ${object}.`,
  ]);
}

function readyFindings({ site }: SitePlan, nodes: readonly ClusterObject[]): Finding[] {
  const idle = notReady(site.topology, nodes);
  return idle.length === 0
    ? []
    : [
        finding("node-ready", "nodes", [
          "warning",
          `Not Ready or out of service: ${idle.join(", ")}.`,
        ]),
      ];
}
