import { deepStrictEqual } from "node:assert/strict";

import type { ClusterObject } from "../../clients/kubernetes/object";
import { isControlPlaneUnseen, judgeDown } from "../../drift/nodes";
import { type LiveState, objectKey } from "../../drift/types";
import type { Site } from "../../planning/site";
import { linstorSite, THREE_SITES } from "../support/sites";

const now = new Date("2026-11-20T12:00:00Z");

/** Some nodes of a live cluster, and no other object. */
function liveNodes(...nodes: readonly ClusterObject[]): LiveState {
  const objects = new Map(
    nodes.map((node) => [objectKey("v1", "Node", undefined, node.metadata.name), node]),
  );
  const none = { absentKinds: new Set<string>(), unreadKinds: new Map<string, string>() };
  const cluster = { state: "read", value: { uid: "", objects, ...none } } as const;
  return { cluster, vcenter: { state: "notNeeded" } };
}

function node(name: string, status: object, more: object = {}): ClusterObject {
  return { apiVersion: "v1", kind: "Node", metadata: { name, ...more }, status };
}

const ready = (status: string, lastTransitionTime?: string): object => ({
  conditions: [{ type: "Ready", status, lastTransitionTime }],
});

describe("nodes that do not work", () => {
  const site: Site = linstorSite(THREE_SITES);
  const [name = ""] = site.topology.sites[0]?.storageNodes ?? [];
  const told = (...nodes: readonly ClusterObject[]): unknown[] =>
    judgeDown(site, liveNodes(...nodes), now).map(({ kind, object, changes, blocked }) => [
      ...[kind, object, blocked],
      ...changes.map(({ path, from }) => `${path}=${from}`),
    ]);

  const CONDITION = "status.conditions[Ready]";

  for (const [what, status, found] of [
    ["works", ready("True"), []],
    ["is starting", ready("False", "2026-11-20T11:56:00Z"), []],
    ["is silent for long", ready("Unknown", "2026-11-20T11:54:00Z"), [`${CONDITION}=Unknown`]],
    ["is not Ready since nobody knows when", ready("False"), [`${CONDITION}=False`]],
    ["has never said anything", {}, [`${CONDITION}=undefined`]],
  ] as const) {
    it(`is found where one ${what}: ${found.length}`, () => {
      const wanted = found.map((change) => ["differs", `Node ${name}`, undefined, change]);
      deepStrictEqual(told(node(name, status)), wanted);
    });
  }

  it("is found of the control plane, and of no node on which nothing is counted", () => {
    const labels = { "node-role.kubernetes.io/control-plane": "" };
    const lost = ready("Unknown", "2026-11-20T08:00:00Z");
    deepStrictEqual(told(node("cp", lost, { labels }), node("other", lost)), [
      ["differs", "Node cp", undefined, `${CONDITION}=Unknown`],
    ]);
  });

  it("tells a control plane that is not seen from one that is, and from none that is stated", () => {
    const labels = { "node-role.kubernetes.io/control-plane": "" };
    const uncounted: Site = {
      ...site,
      topology: {
        ...site.topology,
        sites: site.topology.sites.map((one) => ({ ...one, controlPlaneNodes: 0 })),
      },
    };
    const worker = node(name, ready("True"));
    deepStrictEqual(
      [
        isControlPlaneUnseen(site, liveNodes(worker)),
        isControlPlaneUnseen(site, liveNodes(worker, node("cp", ready("True"), { labels }))),
        isControlPlaneUnseen(uncounted, liveNodes(worker)),
      ],
      [true, false, false],
    );
  });
});
