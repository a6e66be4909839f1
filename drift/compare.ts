import { isDeepStrictEqual } from "node:util";

import { type PlainValue, SECRET_MARK } from "../engine/program/desiredState";
import { isWithin, joinPath } from "../config/keyPath";
import { type Inputs, record, text } from "./resources";
import type { ClusterObject } from "../clients/kubernetes/object";
import type { FieldChange } from "../engine/preview";

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
    // All that decides where volumes come to be and how they are mounted.
    full: [
      ...["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"],
      ...["mountOptions", "allowedTopologies", "allowVolumeExpansion"],
    ],
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
  return parents.some((parent) => parent === "*" || path === parent || isWithin(path, parent));
}

interface Version {
  readonly name: string;
  readonly storage: boolean;
}

/**
 * Why a live CRD cannot become the declared one; undefined where it can. The API server keeps a list of all versions in
 * which objects were ever stored, and refuses a definition that lacks one of them: it could not read such an object
 * again. Kept for that alone, an old version would stay in ours for good, so that the list has to be put right instead.
 */
export function unreadableVersions(declared: Inputs, live: ClusterObject): string | undefined {
  if (declared["kind"] !== "CustomResourceDefinition") {
    return undefined;
  }
  const ours = versionsOf(declared).map(({ name }) => name);
  const { storedVersions = [] } = (live["status"] ?? {}) as {
    readonly storedVersions?: readonly string[];
  };
  const lacking = storedVersions.filter((version) => !ours.includes(version));
  if (lacking.length === 0) {
    return undefined;
  }
  const { name } = live.metadata;
  const why =
    `Objects of it may still be stored as ${lacking.join(", ")}, which the declared one (${ours.join(", ")}) does not ` +
    "have; the API server refuses that.";
  const leave =
    "or set snapshots.installController: false and leave the CRDs to those who brought them.";
  const now = versionsOf(live as unknown as Inputs).find(({ storage }) => storage)?.name ?? "";
  if (lacking.includes(now)) {
    return (
      `${why} It is the very version in which new ones are stored: have those who brought the CRD bring the one of ` +
      `external-snapshotter 8.4 or newer first, ${leave}`
    );
  }
  const patch = JSON.stringify({ status: { storedVersions: [now] } });
  return (
    `${why} Have them all stored anew as ${now}: kubectl get ${name} -A -o json | kubectl replace -f - ; then take the ` +
    `others off the list: kubectl patch crd ${name} --subresource=status --type=merge -p '${patch}' ; ${leave}`
  );
}

function versionsOf(crd: Inputs): readonly Version[] {
  return (record(crd["spec"])["versions"] ?? []) as unknown as readonly Version[];
}

type Value = PlainValue | undefined;

/** Identity, and what only the API server writes. */
const NOT_COMPARED: readonly string[] = ["apiVersion", "kind", "status"];
const IDENTITY: readonly string[] = ["metadata.name", "metadata.namespace"];

/**
 * Fields in which a live object differs from its declaration. Only declared fields count, because others belong to
 * the API server, its controllers and other people; except
 * - fields that decide about data, which are compared in full (a parameter added by hand changes where copies go), and
 * - fields that were declared at the last deployment and are no longer: they have to go.
 *
 * @param recorded inputs of the last deployment
 */
export function compareObject(
  declared: Inputs,
  recorded: Inputs | undefined,
  live: ClusterObject,
): FieldChange[] {
  const { defaults, full } = rulesOf(text(declared["kind"]));
  const there = live as unknown as Inputs;
  const names = new Set([...Object.keys(declared), ...Object.keys(recorded ?? {}), ...full]);
  return [...names]
    .filter((name) => !NOT_COMPARED.includes(name))
    .flatMap((name) => {
      const wanted = declared[name] ?? defaults[name];
      const found = there[name] ?? defaults[name];
      const changes = compareValues(name, wanted, found, full.includes(name));
      const seen = new Set(changes.map(({ path }) => path));
      const gone = dropped(name, recorded?.[name], declared[name], there[name]).filter(
        ({ path }) => !seen.has(path) && defaults[name] === undefined,
      );
      return [...changes, ...gone];
    })
    .filter(({ path }) => !IDENTITY.includes(path));
}

function compareValues(path: string, wanted: Value, found: Value, full: boolean): FieldChange[] {
  // What is secret stands as a mark, so only its presence can be compared.
  if (wanted === SECRET_MARK && !isEmpty(found)) {
    return [];
  }
  if (isEmpty(wanted)) {
    return full && !isEmpty(found) ? [{ path, from: found, to: wanted ?? undefined }] : [];
  }
  if (Array.isArray(wanted) && Array.isArray(found) && wanted.length === found.length) {
    return wanted.flatMap((item, index) =>
      compareValues(`${path}[${index}]`, item as Value, found[index] as Value, full),
    );
  }
  if (isRecord(wanted) && (isRecord(found) || isEmpty(found))) {
    const there = record(found);
    const keys = full
      ? new Set([...Object.keys(wanted), ...Object.keys(there)])
      : Object.keys(wanted);
    return [...keys].flatMap((key) =>
      compareValues(joinPath(path, key), wanted[key], there[key], full),
    );
  }
  return isDeepStrictEqual(wanted, found) ? [] : [{ path, from: found ?? undefined, to: wanted }];
}

/** Leaves that were declared, are no longer, and are still there with the value that was declared. */
function dropped(path: string, before: Value, now: Value, found: Value): FieldChange[] {
  if (isEmpty(before) || isEmpty(found)) {
    return [];
  }
  if (isRecord(before)) {
    return Object.keys(before).flatMap((key) =>
      dropped(joinPath(path, key), before[key], record(now)[key], record(found)[key]),
    );
  }
  return isEmpty(now) && isDeepStrictEqual(before, found)
    ? [{ path, from: found, to: undefined }]
    : [];
}

/** Absent, null, an empty list and an empty object are the same to the API server; an empty text or false is not. */
function isEmpty(value: Value): boolean {
  if (value === undefined || value === null) {
    return true;
  }
  return typeof value === "object" && Object.keys(value).length === 0;
}

function isRecord(value: Value): value is Readonly<Record<string, PlainValue>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
