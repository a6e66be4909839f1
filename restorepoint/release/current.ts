import { gunzipSync } from "node:zlib";

import type { ClusterClient } from "../../clients/kubernetes/client";
import { fieldText, type ClusterObject } from "../../clients/kubernetes/object";
import type { Site } from "../../planning/site";
import { lastingNamespaces, listIn } from "../served";

const HELM_DEPLOYED = "owner=helm,status=deployed";
const VERSION_LABEL = "app.kubernetes.io/version";

/**
 * The release that runs now: the application version of the product's Helm releases, else the version label of its
 * workloads. Undefined where nothing says it, or where they say different things.
 */
export async function currentRelease(
  client: ClusterClient,
  { product }: Site,
): Promise<string | undefined> {
  const namespaces = await lastingNamespaces(client, product.namespaces);
  const secrets = await listIn(client, namespaces, "v1", "Secret", HELM_DEPLOYED);
  const chosen = secrets.filter(({ metadata: { namespace = "", labels } }) => {
    const name = `${namespace}/${labels?.["name"] ?? ""}`;
    return product.helmReleases === undefined || product.helmReleases.includes(name);
  });
  const helm = only(chosen.map(chartVersion));
  if (helm !== undefined) {
    return helm;
  }
  const workloads = await Promise.all(
    ["StatefulSet", "Deployment"].map((kind) =>
      listIn(client, namespaces, "apps/v1", kind, product.workloads),
    ),
  );
  return only(workloads.flat().map(({ metadata }) => metadata.labels?.[VERSION_LABEL]));
}

/** The version that all agree on, and that a point can be labelled with. */
function only(versions: readonly (string | undefined)[]): string | undefined {
  const [first, ...others] = new Set(versions.filter((version) => version !== undefined));
  const usable =
    first !== undefined && /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(first);
  return usable && others.length === 0 ? first : undefined;
}

/** Helm keeps a release as gzipped JSON in Base64, and a Secret's data is in Base64 once more. */
function chartVersion(secret: ClusterObject): string | undefined {
  try {
    const inner = Buffer.from(fieldText(secret, "data", "release"), "base64").toString();
    const release = gunzipSync(Buffer.from(inner, "base64")).toString();
    const { chart } = JSON.parse(release) as { chart?: { metadata?: Record<string, string> } };
    return chart?.metadata?.["appVersion"] ?? chart?.metadata?.["version"];
  } catch {
    // Another storage driver, or a future format: the operator then says it.
    return undefined;
  }
}
