import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { ClusterClient } from "../../../clients/kubernetes/client";
import { loadEndpoint } from "../../../clients/kubernetes/connect";
import { Transport } from "../../../clients/kubernetes/transport";
import { referenceOf } from "../../../clients/kubernetes/object";
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
  const force = { force: true };
  for (const name of [own.namespace, ...product.namespaces]) {
    await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } }, "test", force);
  }
  for (const role of rolesOf(plan, OPERATOR)) {
    await cluster.apply(role, "test", force);
  }
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
  for (const object of lookerOf(planSite(parseSite(raw)), await collectDesired(root, raw))) {
    await cluster.apply(object, "test", { force: true });
  }
  const token = await tokenOf(root);
  const file = join(root, "looker.kubeconfig");
  copyFileSync(labPaths(root).kubeconfig, file);
  changeUsers(file, () => ({ token }));
  return file;
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
    body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} },
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

/** Takes the user's rights away again, not the user out of the kubeconfig. */
export async function takeRightsBack(root: string, cluster: ClusterClient): Promise<void> {
  for (const role of rolesOf(planOf({ root }), OPERATOR)) {
    await cluster.delete(referenceOf(role), undefined);
  }
}

function planOf(place: Parameters<typeof readConfiguration>[1]): SitePlan {
  return planSite(parseSite(readConfiguration("lab", place).raw));
}
