import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { parse } from "yaml";

import { ClusterError } from "./error";

type Fields = Readonly<Record<string, unknown>>;

/** An entry of one of the lists, e.g. `{name: site, cluster: {server: …}}`. */
type Named = Fields & { readonly name: string };

/** A kubeconfig as its files say it: of entries with one name the first counts, as with kubectl. */
export interface Kubeconfig {
  readonly contexts: readonly Named[];
  readonly clusters: readonly Named[];
  readonly users: readonly Named[];
  readonly "current-context": string;
}

/** Fields that name a file, which a kubeconfig may do relative to its own. */
const FILES = ["certificate-authority", "client-certificate", "client-key", "tokenFile"];

/** @throws ClusterError `configuration` for a file that is none */
export function readKubeconfig(files: readonly string[]): Kubeconfig {
  const parts = files.map(readPart);
  const all = (list: "contexts" | "clusters" | "users"): readonly Named[] =>
    parts.flatMap((part) => part[list] ?? []);
  const current = parts.map((part) => part["current-context"]).find((name) => name);
  return {
    contexts: all("contexts"),
    clusters: all("clusters"),
    users: all("users"),
    "current-context": current ?? "",
  };
}

/** What the entry of that name says. @param kind of the list, e.g. `cluster` */
export function entryOf(
  config: Kubeconfig,
  kind: "context" | "cluster" | "user",
  name: unknown,
): Fields | undefined {
  const found = config[`${kind}s`].find((entry) => entry.name === name);
  return found && ((found[kind] ?? {}) as Fields);
}

function readPart(file: string): Partial<Kubeconfig> {
  const text = readFileSync(file, "utf8");
  let part: Partial<Kubeconfig> | null;
  try {
    part = parse(text) as typeof part;
  } catch (error) {
    throw unreadable(file, (error as Error).message.split("\n")[0] ?? "");
  }
  if (typeof part !== "object" || part === null) {
    throw unreadable(file, text === "" ? "it is empty" : "it is no kubeconfig");
  }
  const { clusters, users } = part;
  return {
    ...part,
    ...(clusters && { clusters: clusters.map((one) => located(one, "cluster", file)) }),
    ...(users && { users: users.map((one) => located(one, "user", file)) }),
  };
}

function located(entry: Named, kind: "cluster" | "user", file: string): Named {
  const fields = Object.entries((entry[kind] ?? {}) as Fields).map(([key, value]) =>
    FILES.includes(key) ? [key, resolve(dirname(file), String(value))] : [key, value],
  );
  return { ...entry, [kind]: Object.fromEntries(fields) as Fields };
}

function unreadable(file: string, why: string): ClusterError {
  return new ClusterError("configuration", `The kubeconfig ${file} cannot be read: ${why}.`);
}
