import { isDeepStrictEqual } from "node:util";

import type { ClusterObject } from "../clients/kubernetes/object";
import type { PlainValue } from "../engine/program/desiredState";
import { rulesOf } from "./kinds";
import type { Inputs } from "./resources";
import { record } from "./resources";

type Value = PlainValue | undefined;

/**
 * The live object as it has to become: declared fields as declared, fields that were declared before and are no longer
 * gone, all others as they are. Fields that are compared in full are put in full.
 */
export function mergeDeclared(
  live: ClusterObject,
  declared: Inputs,
  recorded: Inputs | undefined,
): ClusterObject {
  const { full } = rulesOf(live.kind);
  const before = live as unknown as Inputs;
  const merged: Record<string, Value> = { ...before };
  for (const name of new Set([...Object.keys(declared), ...Object.keys(recorded ?? {}), ...full])) {
    merged[name] = full.includes(name)
      ? declared[name]
      : mergeValue(declared[name], recorded?.[name], before[name]);
  }
  return merged as unknown as ClusterObject;
}

function mergeValue(declared: Value, recorded: Value, live: Value): Value {
  if (isRecord(declared) || (isEmpty(declared) && isRecord(recorded))) {
    const merged: Record<string, PlainValue> = { ...record(live) };
    const keys = new Set([...Object.keys(record(declared)), ...Object.keys(record(recorded))]);
    for (const key of keys) {
      const value = mergeValue(record(declared)[key], record(recorded)[key], record(live)[key]);
      if (value === undefined) {
        delete merged[key];
      } else {
        merged[key] = value;
      }
    }
    return merged;
  }
  if (!isEmpty(declared)) {
    return declared;
  }
  // Not declared any more: gone if it is still what was declared, somebody else's otherwise.
  return isDeepStrictEqual(recorded, live) ? undefined : live;
}

function isEmpty(value: Value): value is undefined | null {
  return value === undefined || value === null;
}

function isRecord(value: Value): value is Readonly<Record<string, PlainValue>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
