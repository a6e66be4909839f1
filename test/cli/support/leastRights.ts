import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { ClusterClient } from "../../../clients/kubernetes/client";
import type { ClusterObject } from "../../../clients/kubernetes/object";
import { loadEndpoint } from "../../../clients/kubernetes/connect";
import { Transport } from "../../../clients/kubernetes/transport";
import { parseSite } from "../../../config/parseSite";
import { readConfiguration } from "../../../config/readConfiguration";
import { labPaths } from "../../../lab/paths";
import { planSite } from "../../../planning";
import { LOOKER, lookerOf, rolesOf } from "../../../site/preflight/rights";
import { collectDesired } from "../../../site/up/reading";
import type { SitePlan } from "../../../planning/plan";

/** The user that commands run as. */
export const OPERATOR = "operator";

/**
 * From now on the commands of a checkout run on its lab as a user who has the rights that `./atom rights` prints, and no
 * others: a call that the table lacks is refused.
 *
 * @param cluster an administrator's client
 * @param place of the stack file
 */
export async function leastRights(
  root: string,
  cluster: ClusterClient,
  place: { readonly root: string; readonly file?: string } = { root },
): Promise<void> {
  const plan = planOf(place);
  const { cluster: own, product } = plan.site;
  await applied(cluster, [
    ...[own.namespace, ...product.namespaces].map(namespaceOf),
    ...rolesOf(plan, OPERATOR),
  ]);
  changeUsers(labPaths(root).kubeconfig, (user) => ({ ...user, as: OPERATOR }));
}

/**
 * A kubeconfig beside the lab's own, with a token of the account that the generated CronJob of `drift` runs as: it has the
 * rights that `./atom render --unattended` writes, and no others.
 *
 * @param cluster an administrator's client
 * @returns path of the file
 */
export async function lookerKubeconfig(root: string, cluster: ClusterClient): Promise<string> {
  const { raw } = readConfiguration("lab", { root });
  const plan = planSite(parseSite(raw));
  await applied(cluster, [
    namespaceOf(plan.site.cluster.namespace),
    ...lookerOf(plan, await collectDesired(root, raw)),
  ]);
  const token = await tokenOf(root);
  const file = join(root, "looker.kubeconfig");
  copyFileSync(labPaths(root).kubeconfig, file);
  changeUsers(file, () => ({ token }));
  return file;
}

function namespaceOf(name: string): ClusterObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

async function applied(cluster: ClusterClient, objects: readonly ClusterObject[]): Promise<void> {
  for (const object of objects) {
    await cluster.apply(object, "test", { force: true });
  }
}

/** With the lab's own credentials, which are an administrator's where they act as nobody else. */
async function tokenOf(root: string): Promise<string> {
  const admin = join(root, "administrator.kubeconfig");
  copyFileSync(labPaths(root).kubeconfig, admin);
  changeUsers(admin, ({ as: _, ...user }) => user);
  const transport = new Transport(await loadEndpoint({ kubeconfig: admin }));
  const { status } = (await transport.send({
    method: "POST",
    path: `/api/v1/namespaces/atom-backup/serviceaccounts/${LOOKER}/token`,
    body: {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds: 86_400 },
    },
    action: "Asking for a token",
    timeoutMs: 10_000,
  })) as { readonly status: { readonly token: string } };
  transport.close();
  return status.token;
}

/** Runs commands of a checkout with another kubeconfig for its lab. */
export async function withKubeconfig<T>(
  root: string,
  file: string,
  work: () => Promise<T>,
): Promise<T> {
  const { kubeconfig } = labPaths(root);
  const before = readFileSync(kubeconfig);
  copyFileSync(file, kubeconfig);
  try {
    return await work();
  } finally {
    writeFileSync(kubeconfig, before);
  }
}

type User = Readonly<Record<string, unknown>>;

function changeUsers(file: string, change: (user: User) => User): void {
  const config = JSON.parse(readFileSync(file, "utf8")) as { readonly users: { user: User }[] };
  config.users.forEach((one) => (one.user = change(one.user)));
  writeFileSync(file, JSON.stringify(config));
}

function planOf(place: Parameters<typeof readConfiguration>[1]): SitePlan {
  return planSite(parseSite(readConfiguration("lab", place).raw));
}
