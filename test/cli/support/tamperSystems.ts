import { deepStrictEqual, ok } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, connect, type Server } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

import { connectCluster } from "../../../clients/kubernetes/connect";
import type { LabRecord } from "../../../lab/record";
import { LOOKER } from "../../../site/preflight/rights";
import type { Finding } from "../../../drift/types";
import { kill, pidsOf, up } from "../../lab/support/labs";
import type { DeployedLab } from "./deployedLab";
import { lookerKubeconfig, withKubeconfig } from "./leastRights";
import { ref, type TamperLab, type Undo } from "./tamper";
import { tamperedDeployment } from "./tamperings";

/** A lab whose systems are made to fail. */
export interface FailingLab extends TamperLab {
  readonly record: LabRecord;
  readonly looker: string;
  /** Makes the vCenter simulator go wrong by its rules. */
  faults(rules: readonly object[]): Promise<void>;
}

/** A deployed lab that is looked at with the rights that are published for it, and no others. */
export async function failingDeployment(deployed: DeployedLab): Promise<FailingLab> {
  const { systems } = deployed;
  const lab = tamperedDeployment(deployed);
  return {
    ...lab,
    record: systems.record,
    looker: await lookerKubeconfig(lab.root, lab.cluster),
    faults: (rules) => systems.faults(rules),
  };
}

/** A system that does not answer as it should; all that is left is said all the same. */
export interface Failure {
  readonly title: string;
  /** Part of every gate. */
  readonly gate?: true;
  readonly make: (lab: FailingLab) => Promise<Undo>;
  /** Systems that are unknown as a whole. */
  readonly unknown: readonly string[];
  /** Objects that are unknown where the systems are not. */
  readonly objects?: readonly string[];
}

const frozen =
  (service: string): Failure["make"] =>
  ({ root, record }) => {
    const pids = pidsOf(root, record)[service] ?? [];
    pids.forEach((pid) => process.kill(pid, "SIGSTOP"));
    return Promise.resolve(() =>
      Promise.resolve(pids.forEach((pid) => process.kill(pid, "SIGCONT"))),
    );
  };

const stopped =
  (service: string): Failure["make"] =>
  async ({ root, record }) => {
    await kill(root, record, [service]);
    return () => up(root);
  };

const failing =
  (...rules: readonly object[]): Failure["make"] =>
  async (lab) => {
    await lab.faults(rules);
    return () => lab.faults([]);
  };

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: { server: string } }[];
  readonly users: readonly { readonly user: { token?: string } }[];
}

/** Changes the kubeconfig that is looked with. */
function changedConfig({ looker: file }: FailingLab, change: (config: Kubeconfig) => void): Undo {
  const before = readFileSync(file, "utf8");
  const config = JSON.parse(before) as Kubeconfig;
  change(config);
  writeFileSync(file, JSON.stringify(config));
  return () => Promise.resolve(writeFileSync(file, before));
}

/** Everything goes through this machine's loopback, and from the API server as late or as little as is said. */
const through =
  ({ delayMs = 0, bytes = Infinity }: { readonly delayMs?: number; readonly bytes?: number }) =>
  async (lab: FailingLab): Promise<Undo> => {
    const target = lab.record.ports.apiserver;
    const server = createServer((near) => {
      const far = connect(target, "127.0.0.1");
      let passed = 0;
      near.on("data", (data) => far.write(data));
      far.on("data", (data) => {
        passed += data.length;
        setTimeout(() => (passed > bytes ? near.destroy() : near.write(data)), delayMs);
      });
      [near, far].forEach((one) => one.on("error", () => undefined));
      near.on("close", () => far.destroy());
      far.on("close", () => near.destroy());
    });
    const port = await listening(server);
    const undo = changedConfig(lab, ({ clusters }) =>
      clusters.forEach(({ cluster }) => (cluster.server = `https://127.0.0.1:${port}`)),
    );
    return async () => {
      await undo();
      server.close();
    };
  };

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as { readonly port: number }).port;
}

interface Rule {
  readonly apiGroups: readonly [string];
  readonly resources: readonly string[];
}

