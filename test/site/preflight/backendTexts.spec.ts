import { deepStrictEqual } from "node:assert/strict";

import type { ClusterClient } from "../../../clients/kubernetes/client";
import type { ClusterObject } from "../../../clients/kubernetes/object";
import { parseSite } from "../../../config/parseSite";
import { readConfiguration } from "../../../config/readConfiguration";
import { checkBackend } from "../../../site/preflight/backend";
import { checkKinds } from "../../../site/preflight/cluster";
import { planSite } from "../../../planning";
import { desiredOf, registration } from "../../drift/fixtures";
import { apiDouble } from "./ruleFacts";

async function found(stack: string, client: ClusterClient): Promise<unknown[]> {
  const findings = await checkBackend(client, planSite(parseSite(readConfiguration(stack).raw)));
  return findings
    .filter(({ check }) => !check.startsWith("site-label-"))
    .map(({ object, message }) => [object, message]);
}

const nodes = ["atom-a-1", "atom-a-2", "atom-b-1", "atom-b-2"];

describe("a kind that nothing brings", () => {
  it("is refused with what to do", async () => {
    const declared = registration("kubernetes:ceph.rook.io/v1:CephBlockPool", "pool", {
      apiVersion: "ceph.rook.io/v1",
      kind: "CephBlockPool",
      metadata: { name: "pool" },
    });
    deepStrictEqual(await checkKinds(apiDouble([], []), desiredOf([declared])), [
      {
        severity: "error",
        check: "kind-served",
        object: "CephBlockPool of ceph.rook.io/v1",
        message:
          "The API server does not serve CephBlockPool of ceph.rook.io/v1; the group is not served at all.",
        remedy: "Install what brings this kind, or correct the backend in the stack file.",
      },
    ]);
  });
});

describe("what a backend lacks in a cluster, in full", () => {
  it("of an empty one: driver, kinds and nodes", async () => {
    deepStrictEqual(await found("model-mayastor", apiDouble([], [])), [
      [
        "CSIDriver io.openebs.csi-mayastor",
        "the Mayastor CSI driver is installed: CSIDriver io.openebs.csi-mayastor is not there.",
      ],
      ...nodes.map((name) => [
        `node ${name}`,
        `the storage nodes run Mayastor's io-engine: node ${name} is not in the cluster.`,
      ]),
      [
        "NodeHealthCheck atom-nodes",
        "the NodeHealthCheck atom-nodes is there: the API server does not serve NodeHealthCheck of remediation.medik8s.io/v1alpha1.",
      ],
    ]);
  });

  it("of one with a CRD of another version", async () => {
    const crd: ClusterObject = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "volumeplacementstrategies.portworx.io" },
      spec: {
        versions: [
          { name: "v1alpha1", served: true },
          { name: "v1beta2", served: false },
        ],
      },
    };
    const seen = (await found("model-portworx", apiDouble([crd], []))) as string[][];
    deepStrictEqual(
      seen.filter(([object]) => object === "CRD volumeplacementstrategies.portworx.io"),
      [
        [
          "CRD volumeplacementstrategies.portworx.io",
          "placement strategies can be declared: CRD volumeplacementstrategies.portworx.io serves v1alpha1, v1beta2 is needed.",
        ],
      ],
    );
  });
});
