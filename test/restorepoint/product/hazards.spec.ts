import { deepEqual } from "node:assert/strict";

import type { ClusterObject } from "../../../clients/kubernetes/object";
import { judgeStop } from "../../../restorepoint/product/hazards";

const object = (
  apiVersion: string,
  kind: string,
  name: string,
  fields: { readonly metadata?: object; readonly spec?: object; readonly status?: object } = {},
): ClusterObject => ({
  apiVersion,
  kind,
  ...fields,
  metadata: { name, namespace: "atom", ...fields.metadata },
});

const flux = "kustomize.toolkit.fluxcd.io";
const set = object("apps/v1", "StatefulSet", "db", {
  metadata: { labels: { [`${flux}/name`]: "product", [`${flux}/namespace`]: "atom" } },
});
const kustomization = object(`${flux}/v1`, "Kustomization", "product");
const application = object("argoproj.io/v1alpha1", "Application", "product", {
  spec: { syncPolicy: { automated: { selfHeal: true } } },
  status: { resources: [{ kind: "StatefulSet", namespace: "atom", name: "db" }] },
});
const scaled = object("keda.sh/v1alpha1", "ScaledObject", "queue", {
  spec: { scaleTargetRef: { kind: "StatefulSet", name: "db" } },
});
const owned = object("apps/v1", "StatefulSet", "db", {
  metadata: { ownerReferences: [{ kind: "Postgresql", name: "inventory", controller: true }] },
});

const rows: readonly (readonly [
  string,
  readonly ClusterObject[],
  readonly ClusterObject[],
  readonly string[],
])[] = [
  ["nothing keeps it", [set], [], []],
  ["Flux", [set], [kustomization], ["Kustomization atom/product"]],
  ["Flux, suspended", [set], [{ ...kustomization, spec: { suspend: true } }], []],
  ["Argo CD", [set], [application], ["Application atom/product"]],
  ["Argo CD without self-heal", [set], [{ ...application, spec: {} }], []],
  ["Argo CD of others", [set], [{ ...application, status: {} }], []],
  ["KEDA", [set], [scaled], ["ScaledObject atom/queue"]],
  [
    "KEDA, paused",
    [set],
    [
      {
        ...scaled,
        metadata: { ...scaled.metadata, annotations: { "autoscaling.keda.sh/paused": "true" } },
      },
    ],
    [],
  ],
  ["an operator", [owned], [], ["the operator of Postgresql inventory"]],
];

describe("what would start a stopped product", () => {
  for (const [title, workloads, keepers, expected] of rows) {
    it(`is told: ${title}`, () => {
      const found = judgeStop({ workloads, claims: [], keepers });
      deepEqual(
        found.map(({ rule, subject, text }) => [
          rule,
          subject,
          /as it is by (.+), which/.exec(text)?.[1],
        ]),
        expected.map((keeper) => ["scaled-back", "atom/db", keeper]),
      );
    });
  }

  it("is no way to lose a claim that only waits for its last pod, which nobody waives", () => {
    const metadata = { deletionTimestamp: "2026-11-28T06:00:00Z" };
    const claims = [object("v1", "PersistentVolumeClaim", "data", { metadata })];
    const found = judgeStop({ workloads: [], claims, keepers: [] });
    deepEqual(
      found.map(({ rule, subject }) => [rule, subject]),
      [[undefined, "atom/data"]],
    );
  });
});