/** Who looks may not list a kind. */
const forbidden =
  (resource: string): Failure["make"] =>
  async ({ cluster, looker }) => {
    const role = ref("rbac.authorization.k8s.io/v1", "ClusterRole", LOOKER);
    const rules = (await cluster.get(role))?.["rules"] as readonly Rule[];
    const [group] = rules.find(({ resources }) => resources.includes(resource))?.apiGroups ?? [""];
    const client = await connectCluster({ kubeconfig: looker });
    const set = async (to: readonly Rule[], allowed: boolean): Promise<void> => {
      await cluster.modify(role, "test", (live) => ({ ...live, rules: to }));
      while ((await client.mayI({ verb: "list", group, resource })) !== allowed) {
        await pause(20);
      }
    };
    await set(
      rules.filter(({ resources }) => !resources.includes(resource)),
      false,
    );
    return async () => {
      await set(rules, true);
      await client.close();
    };
  };

/**
 * Makes a system fail, and holds `drift` to saying so of it, of nothing else, and all else that it says otherwise.
 *
 * @returns seconds that it took
 */
export async function failsAsSaid(
  { make, unknown, objects = [] }: Failure,
  lab: FailingLab,
): Promise<number> {
  const undo = await make(lab);
  const begun = performance.now();
  let seconds = 0;
  const look = () => lab.checkout.atom(["drift", "--json"]);
  const run = withKubeconfig(lab.root, lab.looker, look).finally(() => {
    seconds = (performance.now() - begun) / 1000;
    return undo();
  });
  const { status, stdout, stderr } = await run;
  ok(stdout !== "", stderr);
  const document = JSON.parse(stdout) as {
    readonly unknown: readonly { readonly system: string }[];
    readonly findings: readonly Finding[];
  };
  const of = (kind: Finding["kind"]): string[] =>
    document.findings.flatMap((one) => (one.kind === kind ? [one.object] : []));
  const others = document.findings.filter(({ kind }) => kind !== "same" && kind !== "unknown");
  deepStrictEqual(
    [status, document.unknown.map(({ system }) => system), others],
    [1, unknown, []],
    stdout,
  );
  const read = [
    ...(unknown.includes("cluster") ? [] : ["VolumeSnapshotClass atom-snapshots"]),
    ...(unknown.includes("vcenter") ? [] : ["VM of node atom-a-cp"]),
  ];
  const notSaid = (wanted: readonly string[], said: readonly string[]): string[] =>
    wanted.filter((object) => !said.includes(object));
  deepStrictEqual([notSaid(read, of("same")), notSaid(objects, of("unknown"))], [[], []], stdout);
  return seconds;
}

/** What the systems themselves may do. */
export const FAILURES: readonly Failure[] = [
  {
    title: "the API server hangs",
    gate: true,
    make: frozen("kube-apiserver"),
    unknown: ["cluster"],
  },
  { title: "etcd hangs", make: frozen("etcd"), unknown: ["cluster"] },
  { title: "vCenter hangs", gate: true, make: frozen("vcenter"), unknown: ["vcenter"] },
  { title: "the API server is stopped", make: stopped("kube-apiserver"), unknown: ["cluster"] },
  { title: "etcd is stopped", make: stopped("etcd"), unknown: ["cluster"] },
  { title: "vCenter is stopped", make: stopped("vcenter"), unknown: ["vcenter"] },
  {
    title: "the token has expired",
    make: (lab) =>
      Promise.resolve(
        changedConfig(lab, ({ users }) => users.forEach(({ user }) => (user.token = "expired"))),
      ),
    unknown: ["cluster"],
  },
  {
    title: "the API server answers slowly",
    make: through({ delayMs: 3_000 }),
    unknown: ["cluster"],
  },
  {
    title: "the API server's answers are cut off",
    make: through({ bytes: 12_000 }),
    unknown: ["cluster"],
  },
  {
    title: "vCenter answers slowly",
    make: failing({ method: "*", delayMs: 4_000 }),
    unknown: ["vcenter"],
  },
  {
    title: "vCenter's answers are cut off",
    make: failing({ method: "RetrievePropertiesEx", drop: "after" }),
    unknown: ["vcenter"],
  },
  {
    title: "vCenter refuses to read",
    make: failing({ method: "RetrievePropertiesEx", fault: "NoPermission", message: "no" }),
    unknown: ["vcenter"],
  },
  {
    title: "CSINodes may not be listed",
    make: forbidden("csinodes"),
    unknown: [],
    objects: ["cluster"],
  },
  {
    title: "classes may not be listed",
    make: forbidden("storageclasses"),
    unknown: [],
    objects: ["StorageClass atom-replicated"],
  },
  {
    title: "nodes may not be listed",
    make: forbidden("nodes"),
    unknown: [],
    objects: ["nodes"],
  },
];
