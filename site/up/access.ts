import { closeAccess, openCluster, openVcenter, type Access } from "../../clients/access";
import type { ClusterClient } from "../../clients/kubernetes/client";
import type { VcenterClient } from "../../clients/vcenter/client";
import { applyEdits } from "../../config/overrides";
import { parseSite } from "../../config/parseSite";
import { openSecret } from "../../config/secrets";
import type { OpenStack } from "../stack";

/** The live systems of a stack, as far as they could be opened. */
export interface LiveAccess {
  readonly cluster: Access<ClusterClient>;
  readonly vcenter: Access<VcenterClient>;
}

export interface OpenAccess extends LiveAccess {
  /** Why the vCenter password could not be opened; undefined where it was, or none is needed. */
  readonly noPassword: string | undefined;
}

/**
 * Opens cluster and vCenter of a stack; a system that cannot be opened is "unknown", not an error. Nothing is sent to
 * either of them yet.
 */
export async function openAccess({
  site,
  stackFile,
}: Pick<OpenStack, "site" | "stackFile">): Promise<OpenAccess> {
  const [secret, cluster] = await Promise.all([
    site.virtualMachines && openSecret(stackFile, "vcenterPassword", process.env),
    openCluster(site),
  ]);
  const password = secret !== undefined && "known" in secret ? secret.known : undefined;
  const noPassword = secret !== undefined && "unknown" in secret ? secret.unknown : undefined;
  return { cluster, vcenter: await openVcenter(site, password), noPassword };
}

/**
 * Pins the cluster at the first install: its identity becomes part of what is previewed and, once confirmed, of the
 * stack file, so that the stack is never deployed to another cluster by a changed kubeconfig.
 *
 * @see the UID of the namespace kube-system, which lives as long as the cluster
 */
export async function pinCluster(stack: OpenStack, { cluster }: LiveAccess): Promise<OpenStack> {
  if (stack.site.cluster.clusterUid !== undefined || cluster.state !== "open") {
    return stack;
  }
  let clusterUid: string;
  try {
    clusterUid = await cluster.client.kubeSystemUid();
  } catch {
    // A silent API server is said by preflight, together with everything else that could not be read.
    return stack;
  }
  const edit = { path: ["cluster", "clusterUid"], value: clusterUid };
  const raw = { ...stack.raw, values: applyEdits(stack.raw.values, [edit]) };
  return { ...stack, raw, site: parseSite(raw), edits: [...stack.edits, edit] };
}

/**
 * The same systems for one pass: what was listed once is not asked for again, so that all who look see one moment. The
 * program's own writes do not show in it.
 */
export function inOnePass<A extends LiveAccess>(access: A): A {
  const { cluster, vcenter } = access;
  return { ...access, cluster: asksOnce(cluster, "list"), vcenter: asksOnce(vcenter, "vms") };
}

function asksOnce<C extends object>(access: Access<C>, question: keyof C): Access<C> {
  if (access.state !== "open") {
    return access;
  }
  const answers = new Map<string, unknown>();
  const get = (client: C, name: string | symbol): unknown => {
    const value: unknown = Reflect.get(client, name, client);
    if (typeof value !== "function") {
      return value;
    }
    const ask = (...args: readonly unknown[]): unknown => Reflect.apply(value, client, args);
    const remember = (...args: readonly unknown[]): unknown => {
      const key = JSON.stringify(args);
      answers.set(key, answers.get(key) ?? ask(...args));
      return answers.get(key);
    };
    return name === question ? remember : ask;
  };
  return { state: "open", client: new Proxy(access.client, { get }) };
}

/** Logs out; never throws. */
export async function closeAll(access: LiveAccess): Promise<void> {
  await Promise.all([closeAccess(access.cluster), closeAccess(access.vcenter)]);
}
