import type { ClusterClient } from "./kubernetes/client";
import type { Site } from "../planning/site";
import { SystemError } from "./error";
import { answeredWithin } from "./http";
import type { VcenterClient } from "./vcenter/client";

/** A live system as far as it could be opened. */
export type Access<T> =
  | { readonly state: "open"; readonly client: T }
  /** Tried and failed; nothing may be said about what is there. */
  | { readonly state: "unknown"; readonly why: string }
  | { readonly state: "notNeeded" };

/** The answer of one live system: read, or tried and failed, or not needed. */
export type Read<T> =
  | { readonly state: "read"; readonly value: T }
  | { readonly state: "unknown"; readonly why: string }
  | { readonly state: "notNeeded" };

/** Asks a system as far as it could be opened; never throws for one that does not answer. */
export async function readFrom<C, T>(
  access: Access<C>,
  question: (client: C) => Promise<T>,
): Promise<Read<T>> {
  if (access.state !== "open") {
    return access;
  }
  try {
    return { state: "read", value: await question(access.client) };
  } catch (error) {
    if (error instanceof SystemError) {
      return { state: "unknown", why: error.message };
    }
    throw error;
  }
}

/** Why there is no answer. */
export function whyUnread(
  read: Exclude<Read<unknown>, { state: "read" }>,
  otherwise: string,
): string {
  return read.state === "unknown" ? read.why : otherwise;
}

/**
 * Opens the site's cluster; never throws. Nothing is sent yet: that the API server is silent, or another than the site
 * pins, shows with the first read.
 *
 * @param kubeconfig path; default $KUBECONFIG, then ~/.kube/config
 */
export async function openCluster(site: Site, kubeconfig?: string): Promise<Access<ClusterClient>> {
  const { connectCluster } = await import("./kubernetes/connect.js");
  const { context, clusterUid } = site.cluster;
  try {
    return {
      state: "open",
      client: await connectCluster({ kubeconfig, context, clusterUid }),
    };
  } catch (error) {
    return { state: "unknown", why: (error as Error).message };
  }
}

/**
 * Opens the site's vCenter; never throws. `notNeeded` where the nodes are no VMware VMs. Nothing is sent yet, so that a
 * vCenter that hangs keeps nobody from asking the cluster: that it is silent, or refuses the login, shows with the first
 * read.
 */
export async function openVcenter(
  site: Site,
  password: string | undefined,
): Promise<Access<VcenterClient>> {
  if (site.virtualMachines === undefined) {
    return { state: "notNeeded" };
  }
  const { server, user, allowUnverifiedSsl } = site.virtualMachines;
  if (password === undefined) {
    const why =
      `The password of ${user} at vCenter ${server} is not known: set PULUMI_CONFIG_PASSPHRASE so that ` +
      "vcenterPassword can be opened, or VSPHERE_PASSWORD.";
    return { state: "unknown", why };
  }
  const { VcenterClient: Client } = await import("./vcenter/client.js");
  return { state: "open", client: new Client({ server, user, password, allowUnverifiedSsl }) };
}

/** A system that hangs keeps no command from ending. */
const CLOSE_MS = 2_000;

/** Ends connections and sessions; never throws. */
export async function closeAccess(access: Access<{ close(): Promise<void> }>): Promise<void> {
  if (access.state === "open") {
    await answeredWithin(CLOSE_MS, () => access.client.close()).catch(() => {
      // There is nothing left to do with it, and nothing depends on it.
    });
  }
}
