import type { ClusterClient } from "./kubernetes/client";
import type { Site } from "../planning/site";
import type { VcenterClient } from "./vcenter/client";

/** A live system as far as it could be opened. */
export type Access<T> =
  | { readonly state: "open"; readonly client: T }
  /** Tried and failed; nothing may be said about what is there. */
  | { readonly state: "unknown"; readonly why: string }
  | { readonly state: "notNeeded" };

/**
 * Opens the site's cluster; never throws. Nothing is sent yet: that the API server is silent shows with the first
 * read.
 *
 * @param kubeconfig path; default $KUBECONFIG, then ~/.kube/config
 */
export async function openCluster(
  site: Site,
  { kubeconfig }: { readonly kubeconfig?: string | undefined } = {},
): Promise<Access<ClusterClient>> {
  const { connectCluster } = await import("./kubernetes/connect.js");
  return opened(() => connectCluster({ kubeconfig, context: site.cluster.context }));
}

/** Logs in to the site's vCenter; never throws. `notNeeded` where the nodes are no VMware VMs. */
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
  const { connectVcenter } = await import("./vcenter/connect.js");
  return opened(() => connectVcenter({ server, user, password, allowUnverifiedSsl }));
}

/** Ends connections and sessions; never throws. */
export async function closeAccess(access: Access<{ close(): Promise<void> }>): Promise<void> {
  if (access.state === "open") {
    await access.client.close().catch(() => {
      // There is nothing left to do with it, and nothing depends on it.
    });
  }
}

async function opened<T>(open: () => Promise<T>): Promise<Access<T>> {
  try {
    return { state: "open", client: await open() };
  } catch (error) {
    return { state: "unknown", why: (error as Error).message };
  }
}
