import { isDeepStrictEqual } from "node:util";

import type { PlainValue } from "../engine/program/desiredState";
import { SECRET_MARK } from "../engine/program/desiredState";
import type { FieldChange } from "../engine/preview";
import { rulesOf } from "./kinds";
import type { Inputs } from "./resources";
import { record, text } from "./resources";
import type { ClusterObject } from "../clients/kubernetes/object";

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

/** Keys with dots or slashes are quoted: `metadata.labels["atom-backup/stack"]`. */
export function joinPath(path: string, key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key)
    ? `${path}.${key}`
    : `${path}[${JSON.stringify(key)}]`;
}
