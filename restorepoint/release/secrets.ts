import { createHash } from "node:crypto";

import type { ClusterObject } from "../../clients/kubernetes/object";
import { canonicalJson } from "../../config/canonicalJson";
import type { OwnNamespace } from "../../clients/kubernetes/ownObjects";
import { contentLabels, partName } from "../../clients/kubernetes/ownObjects";
import { stripped } from "./strip";
import type { HelmRevision, SecretReference } from "./types";

const SOURCE_ANNOTATION = "atom-backup/source";
const DIGEST_ANNOTATION = "atom-backup/source-digest";
/** May hold a Secret's content in clear. */
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
const HELM_TYPE = "helm.sh/release.v1";
/** Made by a controller for one very account; worthless under another UID. */
const TOKEN_TYPE = "kubernetes.io/service-account-token";

/** Where a copy came from; stands on the copy. */
interface Source {
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  readonly immutable?: boolean | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** A Secret on its way from one object of the cluster to another. Printing it shows the reference only. */
export class SecretContent {
  readonly #object: ClusterObject;

  private constructor(
    readonly reference: SecretReference,
    object: ClusterObject,
  ) {
    this.#object = object;
  }

  /** Of a Secret as it was read. */
  static of(secret: ClusterObject): SecretContent {
    const { object } = stripped(secret);
    const annotations = Object.fromEntries(
      Object.entries(object.metadata.annotations ?? {}).filter(([key]) => key !== LAST_APPLIED),
    );
    const { namespace = "", name } = object.metadata;
    const type = typeOf(object);
    return new SecretContent(
      { namespace, name, type, digest: secretDigest(type, dataOf(object)) },
      { ...object, metadata: { ...object.metadata, annotations } },
    );
  }

  /** @returns undefined when the copy does not hold what it says */
  static fromCopy(copy: ClusterObject): SecretContent | undefined {
    const { [SOURCE_ANNOTATION]: text = "", [DIGEST_ANNOTATION]: digest } =
      copy.metadata.annotations ?? {};
    let source: Source;
    try {
      source = JSON.parse(text) as Source;
    } catch {
      return undefined;
    }
    const { namespace, name, type, immutable, labels, annotations } = source;
    const content = SecretContent.of({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { namespace, name, labels, annotations },
      type,
      immutable,
      data: dataOf(copy),
    });
    return content.reference.digest === digest ? content : undefined;
  }

  /** The Secret to be applied where it came from. */
  toApply(): ClusterObject {
    return this.#object;
  }

  /** The n-th copy of a point. Its type says nothing to anybody, so that Helm does not take it for a release. */
  toCopy({ stack, namespace }: OwnNamespace, point: string, n: number): ClusterObject {
    const { metadata } = this.#object;
    const source: Source = {
      namespace: this.reference.namespace,
      name: this.reference.name,
      type: this.reference.type,
      immutable: this.#object["immutable"] === true || undefined,
      labels: metadata.labels,
      annotations: metadata.annotations,
    };
    return {
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: partName(point, "secret", n),
        namespace,
        labels: contentLabels(stack, point, "secret"),
        annotations: {
          [SOURCE_ANNOTATION]: canonicalJson(source),
          [DIGEST_ANNOTATION]: this.reference.digest,
        },
      },
      type: "Opaque",
      immutable: true,
      data: dataOf(this.#object),
    };
  }
}

/** The Helm revision that a Secret holds; undefined for another Secret. */
export function helmRevision(secret: ClusterObject): HelmRevision | undefined {
  const { namespace = "", name, labels = {} } = secret.metadata;
  const { owner, name: release, version = "", status = "unknown" } = labels;
  const revision = Number(version);
  return typeOf(secret) === HELM_TYPE && owner === "helm" && release !== undefined
    ? { namespace, release, revision, status, secret: name }
    : undefined;
}

/** Whether a Secret is part of the release. @param releases `namespace/name`; undefined: all */
export function isReleasedSecret(
  secret: ClusterObject,
  releases: readonly string[] | undefined,
): boolean {
  const helm = helmRevision(secret);
  return helm === undefined
    ? typeOf(secret) !== TOKEN_TYPE
    : releases === undefined || releases.includes(`${helm.namespace}/${helm.release}`);
}

/** SHA-256 over type and data; labels may change without the Secret being another. */
function secretDigest(type: string, data: Readonly<Record<string, string>>): string {
  return createHash("sha256").update(canonicalJson({ type, data })).digest("hex");
}

function typeOf(secret: ClusterObject): string {
  return String(secret["type"] ?? "Opaque");
}

function dataOf(secret: ClusterObject): Readonly<Record<string, string>> {
  return (secret["data"] ?? {}) as Readonly<Record<string, string>>;
}
