import { setTimeout as pause } from "node:timers/promises";

import { waitFor } from "../../../clients/wait";
import { PRODUCT_NAMESPACE } from "../../../lab/product/parts";
import type { PointLab } from "./pointLab";
import { definition } from "./vendorKinds";

const SET = { apiVersion: "apps/v1", kind: "StatefulSet", namespace: PRODUCT_NAMESPACE } as const;
const argo = {
  group: "argoproj.io",
  version: "v1alpha1",
  kind: "Application",
  plural: "applications",
  scope: "Namespaced",
  schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
} as const;
const APPLICATION = { apiVersion: "argoproj.io/v1alpha1", kind: argo.kind, namespace: "default" };

/** Something that sets the replicas of a StatefulSet back whenever they differ, unless it is paused as Argo CD is. */
export interface GitOps {
  /** How often it set them back. */
  readonly setBack: () => number;
  /** Whether it is told to leave the workload alone. */
  readonly isPaused: () => Promise<boolean>;
  readonly end: () => Promise<void>;
}

/** Plays Argo CD for one StatefulSet of the product. */
export async function gitOps(
  { cluster }: PointLab,
  name: string,
  replicas: number,
): Promise<GitOps> {
  const crd = definition(argo);
  const reference = { ...APPLICATION, name: "product" };
  await cluster.create(crd, "test");
  const made = async (): Promise<true | undefined> => {
    const { apiVersion, kind, namespace } = APPLICATION;
    const resources = [{ kind: SET.kind, namespace: SET.namespace, name }];
    return cluster
      .create(
        {
          ...{ apiVersion, kind, metadata: { namespace, name: "product" } },
          spec: { syncPolicy: { automated: { selfHeal: true } } },
          status: { resources },
        },
        "test",
      )
      .then(
        () => true as const,
        () => undefined,
      );
  };
  await waitFor(made, { timeoutMs: 60_000, pauseMs: 100 });
  const isPaused = async (): Promise<boolean> => {
    const live = await cluster.get(reference);
    return live?.metadata.annotations?.["argocd.argoproj.io/skip-reconcile"] === "true";
  };
  let [count, isOver] = [0, false];
  const work = (async () => {
    while (!isOver) {
      if (!(await isPaused())) {
        await cluster.modify({ ...SET, name }, "argocd", (live) => {
          const spec = live["spec"] as { readonly replicas?: number };
          count += spec.replicas === replicas ? 0 : 1;
          return spec.replicas === replicas ? live : { ...live, spec: { ...spec, replicas } };
        });
      }
      await pause(100);
    }
  })();
  return {
    setBack: () => count,
    isPaused,
    end: async () => {
      isOver = true;
      await work;
      await cluster.delete({ ...crd, name: crd.metadata.name }, undefined);
    },
  };
}
