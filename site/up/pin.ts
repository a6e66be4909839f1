import { parseSite } from "../../config/parseSite";
import { applyEdits } from "../../config/overrides";
import type { OpenStack } from "../stack";
import type { OpenAccess } from "./access";

/**
 * Pins the cluster at the first install: its identity becomes part of what is previewed and, once confirmed, of the
 * stack file, so that the stack is never deployed to another cluster by a changed kubeconfig.
 *
 * @see the UID of the namespace kube-system, which lives as long as the cluster
 */
export async function pinCluster(stack: OpenStack, access: OpenAccess): Promise<OpenStack> {
  if (stack.site.cluster.clusterUid !== undefined || access.cluster.state !== "open") {
    return stack;
  }
  let clusterUid: string;
  try {
    clusterUid = await access.cluster.client.kubeSystemUid();
  } catch {
    // A silent API server is said by preflight, together with everything else that could not be read.
    return stack;
  }
  const edit = { path: ["cluster", "clusterUid"], value: clusterUid };
  const raw = { ...stack.raw, values: applyEdits(stack.raw.values, [edit]) };
  return { ...stack, raw, site: parseSite(raw), edits: [...stack.edits, edit] };
}
