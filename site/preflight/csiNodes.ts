import type { ClusterClient } from "../../clients/kubernetes/client";
import { field, type ClusterObject } from "../../clients/kubernetes/object";
import type { SitePlan } from "../../planning/plan";
import { listed } from "../../planning/words";
import { finding, type Finding } from "./finding";

interface NodeDriver {
  readonly name: string;
  readonly topologyKeys?: readonly string[];
}

/** What each node's kubelet says of a driver, by node; nodes without it are left out. */
export function driversByNode(
  csiNodes: readonly ClusterObject[],
  driver: string,
): ReadonlyMap<string, NodeDriver> {
  return new Map(
    csiNodes.flatMap((node) => {
      const drivers = (field(node, "spec", "drivers") ?? []) as readonly NodeDriver[];
      const found = drivers.find(({ name }) => name === driver);
      return found === undefined ? [] : [[node.metadata.name, found] as const];
    }),
  );
}

/** A class confined to keys that its driver does not publish makes no volume at all. */
export async function checkTopologyKeys(
  client: Pick<ClusterClient, "list">,
  { classes }: SitePlan,
): Promise<Finding[]> {
  const confined = classes.filter(({ allowedTopologies }) => allowedTopologies !== undefined);
  const nodes = confined.length === 0 ? [] : await client.list("storage.k8s.io/v1", "CSINode");
  return confined.flatMap(({ spec, provisioner, allowedTopologies = [] }) => {
    const drivers = [...driversByNode(nodes, provisioner).values()];
    const published = new Set(drivers.flatMap(({ topologyKeys = [] }) => topologyKeys));
    const lacking = allowedTopologies
      .flat()
      .map(({ key }) => key)
      .filter((key) => !published.has(key));
    return lacking.length === 0
      ? []
      : [
          finding("topology-keys", `StorageClass ${spec.name}`, [
            "error",
            `It is confined by ${listed(lacking)}, and the driver ${provisioner} publishes ` +
              `${listed([...published])}: no volume of it can be made.`,
            "Correct the keys in the stack file, or have the driver publish them (kubectl get csinode -o yaml shows them).",
          ]),
        ];
  });
}
