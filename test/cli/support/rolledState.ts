import { equal } from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { field, fieldText } from "../../../clients/kubernetes/object";
import { waitFor } from "../../../clients/wait";
import { withLabApi } from "../../../lab/access";
import { installProduct } from "../../../lab/product/install";
import { writeProductBytes } from "../../../lab/product/bytes";
import {
  FIRST_RELEASE,
  PRODUCT_CLAIMS,
  PRODUCT_GROUP,
  PRODUCT_NAMESPACE,
} from "../../../lab/product/parts";
import { collectRelease } from "../../../restorepoint/release/collect";
import { contents } from "../../lab/support/objects";
import { OPERATOR } from "./leastRights";
import type { PointLab } from "./pointLab";
import { FROZEN_MARK } from "./wholePoint";

const namespace = PRODUCT_NAMESPACE;

/** Configuration of a part, for tests that change it. */
export const inventoryMap = { apiVersion: "v1", kind: "ConfigMap", namespace, name: "inventory" };

export type RolledState = Readonly<
  Record<"objects" | "secrets" | "helm" | "images" | "bytes", unknown>
>;

/** All that a rollback has to bring back: every object with its replicas and images, Secrets by digest, and every byte. */
export async function rolledState(lab: PointLab): Promise<RolledState> {
  const { release } = await collectRelease(lab.cluster, {
    namespaces: [namespace],
    helmReleases: undefined,
  });
  const { objects, secrets, helm, images } = release;
  const folders = await liveFolders(lab);
  return {
    objects,
    secrets,
    helm,
    images,
    bytes: Object.fromEntries(
      [...folders].map(([claim, replicas]) => [claim, replicas.map((folder) => contents(folder))]),
    ),
  };
}

/** Folders of the copies of the volume that each claim of the product has now. */
export async function liveFolders(lab: PointLab): Promise<ReadonlyMap<string, readonly string[]>> {
  const volumes = await liveVolumes(lab);
  return new Map(
    PRODUCT_CLAIMS.map(({ claim }) => {
      const { handle = "" } = volumes.get(claim) ?? {};
      const file = join(lab.storage, "volumes", `${handle}.json`);
      const { replicas } = JSON.parse(readFileSync(file, "utf8")) as {
        readonly replicas: readonly { readonly node: string }[];
      };
      return [
        claim,
        replicas.map(({ node }) => join(lab.storage, "nodes", node, "volumes", handle)),
      ];
    }),
  );
}

/** The same without what the lab's hook leaves in a volume that is taken frozen, which is no part of the product. */
export async function thawedState(lab: PointLab): Promise<unknown> {
  const thawed = (key: string, value: unknown) => (key === FROZEN_MARK ? undefined : value);
  return JSON.parse(JSON.stringify(await rolledState(lab), thawed));
}

/** Name and handle of the volume of each claim. */
export async function liveVolumes(
  lab: PointLab,
): Promise<ReadonlyMap<string, { readonly name: string; readonly handle: string }>> {
  const [claims, volumes] = await Promise.all([
    lab.cluster.list("v1", "PersistentVolumeClaim", { namespace }),
    lab.cluster.list("v1", "PersistentVolume"),
  ]);
  const handles = new Map(
    volumes.map((one) => [one.metadata.name, fieldText(one, "spec", "csi", "volumeHandle")]),
  );
  return new Map(
    claims.map((one) => {
      const name = fieldText(one, "spec", "volumeName");
      return [one.metadata.name, { name, handle: handles.get(name) ?? "" }];
    }),
  );
}

/** Installs releases one after the other, each a revision of Helm's, and writes new bytes into all volumes. */
export async function upgrade(lab: PointLab, history: readonly string[]): Promise<void> {
  await withLabApi(lab.root, async (api) => {
    await installProduct(api, { history });
    await writeProductBytes(api, { kibibytes: 8 });
  });
}

const ownKinds = { apiVersion: "rbac.authorization.k8s.io/v1", name: "test-product-kinds" };

/** Lets the operator's user read and write the product's own kinds, which the published roles cannot know. */
export async function grantOwnKinds({ cluster }: PointLab): Promise<void> {
  const { apiVersion, name } = ownKinds;
  const rules = [{ apiGroups: [PRODUCT_GROUP], resources: ["*"], verbs: ["*"] }];
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name };
  const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: OPERATOR }];
  const metadata = { name };
  const force = { force: true };
  await cluster.apply({ apiVersion, kind: "ClusterRole", metadata, rules }, "test", force);
  const binding = { apiVersion, kind: "ClusterRoleBinding", metadata, roleRef, subjects };
  await cluster.apply(binding, "test", force);
}

export async function revokeOwnKinds({ cluster }: PointLab): Promise<void> {
  for (const kind of ["ClusterRoleBinding", "ClusterRole"]) {
    await cluster.delete({ ...ownKinds, kind }, undefined);
  }
}

/** Makes the product what it was installed as, whatever a test has changed; on the volumes that it has. */
export async function resetProduct(lab: PointLab): Promise<void> {
  await lab.cluster.modify(inventoryMap, "test", (live) => ({ ...live, data: {} }));
  const secret = { apiVersion: "v1", kind: "Secret", name: "sh.helm.release.v1.atom.v2" };
  await lab.cluster.delete({ ...secret, namespace }, undefined);
  await upgrade(lab, [FIRST_RELEASE]);
}

/** Waits until a workload runs what its specification says, and nothing else. */
export async function rolled({ cluster }: PointLab, kind: string, name: string): Promise<void> {
  const done = async (): Promise<true | undefined> => {
    const live = await cluster.get({ apiVersion: "apps/v1", kind, namespace, name });
    if (live === undefined) {
      return undefined;
    }
    const wanted = field(live, "spec", "replicas");
    const numbers = ["replicas", "updatedReplicas", "readyReplicas"];
    const current =
      field(live, "status", "observedGeneration") === field(live, "metadata", "generation");
    return current && numbers.every((one) => field(live, "status", one) === wanted)
      ? true
      : undefined;
  };
  equal(await waitFor(done, { timeoutMs: 120_000, pauseMs: 100 }), true, `${kind} ${name}`);
}

/** Deletes a file of each volume of a part, default all, changes another and makes one. */
export async function damage(lab: PointLab, text: string, part = ""): Promise<void> {
  for (const [claim, folders] of await liveFolders(lab)) {
    for (const folder of claim.includes(part) ? folders : []) {
      rmSync(join(folder, "tables", "one"), { force: true });
      writeFileSync(join(folder, "tables", "two"), text);
      writeFileSync(join(folder, `made-${text}`), text);
    }
  }
}
