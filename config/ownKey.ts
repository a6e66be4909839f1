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
