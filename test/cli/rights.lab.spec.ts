import { deepStrictEqual, equal, match } from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parse } from "yaml";

import type { ClusterClient } from "../../clients/kubernetes/client";
import { connectCluster } from "../../clients/kubernetes/connect";
import { referenceOf, type ClusterObject } from "../../clients/kubernetes/object";
import { METHODS } from "../../clients/vcenter/client";
import { readConfiguration } from "../../config/readConfiguration";
import { labPaths } from "../../lab/paths";
import { planSite } from "../../planning";
import { readDrift, resultOf } from "../../site/drift/readDrift";
import { lookerOf } from "../../site/preflight/rights";
import { checkRunningController } from "../../site/preflight/snapshotController";
import type { LiveAccess } from "../../site/up/access";
import { collectDesired } from "../../site/up/reading";
import { withVariables } from "../support/environment";
import { linstorSite, THREE_SITES } from "../support/sites";
import { lookerKubeconfig, withKubeconfig } from "./support/leastRights";
import { onPointLab, type PointLab } from "./support/pointLab";
import { thoroughly } from "../support/thoroughly";

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

  const asksForIdentity = async (commands: readonly (readonly string[])[]): Promise<void> => {
    const pinned = "11111111-2222-3333-4444-555555555555";
    const before = await lab.live();
    const seen = await lab.cluster.get({
      apiVersion: "v1",
      kind: "Namespace",
      name: "kube-system",
    });
    lab.edit(["cluster", "clusterUid"], pinned);
    try {
      for (const command of commands) {
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
  };

  it("ask another cluster than the pinned one for nothing but its identity", () =>
    asksForIdentity([
      ["up"],
      ["report"],
      ["restore-point", "create", "elsewhere", "--virtual-machines", "none"],
      ["restore-point", "expire", "--due"],
    ]));

  thoroughly("ask it for nothing else in all other commands", () =>
    asksForIdentity([
      ["preview"],
      ["adopt"],
      ["down"],
      ["restore-point", "list"],
      ["restore-point", "show", "nothing"],
      ["restore-point", "verify", "elsewhere"],
    ]),
  );
});

interface Rule {
  readonly apiGroups: readonly [string];
  readonly resources: readonly [string];
  readonly verbs: readonly [string];
}

