import type { ClusterClient } from "../../clients/kubernetes/client";
import { ClusterError } from "../../clients/kubernetes/error";
import type { ClusterObject } from "../../clients/kubernetes/object";
import type { ClusterCheck } from "../../planning/backends/backend";
import { backendOf } from "../../planning/backends/registry";
import type { SitePlan } from "../../planning/plan";
import type { Finding } from "./finding";

/** Runs what the site's backend wants to be there: its driver, its CRDs, its objects, the labels of the nodes. */
export async function checkBackend(client: ClusterClient, plan: SitePlan): Promise<Finding[]> {
  const { site, topology } = plan;
  const checks = backendOf(site.backend)?.clusterChecks({ site, topology }) ?? [];
  let listed: Promise<ClusterObject[]> | undefined;
  // One LIST, however many checks look at the nodes.
  const nodes: NodeLister = () => (listed ??= client.list("v1", "Node"));
  const findings = await Promise.all(checks.map((check) => runCheck(client, check, nodes)));
  return findings.flat();
}

type NodeLister = () => Promise<readonly ClusterObject[]>;

async function runCheck(
  client: ClusterClient,
  check: ClusterCheck,
  nodes: NodeLister,
): Promise<Finding[]> {
  try {
    const problems = await problemsOf(client, check, nodes);
    return problems.map(({ object, message }) => ({
      severity: check.severity,
      check: check.id,
      object,
      message: `${check.title}: ${message}`,
      remedy: check.remedy,
    }));
  } catch (error) {
    if (error instanceof ClusterError && error.failure !== "unreachable") {
      const message = `${check.title}: ${error.message}`;
      return [{ severity: "unknown", check: check.id, object: "cluster", message }];
    }
    throw error;
  }
}

interface BackendProblem {
  readonly object: string;
  readonly message: string;
}

async function problemsOf(
  client: ClusterClient,
  { requires }: ClusterCheck,
  nodes: NodeLister,
): Promise<readonly BackendProblem[]> {
  switch (requires.kind) {
    case "csiDriver": {
      const { name } = requires;
      const reference = { apiVersion: "storage.k8s.io/v1", kind: "CSIDriver", name };
      return missing(await client.get(reference), `CSIDriver ${name}`);
    }
    case "crd":
      return checkCrd(client, requires.name, requires.version);
    case "object": {
      const { apiVersion, object: kind, namespace, name } = requires;
      if ((await client.resource(apiVersion, kind)) === undefined) {
        return [
          {
            object: `${kind} ${name}`,
            message: `the API server does not serve ${kind} of ${apiVersion}.`,
          },
        ];
      }
      return missing(await client.get({ apiVersion, kind, namespace, name }), `${kind} ${name}`);
    }
    case "nodeLabel":
      return checkLabels(await nodes(), requires);
  }
}

function missing(found: ClusterObject | undefined, object: string): readonly BackendProblem[] {
  return found === undefined ? [{ object, message: `${object} is not there.` }] : [];
}

interface CrdSpec {
  readonly versions?: readonly { readonly name: string; readonly served: boolean }[];
}

async function checkCrd(
  client: ClusterClient,
  name: string,
  version: string,
): Promise<readonly BackendProblem[]> {
  const reference = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    name,
  };
  const crd = await client.get(reference);
  const object = `CRD ${name}`;
  if (crd === undefined) {
    return missing(crd, object);
  }
  const versions = (crd["spec"] as CrdSpec | undefined)?.versions ?? [];
  const served = versions
    .filter((candidate) => candidate.served)
    .map((candidate) => candidate.name);
  return served.includes(version)
    ? []
    : [{ object, message: `${object} serves ${served.join(", ")}, ${version} is needed.` }];
}

function checkLabels(
  nodes: readonly ClusterObject[],
  wanted: Extract<ClusterCheck["requires"], { readonly kind: "nodeLabel" }>,
): readonly BackendProblem[] {
  const { key, value } = wanted;
  return wanted.nodes.flatMap((name) => {
    const object = `node ${name}`;
    const node = nodes.find(({ metadata }) => metadata.name === name);
    if (node === undefined) {
      return [{ object, message: `${object} is not in the cluster.` }];
    }
    const found = node.metadata.labels?.[key] ?? "";
    const right = value === undefined ? found !== "" : found === value;
    const expected = value === undefined ? "a value" : `"${value}"`;
    const shown = found === "" ? "is missing" : `is "${found}"`;
    return right
      ? []
      : [{ object, message: `label ${key} of ${object} ${shown}, ${expected} is expected.` }];
  });
}
