import type { EtcdBackup } from "./site";

/** A file of the node that a client shows etcd, and the variable by which etcdctl finds it. */
export interface EtcdClientFile {
  readonly variable: "ETCDCTL_CACERT" | "ETCDCTL_CERT" | "ETCDCTL_KEY";
  /** On the node. */
  readonly path: string;
}

export function etcdClientFiles(backup: EtcdBackup): readonly EtcdClientFile[] {
  const files = [
    ["ETCDCTL_CACERT", backup.caFile],
    ["ETCDCTL_CERT", backup.certFile],
    ["ETCDCTL_KEY", backup.keyFile],
  ] as const;
  return files.flatMap(([variable, path]) => (path === undefined ? [] : [{ variable, path }]));
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
