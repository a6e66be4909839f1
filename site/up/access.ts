import { openSecret } from "../../config/secrets";
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
  const secret =
    site.virtualMachines === undefined
      ? undefined
      : openSecret(stackFile, "vcenterPassword", process.env);
  const known = secret !== undefined && "known" in secret ? secret.known : undefined;
  const [cluster, vcenter] = await Promise.all([openCluster(site), openVcenter(site, known)]);
  return { cluster, vcenter, password: passwordState(secret) };
}

function passwordState(secret: ReturnType<typeof openSecret> | undefined): PasswordState {
  if (secret === undefined) {
    return { state: "notNeeded" };
  }
  return "known" in secret ? { state: "opened" } : { state: "missing", why: secret.unknown };
}

/** Logs out; never throws. */
export async function closeAll(access: LiveAccess): Promise<void> {
  await Promise.all([closeAccess(access.cluster), closeAccess(access.vcenter)]);
}
