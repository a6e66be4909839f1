import { etcdClientFiles } from "../../planning/etcdScript";
import type { EtcdMember } from "../../planning/pointRecord";
import type { Site } from "../../planning/site";
import { listed, shellQuote } from "../../planning/words";

/** What people do on nodes: the program has no shell there. */
export interface ProcedureStep {
  /** Names of the members of etcd on whose nodes it is done: on all of them before the next step is begun. */
  readonly members: readonly string[];
  readonly does: string;
  /** For a POSIX shell of root, in this order; each has to end with 0. All of them may be repeated. */
  readonly commands: readonly string[];
}

/** How all members of etcd are restored from one snapshot. */
export interface EtcdRestore {
  readonly member: EtcdMember;
  readonly procedure: readonly ProcedureStep[];
}

/**
 * More than a cluster writes between a snapshot and its restore: revisions that clients have seen are never used again, so
 * that no watch misses what comes after.
 */
const BUMP = 1_000_000_000;

/** The exact commands; pure. `unknown` says in one sentence what is missing for them. */
export function restoreEtcdOf(
  { stack, nodeBackups: { etcd } }: Site,
  point: string,
  member: EtcdMember,
): EtcdRestore | { readonly unknown: string } {
  const { node, file, sha256, members = [] } = member;
  if (etcd === undefined) {
    return { unknown: "nodeBackups.etcd is not set, which says where etcd's data are" };
  }
  if (members.length === 0) {
    return { unknown: `the members of etcd were not recorded with ${file} of node ${node}` };
  }
  const { dataDir, endpoints, stop, start } = etcd;
  const every = members.map(({ name }) => name);
  const cluster = members.flatMap(({ name, peers }) => peers.map((peer) => `${name}=${peer}`));
  const [made, now] = [`${dataDir}/restored-${point}`, `${dataDir}/member`];
  const words = (...given: readonly string[]): string => given.map(shellQuote).join(" ");
  const certificates = etcdClientFiles(etcd).flatMap(({ option, path }) => [`--${option}`, path]);
  const procedure = [
    {
      members: every,
      does: `has ${file} of node ${node} at the same path: copy it there first`,
      commands: [`echo ${words(`${sha256}  ${file}`)} | sha256sum --check --strict`],
    },
    { members: every, does: "ends etcd and the API server", commands: [stop] },
    ...members.map(({ name, peers }) => ({
      members: [name],
      does: "restores it with etcdutl of 3.6 or later; its data of now stay beside it",
      commands: [
        words("rm", "-rf", made),
        words(
          ...["etcdutl", "snapshot", "restore", file, "--data-dir", made, "--name", name],
          ...["--initial-cluster", cluster.join(",")],
          ...["--initial-cluster-token", `${stack}-${point}`],
          ...["--initial-advertise-peer-urls", peers.join(",")],
          ...["--bump-revision", String(BUMP), "--mark-compacted"],
        ),
        `if [ -e ${words(now)} ]; then mv ${words(now)} ${words(`${now}-`)}"$(date +%s)"; fi`,
        words("mv", `${made}/member`, now),
        words("rmdir", made),
      ],
    })),
    { members: every, does: "starts etcd and the API server again", commands: [start] },
    {
      members: every.slice(0, 1),
      does: "waits until all members are well",
      commands: [
        `until ${words("etcdctl", `--endpoints=${endpoints.join(",")}`, ...certificates, "endpoint", "health", "--cluster")}; do sleep 1; done`,
      ],
    },
  ];
  return { member, procedure };
}

/** For people. */
export function procedureLines(procedure: readonly ProcedureStep[]): readonly string[] {
  return procedure.flatMap(({ members, does, commands }) => [
    `on the node of ${listed(members)}: ${does}`,
    ...commands.map((command) => `  # ${command}`),
  ]);
}
