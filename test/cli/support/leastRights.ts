import { readFileSync, writeFileSync } from "node:fs";

import type { ClusterClient } from "../../../clients/kubernetes/client";
import { referenceOf } from "../../../clients/kubernetes/object";
import { parseSite } from "../../../config/parseSite";
import { readConfiguration } from "../../../config/readConfiguration";
import { labPaths } from "../../../lab/paths";
import { planSite } from "../../../planning";
import type { SitePlan } from "../../../planning/plan";
import { rolesOf } from "../../../site/preflight/rights";

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
  const file = labPaths(root).kubeconfig;
  const config = JSON.parse(readFileSync(file, "utf8")) as {
    readonly users: readonly { readonly user: { as?: string } }[];
  };
  config.users.forEach(({ user }) => (user.as = OPERATOR));
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
