import { ClusterClient } from "./client";
import type { KubeconfigChoice } from "./kubeconfig";
import { loadEndpoint } from "./kubeconfig";

/**
 * A client for the cluster of a kubeconfig context. Nothing is sent yet.
 *
 * @throws ClusterError `configuration`
 */
export async function connectCluster(choice: KubeconfigChoice): Promise<ClusterClient> {
  return new ClusterClient(await loadEndpoint(choice));
}
