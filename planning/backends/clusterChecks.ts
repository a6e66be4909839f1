import { textOption } from "./options";
import type { ClusterCheck, StorageRequest } from "./backend";

type Required<Kind extends string> = Omit<
  Extract<ClusterCheck["requires"], { readonly kind: Kind }>,
  "kind"
>;

export function driverCheck(title: string, name: string, remedy: string): ClusterCheck {
  return check("driver", `the ${title} is installed`, { kind: "csiDriver", name }, remedy);
}

export function crdCheck(
  id: string,
  title: string,
  crd: Required<"crd">,
  remedy: string,
): ClusterCheck {
  return check(id, title, { kind: "crd", ...crd }, remedy);
}

export function objectCheck(
  id: string,
  title: string,
  object: Required<"object">,
  remedy: string,
): ClusterCheck {
  return check(id, title, { kind: "object", ...object }, remedy);
}

/** @param remedy by default: label the nodes with kubectl */
export function labelCheck(
  id: string,
  title: string,
  label: Required<"nodeLabel">,
  remedy = `kubectl label node ${label.nodes.join(" ")} ${label.key}=${label.value ?? ""}`,
): ClusterCheck {
  return check(id, title, { kind: "nodeLabel", ...label }, remedy);
}

/** The NodeHealthCheck that `backendOptions.nodeHealthCheck` names; none where it names none. */
export function healthCheck({ site }: StorageRequest): readonly ClusterCheck[] {
  const name = textOption(site.backendOptions, "nodeHealthCheck");
  const apiVersion = "remediation.medik8s.io/v1alpha1";
  return name === undefined
    ? []
    : [
        objectCheck(
          "failover",
          `the NodeHealthCheck ${name} is there`,
          { apiVersion, object: "NodeHealthCheck", name },
          "create it with a remediation that sets the out-of-service taint and a minHealthy that a lost site does not undercut, or set failover: manual",
        ),
      ];
}

function check(
  id: string,
  title: string,
  requires: ClusterCheck["requires"],
  remedy: string,
): ClusterCheck {
  return { id, title, requires, severity: "error", remedy };
}
