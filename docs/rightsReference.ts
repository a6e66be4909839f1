import { RIGHTS, type Right } from "../clients/kubernetes/rights";
import {
  CLONE_PRIVILEGES,
  IMAGE_PRIVILEGES,
  LOOK_PRIVILEGES,
  REVERT_PRIVILEGES,
  SNAPSHOT_PRIVILEGES,
} from "../clients/vcenter/client";
import type { SitePlan } from "../planning/plan";
import { siteRights } from "../site/preflight/rights";
import { markdownTable } from "./markdownTable";

/** The page of the rights that the commands need, from the table that preflight asks by. */
export function rightsPage(plans: readonly SitePlan[]): string {
  return [
    "# Rights",
    "",
    "Made from `clients/kubernetes/rights.ts` and `clients/vcenter/client.ts` by `node dist/docs/generate.js`; edit there.",
    "",
    "The lab tests of the commands run as a user with these rights and no others.",
    "",
    "## In the cluster",
    "",
    "```sh",
    "./atom rights --stack S --user NAME > roles.yaml   # look at it",
    "kubectl apply -f roles.yaml",
    "```",
    "",
    "`./atom render --unattended` writes those of `drift` alone, for an account of the cluster, and the roles in vCenter:",
    "[run it unattended](../how-to/run-unattended.md). To them come LISTs of all kinds that the stack declares.",
    "",
    "Make the namespaces first. `deploy` is `up`, `preview`, `adopt` and `down`; every command asks for its own rights",
    "before it changes anything, and names those that are missing.",
    "",
    ...table(RIGHTS),
    "",
    "Kinds of the product's own that may not be listed are recorded as unread. With `snapshots.installController: true`",
    "the first `./atom up` also makes CRDs, a Deployment and the roles of the controller: let a cluster administrator run",
    "it. Whoever may create Jobs in `cluster.namespace` may mount folders of the nodes there unless Pod Security forbids",
    "it; snapshots of etcd need that.",
    "",
    ...plans.flatMap((plan) => {
      const more = siteRights(plan).slice(RIGHTS.length);
      const title = `### Besides, for stack \`${plan.site.stack}\` (\`${plan.site.backend}\`)`;
      return more.length === 0 ? [] : [title, "", ...table(more), ""];
    }),
    "## In vCenter",
    "",
    `\`${LOOK_PRIVILEGES.join("`, `")}\` on the node VMs, their hosts and datastores, which is the role Read-only and all that`,
    "`drift` needs; and on the node VMs:",
    "",
    ...SNAPSHOT_PRIVILEGES.map((privilege) => `- \`${privilege}\``),
    ...REVERT_PRIVILEGES.map((privilege) => `- \`${privilege}\`, for \`rollback --vms\` alone`),
    ...IMAGE_PRIVILEGES.map((privilege) => `- \`${privilege}\`, for images that the program makes`),
    "",
    "Besides, for such images and `restore-node`, on that folder, the datastores of VMs and images, resource pools and networks:",
    "",
    ...CLONE_PRIVILEGES.map((privilege) => `- \`${privilege}\``),
    "",
  ].join("\n");
}

function table(rights: readonly Right[]): string[] {
  return markdownTable(
    ["Where", "API group", "Resources", "Verbs", "For"],
    rights.map(({ place, group, resources, verbs, uses }) => [
      typeof place === "object" ? `\`${place.namespace}\`` : PLACES[place],
      group === "" ? "core" : `\`${group}\``,
      resources.join(", "),
      verbs.join(", "),
      uses.join(", "),
    ]),
  );
}

const PLACES = {
  cluster: "cluster",
  own: "`cluster.namespace`",
  product: "`product.namespaces`",
};
