import type { FailoverPlan } from "../plan";
import type { Problem } from "../problem";
import { shown } from "../words";
import type { StorageRequest } from "./backend";
import { textOption } from "./options";
import { clusterNamespace, isBlock } from "./rookCephOptions";
import { isAtLeast } from "./version";

/** First release whose drivers are known here to fence by a switch that can be declared. */
export const DECLARED_FENCING = "1.20";

/** A volume of a lost node stays there until the node is tainted, and is safe elsewhere once the node is fenced. */
export function cephFailover({
  site,
  topology,
}: StorageRequest): FailoverPlan | { readonly refused: Problem } {
  const options = site.backendOptions;
  if (site.failover === "manual") {
    return {
      mode: "manual",
      why: "failover: manual is configured",
      steps: [
        "switch NODE off, or see that it is: while it runs it may go on writing",
        "kubectl taint node NODE node.kubernetes.io/out-of-service=nodeshutdown:NoExecute",
        "wait until the pods run on another node",
        `kubectl -n ${clusterNamespace(options)} exec deploy/rook-ceph-tools -- ceph status, until no placement group is degraded`,
        "kubectl taint node NODE node.kubernetes.io/out-of-service- once the node has been switched off and on again",
      ],
    };
  }
  const refuse = (message: string, allowed: string): { readonly refused: Problem } => ({
    refused: {
      path: "failover",
      value: shown("automatic"),
      message,
      allowed: `Allowed: manual${allowed}`,
    },
  });
  if (!isBlock(options)) {
    return refuse(
      "the driver fences a lost node for block volumes only, so a shared file system is moved by a person",
      ", or storage: rbd",
    );
  }
  if (!isAtLeast(site.backendVersion, DECLARED_FENCING)) {
    return refuse(
      `before Rook ${DECLARED_FENCING} the fencing of a lost node cannot be declared on the driver`,
      `, or Rook ${DECLARED_FENCING} or newer`,
    );
  }
  const check = textOption(options, "nodeHealthCheck");
  return check === undefined
    ? refuse(
        "nothing is named that taints a lost node as out of service, and until then its volumes stay attached to it",
        ", or backendOptions.nodeHealthCheck with the NodeHealthCheck whose remediation does",
      )
    : {
        mode: "automatic",
        mechanism:
          `the NodeHealthCheck ${check} has a lost node tainted as out of service; Kubernetes then frees its volumes, and ` +
          "the driver shuts the node out of Ceph before another one takes them",
        rebuilds:
          `yes: after 10 minutes Ceph makes the copies of a lost node again where ${topology.spread === "sites" ? "its site has" : "there is"} a node ` +
          "without one; those of a whole lost site wait for its return",
      };
}
