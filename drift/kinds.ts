import type { PlainValue } from "../engine/program/desiredState";

/** What a deployment has to know of a kind beyond its schema. */
interface KindRules {
  /** Top-level fields compared in full: a value there that is not declared counts as a difference. */
  readonly full: readonly string[];
  /** Paths that the API server refuses to change. */
  readonly immutable: readonly string[];
  /** What the API server puts in for a field that is not declared. */
  readonly defaults: Readonly<Record<string, PlainValue>>;
  /** What follows when the object is not there. */
  readonly absence: string;
  /** What a replacement does to what exists. */
  readonly replacement: string;
}

const rules: Readonly<Record<string, Partial<KindRules>>> = {
  StorageClass: {
    full: ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"],
    // ValidateStorageClassUpdate; labels, annotations, mountOptions, allowedTopologies, allowVolumeExpansion may change.
    immutable: ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"],
    defaults: {
      reclaimPolicy: "Delete",
      volumeBindingMode: "Immediate",
      allowVolumeExpansion: false,
    },
    absence: "claims that ask for it stay pending; volumes that exist are not touched",
    replacement:
      "volumes and claims that exist stay as they are, with what they were made with; only new volumes follow",
  },
  VolumeSnapshotClass: {
    full: ["driver", "deletionPolicy", "parameters"],
    defaults: {},
    absence: "no snapshot can be taken with it; snapshots that exist are not touched",
    replacement: "snapshots that exist keep the policy they were taken with",
  },
  VolumeGroupSnapshotClass: {
    full: ["driver", "deletionPolicy", "parameters"],
    // Rules of the CRD itself, other than for the class of single snapshots.
    immutable: ["driver", "deletionPolicy", "parameters"],
    absence: "no group snapshot can be taken with it; those that exist are not touched",
    replacement: "group snapshots that exist keep the policy they were taken with",
  },
  VolumeSnapshot: { immutable: ["spec.source"] },
  CustomResourceDefinition: {
    immutable: ["spec.group", "spec.scope", "spec.names.kind", "spec.names.plural"],
    absence: "the API server does not know the kind, and every object of it is gone with it",
    replacement: "every object of the kind would be gone with it",
  },
  Deployment: {
    immutable: ["spec.selector"],
    absence: "nothing does its work: with the snapshot controller no snapshot becomes ready",
    replacement: "its work rests until the new pods run; what was done stays",
  },
  RoleBinding: { immutable: ["roleRef"] },
  ClusterRoleBinding: { immutable: ["roleRef"] },
};

const none: KindRules = {
  full: [],
  immutable: [],
  defaults: {},
  absence: "what depends on it does not work",
  replacement: "what depends on it is without it for a moment",
};

export function rulesOf(kind: string): KindRules {
  return { ...none, ...rules[kind] };
}

/** Whether a changed path lies under one of the given ones; `*` is all. */
export function liesUnder(path: string, parents: readonly string[]): boolean {
  return parents.some(
    (parent) =>
      parent === "*" ||
      path === parent ||
      path.startsWith(`${parent}.`) ||
      path.startsWith(`${parent}[`),
  );
}
