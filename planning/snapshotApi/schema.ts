import type { KubernetesObject } from "../plan";

/** A part of an OpenAPI v3 schema as a CustomResourceDefinition holds it. */
export type Schema = Readonly<Record<string, unknown>>;

/** A rule of the Common Expression Language that the API server holds every write against. */
export interface Rule {
  readonly rule: string;
  readonly message: string;
}

/** Fields of an object, and what is asked of them together. */
export interface ObjectShape {
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly rules?: readonly Rule[];
  /** Server-side apply takes the object as one value, not field by field. */
  readonly atomic?: boolean;
}

function withRules(schema: Schema, rules: readonly Rule[]): Schema {
  return rules.length === 0 ? schema : { ...schema, "x-kubernetes-validations": rules };
}

export function text(...rules: readonly Rule[]): Schema {
  return withRules({ type: "string" }, rules);
}

export function list(items: Schema, ...rules: readonly Rule[]): Schema {
  return withRules({ type: "array", items }, rules);
}

/** A map of texts whose keys are free. */
export function texts(...rules: readonly Rule[]): Schema {
  return withRules({ type: "object", additionalProperties: { type: "string" } }, rules);
}

export function object({ properties, required, rules, atomic }: ObjectShape): Schema {
  return withRules(
    {
      type: "object",
      properties,
      ...(required === undefined ? {} : { required }),
      ...(atomic === true ? { "x-kubernetes-map-type": "atomic" } : {}),
    },
    rules ?? [],
  );
}

export const flag: Schema = { type: "boolean" };
export const wholeNumber: Schema = { type: "integer", format: "int64" };
export const size: Schema = { ...wholeNumber, minimum: 0 };
export const moment: Schema = { type: "string", format: "date-time" };

/** A size as people write it (`1Gi`), which the API also takes as a number. */
export const quantity: Schema = {
  type: "string",
  "x-kubernetes-int-or-string": true,
  // int-or-string leaves the form open: sign, digits with a fraction, then a unit or an exponent.
  pattern: String.raw`^[+-]?(\d+(\.\d*)?|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?(\d+(\.\d*)?|\.\d+))?$`,
};

export const deletionPolicy: Schema = { type: "string", enum: ["Delete", "Retain"] };

/** The last error of the driver, with its time. */
export const failure: Schema = object({ properties: { message: text(), time: moment } });

/** The value may not change. A transition rule: the API server applies it once there is an old value. */
export function fixed(name: string): Rule {
  return { rule: "self == oldSelf", message: `${name} cannot be changed` };
}

/** A field that was set may not be taken away; only the object that holds it can say so. */
export function kept(name: string): Rule {
  return {
    rule: `!has(oldSelf.${name}) || has(self.${name})`,
    message: `${name} cannot be removed`,
  };
}

export function exactlyOne(one: string, other: string): Rule {
  return {
    rule: `has(self.${one}) != has(self.${other})`,
    message: `set either ${one} or ${other}, and not both`,
  };
}

export function notEmpty(name: string): Rule {
  return { rule: "size(self) > 0", message: `${name} cannot be empty: leave it out instead` };
}

/** A reference to a namespaced object; `namespace` is a word of the language and so written with underscores. */
export function reference(name: string, ...further: readonly Rule[]): Schema {
  const parts = ["apiVersion", "fieldPath", "kind", "name", "namespace", "resourceVersion", "uid"];
  return object({
    properties: Object.fromEntries(parts.map((part) => [part, text()])),
    atomic: true,
    rules: [
      {
        rule: "has(self.name) && has(self.__namespace__)",
        message: `${name} needs both name and namespace`,
      },
      ...further,
    ],
  });
}

/** Columns of `kubectl get`: name, path and type. */
export type Column = readonly [
  name: string,
  path: string,
  type: "boolean" | "date" | "integer" | "string",
];

export interface Version {
  readonly name: string;
  /** Exactly one version of a kind is the one in which objects are stored. */
  readonly storage: boolean;
  readonly deprecated?: boolean;
  readonly shape: ObjectShape;
}

export interface Kind {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly scope: "Cluster" | "Namespaced";
  readonly description: string;
  /** Review of the API: without it the API server does not serve a group under `k8s.io`. */
  readonly approval: string;
  /** Classes have no status. */
  readonly status: boolean;
  readonly columns: readonly Column[];
  readonly versions: readonly Version[];
}

/** The CustomResourceDefinition of a kind. */
export function definition(of: Kind): KubernetesObject {
  const { group, kind, plural, shortNames, scope } = of;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${plural}.${group}`,
      annotations: { "api-approved.kubernetes.io": of.approval },
    },
    spec: {
      group,
      scope,
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase(), shortNames },
      versions: of.versions.map((version) => versionOf(of, version)),
    },
  };
}

function versionOf(of: Kind, { name, storage, deprecated, shape }: Version): Schema {
  const common = { apiVersion: text(), kind: text(), metadata: { type: "object" } };
  return {
    name,
    served: true,
    storage,
    ...(deprecated === true ? { deprecated: true } : {}),
    ...(of.status ? { subresources: { status: {} } } : {}),
    additionalPrinterColumns: [...of.columns, AGE].map(([column, jsonPath, type]) => ({
      name: column,
      jsonPath,
      type,
    })),
    schema: {
      openAPIV3Schema: {
        description: of.description,
        ...object({ ...shape, properties: { ...common, ...shape.properties } }),
      },
    },
  };
}

const AGE: Column = ["Age", ".metadata.creationTimestamp", "date"];
