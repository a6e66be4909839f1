import type { ClusterClient } from "../../clients/kubernetes/client";
import { field, type ClusterObject } from "../../clients/kubernetes/object";
import type { ClusterCheck } from "../../planning/backends/backend";
import { backendOf } from "../../planning/backends/registry";
import type { SitePlan } from "../../planning/plan";
import { listed } from "../../planning/words";
import { attempt, finding, type Finding } from "./finding";

/** What is wrong with which object. */
type Problem = readonly [object: string, message: string];
type NodeLister = () => Promise<readonly ClusterObject[]>;

/** Runs what the site's backend wants to be there: its driver, its CRDs, its objects, the labels of the nodes. */
export async function checkBackend(client: ClusterClient, plan: SitePlan): Promise<Finding[]> {
  const { site, topology } = plan;
  const storage = topology.dataSites.flatMap(({ storageNodes }) => storageNodes);
  const checks = backendOf(site.backend).clusterChecks({ site, topology });
  let listed: Promise<ClusterObject[]> | undefined;
  // One LIST, however many checks look at the nodes.
  const nodes: NodeLister = () => (listed ??= client.list("v1", "Node"));
  const findings = checks.map(({ id, title, remedy, requires }) =>
    attempt(id, `${title}: `, async () => {
      const problems = await problemsOf(client, requires, nodes, storage);
      return problems.map(([object, message]) =>
        finding(id, object, ["error", `${title}: ${message}`, remedy]),
      );
    }),
  );
  return (await Promise.all(findings)).flat();
}

async function problemsOf(
  client: ClusterClient,
  requires: ClusterCheck["requires"],
  nodes: NodeLister,
  storage: readonly string[],
): Promise<readonly Problem[]> {
  switch (requires.kind) {
    case "csiDriver":
      return checkDriver(client, requires.name, storage);
    case "crd":
      return checkCrd(client, requires.name, requires.version);
    case "object": {
      const { apiVersion, object: kind, namespace, name } = requires;
      const object = `${kind} ${name}`;
      return (await client.resource(apiVersion, kind)) === undefined
        ? [[object, `the API server does not serve ${kind} of ${apiVersion}.`]]
        : missing(await client.get({ apiVersion, kind, namespace, name }), object);
    }
    case "nodeLabel":
      return checkLabels(await nodes(), requires);
  }
}

/** Without an entry in its CSINode a node can use no volume of the driver. */
async function checkDriver(
  client: ClusterClient,
  name: string,
  storage: readonly string[],
): Promise<readonly Problem[]> {
  const apiVersion = "storage.k8s.io/v1";
  const driver = await client.get({ apiVersion, kind: "CSIDriver", name });
  if (driver === undefined) {
    return missing(driver, `CSIDriver ${name}`);
  }
  const there = driversByNode(await client.list(apiVersion, "CSINode"), name);
  return storage
    .filter((node) => !there.has(node))
    .map((node) => [`CSINode ${node}`, `node ${node} does not have the driver ${name}.`]);
}

function missing(found: ClusterObject | undefined, object: string): readonly Problem[] {
  return found === undefined ? [[object, `${object} is not there.`]] : [];
}

async function checkCrd(
  client: ClusterClient,
  name: string,
  version: string,
): Promise<readonly Problem[]> {
  const kind = "CustomResourceDefinition";
  const crd = await client.get({ apiVersion: "apiextensions.k8s.io/v1", kind, name });
  const object = `CRD ${name}`;
  if (crd === undefined) {
    return missing(crd, object);
  }
  const versions = (field(crd, "spec", "versions") ?? []) as readonly {
    readonly name: string;
    readonly served: boolean;
  }[];
  const served = versions.filter((one) => one.served).map((one) => one.name);
  return served.includes(version)
    ? []
    : [[object, `${object} serves ${served.join(", ")}, ${version} is needed.`]];
}

function checkLabels(
  nodes: readonly ClusterObject[],
  wanted: Extract<ClusterCheck["requires"], { readonly kind: "nodeLabel" }>,
): readonly Problem[] {
  const { key, value } = wanted;
  return wanted.nodes.flatMap((name): Problem[] => {
    const object = `node ${name}`;
    const node = nodes.find(({ metadata }) => metadata.name === name);
    if (node === undefined) {
      return [[object, `${object} is not in the cluster.`]];
    }
    const found = node.metadata.labels?.[key] ?? "";
    const right = value === undefined ? found !== "" : found === value;
    const expected = value === undefined ? "a value" : `"${value}"`;
    const shown = found === "" ? "is missing" : `is "${found}"`;
    return right ? [] : [[object, `label ${key} of ${object} ${shown}, ${expected} is expected.`]];
  });
}

interface NodeDriver {
  readonly name: string;
  readonly topologyKeys?: readonly string[];
}

/** What each node's kubelet says of a driver, by node; nodes without it are left out. */
function driversByNode(
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
