import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { ClusterObject } from "../../../clients/kubernetes/object";

/** As far as is needed here, the schema of a custom resource. */
export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly "x-kubernetes-preserve-unknown-fields"?: true;
  readonly "x-kubernetes-validations"?: readonly { readonly rule: string }[];
}

/** A kind that a storage vendor's installation serves and the program declares objects of. */
export interface VendorKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: "Namespaced" | "Cluster";
  /** The fields that are declared, by the vendor's reference and no more: whatever else is declared is refused. */
  readonly schema: Schema;
}

const text: Schema = { type: "string" };
const flag: Schema = { type: "boolean" };
const object = (properties: Record<string, Schema>, required: readonly string[] = []): Schema => ({
  type: "object",
  properties,
  ...(required.length === 0 ? {} : { required }),
});
const list = (items: Schema): Schema => ({ type: "array", items });

const pool: Record<string, Schema> = {
  failureDomain: text,
  deviceClass: text,
  replicated: object(
    {
      size: { type: "integer", minimum: 0 },
      requireSafeReplicaSize: flag,
      replicasPerFailureDomain: { type: "integer", minimum: 1 },
      subFailureDomain: text,
    },
    ["size"],
  ),
  parameters: { type: "object", additionalProperties: text },
};

/** Pods' own affinity, which the API server's schema has, but not for the inside of another kind. */
const placement = object({
  nodeAffinity: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  podAntiAffinity: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
});

export const VENDOR_KINDS: readonly VendorKind[] = [
  {
    group: "ceph.rook.io",
    version: "v1",
    kind: "CephBlockPool",
    plural: "cephblockpools",
    scope: "Namespaced",
    schema: object({ spec: object(pool) }, ["spec"]),
  },
  {
    group: "ceph.rook.io",
    version: "v1",
    kind: "CephFilesystem",
    plural: "cephfilesystems",
    scope: "Namespaced",
    schema: object(
      {
        spec: object(
          {
            metadataPool: object(pool),
            dataPools: list(object({ name: text, ...pool })),
            preserveFilesystemOnDelete: flag,
            metadataServer: object(
              { activeCount: { type: "integer", minimum: 1 }, activeStandby: flag, placement },
              ["activeCount"],
            ),
          },
          ["dataPools", "metadataPool", "metadataServer"],
        ),
      },
      ["spec"],
    ),
  },
  {
    group: "csi.ceph.io",
    version: "v1",
    kind: "Driver",
    plural: "drivers",
    scope: "Namespaced",
    schema: {
      ...object({ spec: object({ deployCsiAddons: flag, enableFencing: flag }) }),
      // The operator takes what a driver is from its name.
      "x-kubernetes-validations": [
        {
          rule: "['rbd', 'cephfs', 'nfs', 'nvmeof'].exists(one, self.metadata.name.endsWith(one + '.csi.ceph.com'))",
        },
      ],
    },
  },
  {
    group: "longhorn.io",
    version: "v1beta2",
    kind: "Setting",
    plural: "settings",
    scope: "Namespaced",
    schema: object({ value: text }, ["value"]),
  },
  {
    group: "portworx.io",
    version: "v1beta2",
    kind: "VolumePlacementStrategy",
    plural: "volumeplacementstrategies",
    scope: "Cluster",
    schema: object(
      {
        spec: object({
          replicaAntiAffinity: list(
            object({
              enforcement: { type: "string", enum: ["required", "preferred"] },
              topologyKey: text,
            }),
          ),
        }),
      },
      ["spec"],
    ),
  },
];

/** The definition of a kind, with the fields that are declared and no other. */
export function definition({
  group,
  version,
  kind,
  plural,
  scope,
  schema,
}: VendorKind): ClusterObject {
  const names = { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` };
  const versions = [
    { name: version, served: true, storage: true, schema: { openAPIV3Schema: schema } },
  ];
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: { group, scope, names, versions },
  };
}

/** A definition as its vendor ships it. */
export type Definition = ClusterObject & {
  readonly spec: {
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
};

/**
 * The vendors' own definitions, out of all YAML files of a folder, by name; without what a server added, and without
 * the vendor's converter, which does not run in the lab.
 */
export function vendorsDefinitions(folder: string): ReadonlyMap<string, Definition> {
  const documents = readdirSync(folder)
    .filter((file) => /\.ya?ml$/.test(file))
    .flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), "utf8")))
    .flatMap((document) => ("toJS" in document ? [document.toJS() as Definition | null] : []))
    .flatMap((one) => (one?.kind === "CustomResourceDefinition" ? [one] : []))
    .map(({ apiVersion, kind, metadata: { name }, spec }) => {
      return { apiVersion, kind, metadata: { name }, spec: { ...spec, conversion: undefined } };
    });
  return new Map(documents.map((one) => [one.metadata.name, one]));
}

/** Where a schema says what the vendor's does not, as `path: what`. */
export function differences(ours: Schema, theirs: Schema | undefined, path = ""): string[] {
  if (theirs === undefined) {
    return [`${path}: the vendor has no such field`];
  }
  const properties = Object.entries(ours.properties ?? {}).flatMap(([name, schema]) =>
    differences(schema, theirs.properties?.[name], `${path}.${name}`),
  );
  const missing = (ours.required ?? []).filter((name) => !theirs.required?.includes(name));
  return [
    ...(ours.type === theirs.type ? [] : [`${path}: ${ours.type} is ${theirs.type}`]),
    ...missing.map((name) => `${path}.${name}: the vendor does not ask for it`),
    ...properties,
    ...(ours.items === undefined ? [] : differences(ours.items, theirs.items, `${path}[]`)),
  ];
}
