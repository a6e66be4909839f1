import type { EtcdBackup } from "./site";

/** A file of the node that a client shows etcd. */
export interface EtcdClientFile {
  /** etcdctl's option for it, without dashes. */
  readonly option: "cacert" | "cert" | "key";
  /** The variable by which etcdctl finds it, too. */
  readonly variable: string;
  /** On the node. */
  readonly path: string;
}

export function etcdClientFiles({
  caFile,
  certFile,
  keyFile,
}: EtcdBackup): readonly EtcdClientFile[] {
  const files = [
    ["cacert", caFile],
    ["cert", certFile],
    ["key", keyFile],
  ] as const;
  return files.flatMap(([option, path]) =>
    path === undefined ? [] : [{ option, variable: `ETCDCTL_${option.toUpperCase()}`, path }],
  );
}

/**
 * Lines of a POSIX shell. `save FILE` takes a snapshot from the first of `$ENDPOINTS` that answers: it is of one member, and
 * any is as good. `verify FILE` restores one: only that compares the checksum at the end of the file, a look at its status
 * does not.
 *
 * @param scratch folder for what is restored
 */
export function etcdFunctions(scratch: string): readonly string[] {
  return [
    "save() {",
    "  saved=",
    "  for endpoint in $ENDPOINTS; do",
    '    if etcdctl --endpoints="$endpoint" snapshot save "$1" >/dev/null; then saved=yes; break; fi',
    "  done",
    '  [ -n "$saved" ] || { echo "no endpoint of $ENDPOINTS gave a snapshot"; exit 1; }',
    "}",
    "verify() {",
    `  rm -rf ${scratch}/restored`,
    `  etcdutl snapshot restore "$1" --data-dir ${scratch}/restored >/dev/null`,
    `  rm -rf ${scratch}/restored`,
    "}",
  ];
}
