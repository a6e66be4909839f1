import { setTimeout as pause } from "node:timers/promises";

import { fieldText, referenceOf, type ClusterObject } from "../../../clients/kubernetes/object";
import { waitFor } from "../../../clients/wait";
import { LAB_NODES, LAB_STORAGE_NODES } from "../../../lab/inventory";
import { PRODUCT_NAMESPACE } from "../../../lab/product/parts";
import type { PointLab } from "./pointLab";
import { liveVolumes } from "./rolledState";
import { setStatus, silentFor, there } from "./tamper";
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

/** A site of which no node has a volume of a part attached. */
export async function idleSite(lab: PointLab, part: string): Promise<string> {
  const [volumes, attachments] = await Promise.all([
    liveVolumes(lab),
    lab.cluster.list("storage.k8s.io/v1", "VolumeAttachment"),
  ]);
  const own = [...volumes].flatMap(([claim, { name }]) => (claim.includes(part) ? [name] : []));
  const used = attachments
    .filter((one) => own.includes(fieldText(one, "spec", "source", "persistentVolumeName")))
    .map((one) => fieldText(one, "spec", "nodeName"));
  const idle = LAB_STORAGE_NODES.find(({ site }) => !used.some((node) => siteOf(node) === site));
  if (idle === undefined) {
    throw new Error(`each site has a volume of ${part} attached`);
  }
  return idle.site;
}

const siteOf = (node: string): string | undefined =>
  LAB_NODES.find(({ name }) => name === node)?.site;

/** Nothing is heard of a site any more: neither of its nodes, nor of the copies on them. @returns how it comes back */
export async function siteDown(lab: PointLab, site: string): Promise<() => Promise<void>> {
  const names = LAB_NODES.filter((node) => node.site === site).map(({ name }) => name);
  const nodes = await Promise.all(
    names.map((name) => there(lab.cluster, { apiVersion: "v1", kind: "Node", name })),
  );
  // As the cluster's watch over nodes, which the lab has not, would taint them.
  const taint = { key: "node.kubernetes.io/unreachable", effect: "NoSchedule" };
  const taints = async (node: ClusterObject, more: readonly object[]): Promise<void> => {
    const { taints: own = [] } = node["spec"] as { readonly taints?: readonly object[] };
    await lab.cluster.modify(referenceOf(node), "test", (live) => ({
      ...live,
      spec: { ...(live["spec"] as object), taints: [...own, ...more] },
    }));
  };
  lab.faults([{ method: "CreateVolume", action: { siteDown: site } }]);
  for (const node of nodes) {
    await setStatus(lab, node, { ...(node["status"] as object), ...silentFor(600) });
    await taints(node, [taint]);
  }
  return async () => {
    lab.faults([]);
    for (const node of nodes) {
      await setStatus(lab, node, node["status"]);
      await taints(node, []);
    }
  };
}
