import { deepStrictEqual, equal, match } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { connectCluster } from "../../clients/kubernetes/connect";
import type { ClusterObject } from "../../clients/kubernetes/object";
import { labPaths } from "../../lab/paths";
import { onPointLab, type PointLab } from "./support/pointLab";

const ROLE = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "Role",
  namespace: "atom-backup",
  name: "atom-backup",
};

/** The specs beside this one run create, verify and expire with the published rights; here is what that means. */
describe("what the commands may do, and on which cluster", () => {
  let lab: PointLab;

  onPointLab({}, (shared) => (lab = shared));

  it("the commands of the lab tests run as a user who may do what is published, and nothing else", async () => {
    const client = await connectCluster({ kubeconfig: labPaths(lab.root).kubeconfig });
    const may = (verb: string, group: string, resource: string, namespace?: string) =>
      client.mayI({ verb, group, resource, namespace });
    const answers = await Promise.all([
      may("list", "", "secrets", "atom"),
      may("list", "", "secrets"),
      may("update", "", "secrets", "kube-system"),
      may("delete", "", "persistentvolumeclaims", "kube-system"),
      may("delete", "", "persistentvolumes"),
      may("create", "", "pods", "atom"),
      may("create", "rbac.authorization.k8s.io", "clusterrolebindings"),
    ]);
    await client.close();
    deepStrictEqual(answers, [true, false, false, false, false, false, false]);
  });

  it("names every right that is missing, before anything is touched", async () => {
    const before = await lab.live();
    const { cluster } = lab;
    const whole = await cluster.get(ROLE);
    const change = (rules: unknown) =>
      cluster.modify(ROLE, "test", (live) => ({ ...live, rules }) as ClusterObject);
    try {
      const rules = whole?.["rules"] as readonly { readonly resources: readonly string[] }[];
      await change(rules.filter(({ resources }) => !/^(jobs|secrets)$/.test(`${resources}`)));
      for (const command of [
        ["create", "unlawful", "--consistency", "crash", "--virtual-machines", "none"],
        ["verify", "unlawful"],
        ["expire", "unlawful"],
      ]) {
        const run = await lab.restorePoint(...command);
        equal(run.status, 1, run.stderr);
        match(run.stderr, /may not get, list, create, delete secrets in namespace atom-backup/);
        match(
          run.stderr,
          /may not get, list, create, delete jobs\.batch in namespace atom-backup[^]+Nothing was changed/,
        );
      }
    } finally {
      await change(whole?.["rules"]);
    }
    equal(await lab.point("unlawful"), undefined);
    deepStrictEqual(await lab.live(), before);
  });

  it("asks another cluster than the pinned one for nothing but its identity, in every command", async () => {
    const pinned = "11111111-2222-3333-4444-555555555555";
    const before = await lab.live();
    const seen = await lab.cluster.get({
      apiVersion: "v1",
      kind: "Namespace",
      name: "kube-system",
    });
    lab.edit(["cluster", "clusterUid"], pinned);
    try {
      for (const command of [
        ["up"],
        ["preview"],
        ["adopt"],
        ["down"],
        ["report"],
        ["restore-point", "list"],
        ["restore-point", "show", "nothing"],
        ["restore-point", "create", "elsewhere", "--virtual-machines", "none"],
        ["restore-point", "verify", "elsewhere"],
        ["restore-point", "expire", "--due"],
      ]) {
        const { status, stdout, stderr } = await lab.checkout.atom(command);
        equal(status, 1, `${command.join(" ")}: ${stdout}${stderr}`);
        // What the report could not read stands on its page.
        const page =
          command[0] === "report" ? readFileSync(join(lab.root, stdout.trim()), "utf8") : "";
        match(
          stdout + stderr + page,
          new RegExp(
            `another one: its kube-system has the UID ${seen?.metadata.uid ?? ""}, the stack file pins cluster\\.clusterUid ${pinned}`,
          ),
          command.join(" "),
        );
      }
    } finally {
      lab.edit(["cluster", "clusterUid"], seen?.metadata.uid);
    }
    equal(await lab.point("elsewhere"), undefined);
    deepStrictEqual(await lab.live(), before);
  });
});
