import type { ClusterClient } from "../../clients/kubernetes/client";
import { ClusterError } from "../../clients/kubernetes/error";
import type { ClusterObject } from "../../clients/kubernetes/object";
import type { Product } from "../../planning/site";
import { compareText } from "../../planning/words";
import { listServed } from "../served";
import { isCustomGroup, isReleased, RELEASE_KINDS } from "./kinds";
import { helmRevision, isReleasedSecret, SecretContent } from "./secrets";
import { runningImages } from "./images";
import { stripped } from "./strip";
import type { HelmRevision, ReleaseObjects, UnreadKind } from "./types";

export interface CollectedRelease {
  readonly release: ReleaseObjects;
  /** In the order of `release.secrets`; to be copied inside the cluster and nowhere else. */
  readonly secrets: readonly SecretContent[];
}

/**
 * Reads what the release consists of, by one LIST for each kind and namespace of the product. A kind that may not be
 * listed is recorded as such.
 *
 * @throws ClusterError when the cluster does not answer
 */
export async function collectRelease(
  client: ClusterClient,
  product: Pick<Product, "namespaces" | "helmReleases">,
): Promise<CollectedRelease> {
  const lists = new Lists(client, [...new Set(product.namespaces)].sort());
  const kinds = [...RELEASE_KINDS, ...(await customKinds(client, lists))];
  const found = await lists.all(kinds);
  const secrets = (await lists.all([["v1", "Secret"]])).filter((secret) =>
    isReleasedSecret(secret, product.helmReleases),
  );
  const pods = await lists.all([["v1", "Pod"]]);
  const contents = secrets.filter(isReleased).sort(byPlace).map(SecretContent.of);
  const release: ReleaseObjects = {
    version: 1,
    namespaces: lists.namespaces,
    helm: secrets.flatMap((secret) => helmRevision(secret) ?? []).sort(byRevision),
    objects: found.filter(isReleased).sort(byPlace).map(stripped),
    secrets: contents.map(({ reference }) => reference),
    images: runningImages(pods),
    unknown: [...lists.unread].sort((one, other) => compareText(placeOf(one), placeOf(other))),
  };
  return { release, secrets: contents };
}

/** Kinds that custom resource definitions and extension API servers add, in one version each. */
async function customKinds(
  client: ClusterClient,
  lists: Lists,
): Promise<readonly (readonly [string, string])[]> {
  const { kinds, unread } = await client.servedKinds(isCustomGroup);
  for (const { apiVersion, error } of unread) {
    lists.miss(apiVersion, "*", error);
  }
  return kinds
    .filter(
      ({ namespaced, verbs }) => namespaced && verbs.includes("list") && verbs.includes("create"),
    )
    .map(({ apiVersion, kind }) => [apiVersion, kind]);
}

/** LISTs in the namespaces of a product; what is refused is kept as such. */
class Lists {
  readonly unread: UnreadKind[] = [];

  constructor(
    private readonly client: ClusterClient,
    readonly namespaces: readonly string[],
  ) {}

  async all(kinds: readonly (readonly [string, string])[]): Promise<ClusterObject[]> {
    const questions = kinds.flatMap((kind) =>
      this.namespaces.map((namespace) => this.one(kind, namespace)),
    );
    return (await Promise.all(questions)).flat();
  }

  miss(apiVersion: string, kind: string, error: ClusterError): void {
    for (const namespace of this.namespaces) {
      this.unread.push({ apiVersion, kind, namespace, why: error.message });
    }
  }

  private async one(
    [apiVersion, kind]: readonly [string, string],
    namespace: string,
  ): Promise<readonly ClusterObject[]> {
    try {
      // An older cluster without the kind has no object of it either.
      return await listServed(this.client, apiVersion, kind, { namespace });
    } catch (error) {
      if (!(error instanceof ClusterError) || error.failure !== "answer") {
        throw error;
      }
      this.unread.push({ apiVersion, kind, namespace, why: error.message });
      return [];
    }
  }
}

function byRevision(one: HelmRevision, other: HelmRevision): number {
  const releases = compareText(
    `${one.namespace}/${one.release}`,
    `${other.namespace}/${other.release}`,
  );
  return releases === 0 ? one.revision - other.revision : releases;
}

function byPlace(one: ClusterObject, other: ClusterObject): number {
  return compareText(
    placeOf({ ...one, ...one.metadata }),
    placeOf({ ...other, ...other.metadata }),
  );
}

function placeOf(object: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name?: string;
}): string {
  const { apiVersion, kind, namespace = "", name = "" } = object;
  return [apiVersion, kind, namespace, name].join("\u0000");
}
