import type { FreezeHook } from "../../planning/site";

/**
 * What the holding container of a hook runs: it freezes, says so by a file in the shared folder, waits for its end or for
 * the lease, and thaws.
 */
export function holdScript(
  { freeze, thaw, leaseSeconds }: Pick<FreezeHook, "freeze" | "thaw" | "leaseSeconds">,
  shared: string,
): string {
  return [
    `thaw() { ${shellWords(thaw)}; }`,
    // However this ends, it thaws; 70 (EX_SOFTWARE) tells that it could not.
    "trap 'thaw || exit 70' EXIT",
    "trap 'exit 143' TERM INT",
    `${shellWords(freeze)} || exit 1`,
    `: > ${shared}/frozen`,
    // In the background and waited for: a shell looks at signals only between its commands.
    `sleep ${leaseSeconds} & wait $!`,
  ].join("\n");
}

/** What the other container runs: it ends with the freeze, or with exit code 1 when that takes too long. */
export function seenScript(shared: string, limitSeconds: number): string {
  return [
    `end=$(($(date +%s) + ${limitSeconds}))`,
    `until [ -e ${shared}/frozen ]; do`,
    '  [ "$(date +%s)" -lt "$end" ] || exit 1',
    // Not every shell's sleep takes fractions.
    "  sleep 0.1 2>/dev/null || sleep 1",
    "done",
  ].join("\n");
}

/** A command for a shell, each word as it is. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
}
