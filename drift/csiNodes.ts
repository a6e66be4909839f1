import type { ClusterObject } from "../clients/kubernetes/object";
import { listAt, textAt } from "../planning/backends/answers";
import type { SiteTopology } from "../planning/site";
import { type Finding, found, judged } from "./types";

/** What the node plugin of a CSI driver registers. */
export const CSI_NODE = { apiVersion: "storage.k8s.io/v1", kind: "CSINode" } as const;

/** Storage nodes on which the driver is not registered: nothing attaches a volume there, and no copy is made there. Pure. */
export function judgeCsiNodes(
  { sites }: SiteTopology,
  driver: string,
  csiNodes: readonly ClusterObject[],
): Finding[] {
  const byName = new Map(csiNodes.map((one) => [one.metadata.name, one]));
  return sites
    .filter(({ role }) => role === "data")
    .flatMap(({ storageNodes }) => storageNodes)
    .flatMap((name) => {
      const object = `CSINode ${name}`;
      const live = byName.get(name);
      const names = listAt(live, "spec", "drivers").map((one) => textAt(one, "name"));
      const why = `no volume is made on ${name} nor attached there until the driver's node plugin runs on it.`;
      return judged(
        object,
        live === undefined
          ? [found("missing", object, `Node ${name} has none: ${why}`)]
          : names.includes(driver)
            ? []
            : [
                found("differs", object, `The driver is not registered: ${why}`, [
                  { path: "spec.drivers[].name", from: names.join(", "), to: driver },
                ]),
              ],
      );
    });
}