/** With `./atom render --unattended`: the account of the CronJob, and drift with its rights and no others. */
describe("what drift may do in the cluster, where nobody is there", () => {
  let lab: PointLab;
  /** With the account's rights. */
  let kubeconfig: string;
  let looker: ClusterClient;
  let roles: readonly ClusterObject[];

  onPointLab({ part: "inventory", points: ["seen"] }, async (shared) => {
    lab = shared;
    kubeconfig = await lookerKubeconfig(lab.root, lab.cluster);
    looker = await connectCluster({ kubeconfig });
    const stack = stackOf();
    roles = lookerOf(planSite(stack.site), await collectDesired(lab.root, stack.raw)).filter(
      ({ kind }) => /Role$/.test(kind),
    );
  });

  after(() => looker?.close());

  function stackOf() {
    const file = labPaths(lab.root).stackFile;
    const { raw } = readConfiguration("lab", { root: lab.root, file });
    return { ...lab.ports(() => Promise.resolve(true)).stack, raw };
  }

  /** In this process, with everything that `drift` looks at. */
  async function look(access: Partial<LiveAccess>) {
    const stack = stackOf();
    const desired = await collectDesired(lab.root, stack.raw);
    const none = { state: "notNeeded" } as const;
    return readDrift({
      stack: stack as unknown as Parameters<typeof readDrift>[0]["stack"],
      ...{ desired, state: undefined, now: new Date() },
      access: { cluster: { state: "open", client: looker }, vcenter: none, ...access },
      only: access.vcenter === undefined ? "cluster" : undefined,
    });
  }

  it("says with the account's token what it says to an administrator", async () => {
    const { findings } = await look({});
    const { cluster: client } = lab;
    deepStrictEqual(findings, (await look({ cluster: { state: "open", client } })).findings);
    equal(findings.length > 10 && resultOf(findings) !== "unknown", true);
  });

  it("finds its cluster and token where a pod has them, whatever context people use", async () => {
    const pod = join(lab.root, "pod");
    const { clusters, users } = parse(readFileSync(kubeconfig, "utf8")) as {
      readonly clusters: readonly { cluster: Readonly<Record<string, string>> }[];
      readonly users: readonly { user: Readonly<Record<string, string>> }[];
    };
    const [{ cluster } = { cluster: {} }, { user } = { user: {} }] = [clusters[0], users[0]];
    mkdirSync(pod);
    writeFileSync(join(pod, "token"), `${user["token"]}\n`);
    const authority = cluster["certificate-authority-data"];
    if (authority === undefined) {
      cpSync(cluster["certificate-authority"] ?? "", join(pod, "ca.crt"));
    } else {
      writeFileSync(join(pod, "ca.crt"), Buffer.from(authority, "base64"));
    }
    const { hostname, port } = new URL(cluster["server"] ?? "");
    const variables = {
      ...{ KUBECONFIG: "", HOME: pod },
      ...{ KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
    };
    await withVariables(variables, async () => {
      const client = await connectCluster({ pod, context: "oslo" });
      equal((await client.list("v1", "Node")).length > 0, true);
      await client.close();
    });
  });

  it("calls of vCenter nothing but what the generated role allows", async () => {
    const { vcenter } = lab.ports(() => Promise.resolve(true));
    if (vcenter.state !== "open") {
      throw new Error("the lab's vCenter is not open");
    }
    const called = new Set<string>();
    const { client } = vcenter;
    const call = client.call.bind(client);
    client.call = (method, ...rest) => {
      called.add(method);
      return call(method, ...rest);
    };
    const found = await look({ vcenter });
    Reflect.deleteProperty(client, "call");
    equal(resultOf(found.findings) === "unknown", false);
    equal(called.size > 0, true);
    deepStrictEqual(
      [...called].filter((method) => !(method in METHODS.look)),
      [],
    );
  });

  it("says for each right that is taken away what it could not read, and never that all is well", async () => {
    for (const role of roles) {
      const rules = role["rules"] as readonly Rule[];
      for (const rule of rules) {
        const { resources, verbs } = rule;
        const right = `${role.kind} ${verbs.join()} ${resources.join()}`;
        const others = rules.filter((one) => one !== rule);
        await changed(role, others, rule, false);
        try {
          // The lab's controller is no Deployment, so that nothing asks for one there.
          const found = /^(deployments|leases)$/.test(resources[0])
            ? await checkRunningController(looker, planSite(linstorSite(THREE_SITES)), new Date())
            : (await look({})).findings.map((one) => ({
                ...one,
                severity: one.kind,
                message: one.reason,
              }));
          const told = found.filter(({ severity }) => severity === "unknown");
          const forbidden = `cannot ${verbs[0]} resource "${resources[0]}"`;
          equal(
            told.some(({ message }) => message.includes(forbidden)),
            true,
            `${right}: ${told.map(({ message }) => message).join(" ")}`,
          );
        } finally {
          await changed(role, rules, rule, true);
        }
      }
    }
    const [role, rule] = [roles[0], (roles[0]?.["rules"] as readonly Rule[])[1]];
    if (role === undefined || rule === undefined) {
      throw new Error("there is no role");
    }
    const rules = role["rules"] as readonly Rule[];
    await changed(
      role,
      rules.filter((one) => one !== rule),
      rule,
      false,
    );
    const run = await withKubeconfig(lab.root, kubeconfig, () =>
      lab.checkout.atom(["drift", "--only", "cluster"]),
    ).finally(() => changed(role, rules, rule, true));
    equal(run.status, 1, run.stdout);
    match(run.stdout, new RegExp(`unknown: [^]+cannot list resource "${rule.resources[0]}"`));
  });

  /** Changes a role, and waits until the API server goes by it. */
  async function changed(
    role: ClusterObject,
    rules: readonly Rule[],
    { apiGroups, resources, verbs }: Rule,
    allowed: boolean,
  ): Promise<void> {
    await lab.cluster.modify(referenceOf(role), "test", (live) => ({ ...live, rules }));
    const { namespace } = role.metadata;
    const question = { verb: verbs[0], group: apiGroups[0], resource: resources[0], namespace };
    while ((await looker.mayI(question)) !== allowed) {
      await pause(20);
    }
  }
});
