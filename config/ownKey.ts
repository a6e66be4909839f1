import { distance } from "fastest-levenshtein";

import { type Problem, problemAt } from "../planning/problem";
import { projectName } from "./projectRoot";

/** The key without our namespace, which may be left out; undefined for another program's key. */
export function ownKey(written: string): string | undefined {
  const parts = written.split(":");
  if (parts.length === 1) {
    return written;
  }
  const [namespace, ...rest] = parts;
  if (namespace !== projectName) {
    return undefined;
  }
  // `project:config:key` is an old spelling that the engine still takes.
  return rest.length === 2 && rest[0] === "config" ? rest[1] : rest.join(":");
}

/** Keys of a namespace that is ours but for a slip or a look-alike letter: nothing would read them. */
export function namespaceProblems(written: readonly string[]): readonly Problem[] {
  return written.flatMap((key) => {
    const [namespace = "", ...rest] = key.split(":");
    const near = distance(namespace.normalize("NFKC").toLowerCase(), projectName) <= SLIPS;
    return rest.length === 0 || namespace === projectName || !near
      ? []
      : [
          problemAt(
            key,
            "has a namespace that nothing reads",
            `Did you mean ${projectName}:${rest.join(":")}?`,
          ),
        ];
  });
}

/** Letters that may differ; a namespace that differs more is another program's. */
const SLIPS = 2;
