import type { Manifest } from "./types";

/** What the container's exit codes mean; those of sysexits.h where one fits. */
export const PROBE_EXIT = {
  /** The probe says that the volume is not right. */
  refused: 65,
  /** A file or folder cannot be read. */
  unreadable: 66,
  /** Something that the probe needs is not there. */
  notRun: 70,
} as const;

/** Scratch folder of the containers. */
export const WORK = "/work";

/** Form of the manifest below. A change of it is a new number: digests of two forms cannot be compared. */
const FORM = 1;

/**
 * What the probe's container runs: the probe's own command first, which is given as arguments, then a manifest of
 * everything in the volume, for which every file is read to its end: a line for each file (with its SHA-256), folder, link
 * (with the SHA-256 of what it leads to) and anything else, in byte order.
 *
 * Needs `VOLUME`, a scratch folder `WORK`, and {@link LIST_SCRIPT} as `LIST`. Its last words go to the termination log.
 */
export const PROBE_SCRIPT = [
  "set -u",
  "export LC_ALL=C TMPDIR=$WORK WORK",
  "umask 077",
  'say() { echo "$1"; exit "$2"; }',
  `unreadable() { say "not everything can be read" ${PROBE_EXIT.unreadable}; }`,
  "if [ $# -gt 0 ]; then",
  '  (exec "$@")',
  "  code=$?",
  // A command that is not found, or that something else ended, says nothing about the volume.
  "  if [ $code -eq 126 ] || [ $code -eq 127 ] || [ $code -gt 128 ]; then",
  `    say "the probe could not run to its end: exit code $code" ${PROBE_EXIT.notRun}`,
  "  fi",
  `  [ $code -eq 0 ] || say "the probe ended with exit code $code" ${PROBE_EXIT.refused}`,
  "fi",
  'cd "$VOLUME" || unreadable',
  'list="$WORK/list"',
  `echo "manifest ${FORM}" > "$list" || say "no room for the manifest" ${PROBE_EXIT.notRun}`,
  ': > "$WORK/sizes"',
  'list() { kind=$1; shift; find . "$@" -exec /bin/sh -c "$LIST" sh "$kind" {} + >> "$list" || unreadable; }',
  "list file -type f",
  "list link -type l",
  "list folder -type d",
  "list other ! -type f ! -type l ! -type d",
  // Not every find passes on that a command failed.
  '[ ! -e "$WORK/unread" ] || unreadable',
  "files=0; bytes=0",
  'while read -r size; do files=$((files + 1)); bytes=$((bytes + size)); done < "$WORK/sizes"',
  `sort "$list" > "$WORK/sorted" || say "no room for the manifest" ${PROBE_EXIT.notRun}`,
  'sum=$(sha256sum < "$WORK/sorted")',
  `echo "manifest=${FORM}:\${sum%% *} files=$files bytes=$bytes" > /dev/termination-log`,
].join("\n");

/**
 * Writes the lines of one kind, for as many names as find puts on a command line. A name that cannot stand on a line as it
 * is has its own SHA-256 there: versions of sha256sum differ in how they escape such a name.
 */
export const LIST_SCRIPT = [
  "kind=$1; shift",
  "lf='",
  "'",
  "cr=$(printf '\\r')",
  'failed() { : > "$WORK/unread"; exit 1; }',
  'digest() { sum=$(sha256sum) && echo "${sum%% *}"; }',
  "named() {",
  '  case "$1" in',
  '  *[\\\\"$lf$cr"]*) printf "? %s" "$(printf %s "$1" | digest)" ;;',
  '  *) printf %s "$1" ;;',
  "  esac",
  "}",
  'if [ "$kind" = file ]; then stat -c %s "$@" >> "$WORK/sizes" || failed; fi',
  'case "$kind $*" in',
  // All names are plain: one process for many of them.
  '"file "*[\\\\"$lf$cr"]* | "link "*) ;;',
  'file*) sha256sum "$@" || failed; exit ;;',
  '*[\\\\"$lf$cr"]*) ;;',
  '*) printf "$kind %s\\n" "$@"; exit ;;',
  "esac",
  "for name; do",
  '  case "$kind" in',
  '  file) sum=$(digest < "$name") || failed; printf "%s  %s\\n" "$sum" "$(named "$name")" ;;',
  '  link) printf "link %s %s\\n" "$(readlink "$name" | digest)" "$(named "$name")" ;;',
  '  *) printf "%s %s\\n" "$kind" "$(named "$name")" ;;',
  "  esac",
  "done",
].join("\n");

/** Reads a container's last words; undefined when they are none of the script's. */
export function parseManifest(message: string): Manifest | undefined {
  const match = /^manifest=([0-9]+:[0-9a-f]{64}) files=([0-9]+) bytes=([0-9]+)$/.exec(
    message.trim(),
  );
  const [, digest, files, bytes] = match ?? [];
  return digest === undefined ? undefined : { digest, files: Number(files), bytes: Number(bytes) };
}
