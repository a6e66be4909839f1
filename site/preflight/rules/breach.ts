import { isSnapshot, record, text } from "../../../drift/resources";
import type { PlainValue } from "../../../engine/program/desiredState";
import { finding, type Finding } from "../finding";
import type { Declared } from "./rule";

/** Judges what is declared without any live system and without the stack file; takes all resources. */
export type Judge = (resources: readonly Declared[]) => readonly Finding[];

export function ofKind(resources: readonly Declared[], kind: string): readonly Declared[] {
  return resources.filter(({ inputs }) => inputs["kind"] === kind);
}

export function parametersOf({ inputs }: Declared): Readonly<Record<string, PlainValue>> {
  return record(inputs["parameters"]);
}

/** As people name it, e.g. `StorageClass atom-replicated`. */
export function objectOf({ type, name, inputs }: Declared): string {
  const kind = text(inputs["kind"]);
  return isSnapshot(type)
    ? `VM snapshot ${text(inputs["snapshotName"])}`
    : kind === ""
      ? `provider ${name}`
      : `${kind} ${text(record(inputs["metadata"])["name"])}`;
}

export function breaches(
  rule: string,
  one: Declared,
  told: readonly (readonly [broken: boolean, message: string])[],
): Finding[] {
  return told
    .filter(([broken]) => broken)
    .map(([, message]) => finding(rule, objectOf(one), ["error", `${message}.`]));
}
