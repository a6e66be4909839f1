import type { ClusterObject } from "../../clients/kubernetes/object";

/** What the product's release consists of, as it was at one moment. No content of a Secret is in it. */
export interface ReleaseObjects {
  readonly version: 1;
  /** Namespaces that were read. */
  readonly namespaces: readonly string[];
  readonly helm: readonly HelmRevision[];
  /** By apiVersion, kind, namespace and name; without what the API server sets, so that they can be applied again. */
  readonly objects: readonly ReleaseObject[];
  readonly secrets: readonly SecretReference[];
  readonly images: readonly RunningImage[];
  /** What could not be read. Whether the release has such objects is not known. */
  readonly unknown: readonly UnreadKind[];
}

export interface ReleaseObject {
  readonly object: ClusterObject;
  /** Controller that made it, e.g. `CronJob/report`: applied again, the owner makes it again. */
  readonly ownedBy?: string;
}

/** One revision of a Helm release, as its Secret's labels say. The Secret itself is among the secrets. */
export interface HelmRevision {
  readonly namespace: string;
  readonly release: string;
  /** Integer from 1; the greatest of a release is the current one. */
  readonly revision: number;
  /** E.g. `deployed` or `superseded`. */
  readonly status: string;
  /** Name of the Secret. */
  readonly secret: string;
}

export interface SecretReference {
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  /** SHA-256 over type and data. */
  readonly digest: string;
}

export interface RunningImage {
  readonly namespace: string;
  /** E.g. `StatefulSet/db`; a pod of its own by its name. */
  readonly workload: string;
  readonly container: string;
  /** As the pod asks for it. */
  readonly image: string;
  /** As the node runs it, with its digest. */
  readonly imageId: string;
}

export interface UnreadKind {
  readonly apiVersion: string;
  /** `*` for all kinds of an API group that does not say which it has. */
  readonly kind: string;
  readonly namespace: string;
  readonly why: string;
}

/** One sentence that says what is wrong and what to do. */
export class ReleaseError extends Error {
  override readonly name = "ReleaseError";
}
