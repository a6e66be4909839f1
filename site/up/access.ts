import { openSecret, type Secret } from "../../config/secrets";
import type { ClusterClient } from "../../clients/kubernetes/client";
import type { VcenterClient } from "../../clients/vcenter/client";
import { closeAccess, openCluster, openVcenter, type Access } from "../../clients/access";
import type { PasswordState } from "../preflight/preflight";
import type { OpenStack } from "../stack";

/** The live systems of a stack, as far as they could be opened. */
export interface LiveAccess {
  readonly cluster: Access<ClusterClient>;
  readonly vcenter: Access<VcenterClient>;
}

export interface OpenAccess extends LiveAccess {
  readonly password: PasswordState;
}

/** Opens cluster and vCenter of a stack at once; a system that cannot be reached is "unknown", not an error. */
export async function openAccess(stack: OpenStack): Promise<OpenAccess> {
  const { site, stackFile } = stack;
  const opening =
    site.virtualMachines === undefined
      ? Promise.resolve(undefined)
      : openSecret(stackFile, "vcenterPassword", process.env);
  const openNamed = async (): Promise<Access<VcenterClient>> => {
    const secret = await opening;
    return openVcenter(site, secret !== undefined && "known" in secret ? secret.known : undefined);
  };
  const [secret, cluster, vcenter] = await Promise.all([opening, openCluster(site), openNamed()]);
  return { cluster, vcenter, password: passwordState(secret) };
}

function passwordState(secret: Secret | undefined): PasswordState {
  if (secret === undefined) {
    return { state: "notNeeded" };
  }
  return "known" in secret ? { state: "opened" } : { state: "missing", why: secret.unknown };
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
