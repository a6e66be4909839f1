/** A Kubernetes object as the API server sends it: nothing dropped, nothing converted. */
export interface ClusterObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMetadata;
  readonly [field: string]: unknown;
}

interface ObjectMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** RFC 3339. */
  readonly creationTimestamp?: string;
  /** RFC 3339; set while the object waits for its finalizers. */
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Names one object. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Undefined for cluster-scoped kinds. */
  readonly namespace?: string | undefined;
}

/** For people, e.g. `StorageClass atom-replicated` or `ConfigMap atom-backup/catalogue`. */
export function describeObject({ kind, namespace, name }: ObjectReference): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

export function referenceOf(object: ClusterObject): ObjectReference {
  const { name, namespace } = object.metadata;
  return { apiVersion: object.apiVersion, kind: object.kind, name, namespace };
}

/** For people: `namespace/name`. */
export function fullName({ metadata }: ClusterObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}

/** The field at a path; undefined where there is none. */
export function field(object: ClusterObject, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) => (value as Readonly<Record<string, unknown>> | null | undefined)?.[name],
    object,
  );
}

/** The same as text; empty where it is no text. */
export function fieldText(object: ClusterObject, ...path: readonly string[]): string {
  const value = field(object, ...path);
  return typeof value === "string" ? value : "";
}
