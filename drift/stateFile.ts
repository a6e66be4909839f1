import type { PlainValue } from "../engine/program/desiredState";
import type { DeployedResource } from "./types";

/** The lab's state file as it lies on disk. */
export interface StateFile {
  readonly version: 1;
  readonly stack: string;
  readonly resources: readonly DeployedResource[];
}

/** The record of what was deployed cannot be used; the message names the file and what is wrong in it. */
export class StateError extends Error {
  override readonly name = "StateError";
}

/** One line of the journal: what is about to be done, what came of it, or what left the record. */
export type JournalEntry =
  | { readonly op: "begin"; readonly urn: string; readonly kind: string; readonly at: string }
  | { readonly op: "record"; readonly resource: DeployedResource }
  | { readonly op: "drop"; readonly urn: string };

/** Where a text came from, for messages. */
interface Source {
  readonly file: string;
  /** What to do when it is damaged. */
  readonly remedy: string;
}

/** @throws StateError naming the file and the field */
export function parseStateFile(text: string, stack: string, source: Source): StateFile {
  const value = parseJson(text, source);
  const { version, stack: owner, resources } = asRecord(value, "the document", source);
  if (version !== 1) {
    throw damaged(source, `version is ${show(version)}, known is 1`);
  }
  if (owner !== stack) {
    throw damaged(source, `stack is ${show(owner)}: it belongs to another stack than ${stack}`);
  }
  if (!Array.isArray(resources)) {
    throw damaged(source, `resources is ${show(resources)}, a list is needed`);
  }
  const parsed = resources.map((resource, index) =>
    parseResource(resource, `resources[${index}]`, stack, source),
  );
  const urns = parsed.map(({ urn }) => urn);
  const twice = urns.findIndex((urn, index) => urns.indexOf(urn) !== index);
  if (twice >= 0) {
    throw damaged(source, `resources[${twice}].urn is there twice: ${show(urns[twice])}`);
  }
  return { version: 1, stack, resources: parsed };
}

/**
 * The entries of a journal. A last line without its end was being written when the program was killed: it never
 * happened.
 *
 * @throws StateError naming the file and the line
 */
export function parseJournal(text: string, stack: string, source: Source): JournalEntry[] {
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line, index) => {
    const where = `line ${index + 1}`;
    const entry = asRecord(parseJson(line, source, where), where, source);
    switch (entry["op"]) {
      case "begin":
        return {
          op: "begin",
          urn: textAt(entry, "urn", where, source),
          kind: textAt(entry, "kind", where, source),
          at: textAt(entry, "at", where, source),
        };
      case "record":
        return {
          op: "record",
          resource: parseResource(entry["resource"], `${where} resource`, stack, source),
        };
      case "drop":
        return { op: "drop", urn: textAt(entry, "urn", where, source) };
      default:
        throw damaged(
          source,
          `${where} op is ${show(entry["op"])}, known are begin, record and drop`,
        );
    }
  });
}

function parseResource(
  value: unknown,
  where: string,
  stack: string,
  source: Source,
): DeployedResource {
  const resource = asRecord(value, where, source);
  const urn = textAt(resource, "urn", where, source);
  if (!urn.startsWith(`urn:pulumi:${stack}::`)) {
    throw damaged(source, `${where}.urn is ${show(urn)}, which is of another stack than ${stack}`);
  }
  const { protect, retainOnDelete, inputs } = resource;
  if (typeof protect !== "boolean") {
    throw damaged(source, `${where}.protect is ${show(protect)}, true or false is needed`);
  }
  return {
    urn,
    type: textAt(resource, "type", where, source),
    id: textAt(resource, "id", where, source),
    inputs: asRecord(inputs, `${where}.inputs`, source) as Readonly<Record<string, PlainValue>>,
    protect,
    ...(retainOnDelete === true ? { retainOnDelete } : {}),
  };
}

function parseJson(text: string, source: Source, where?: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw damaged(source, where === undefined ? "it is no JSON" : `${where} is no JSON`);
  }
}

function asRecord(
  value: unknown,
  where: string,
  source: Source,
): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw damaged(source, `${where} is ${show(value)}, an object is needed`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function textAt(
  owner: Readonly<Record<string, unknown>>,
  field: string,
  where: string,
  source: Source,
): string {
  const value = owner[field];
  if (typeof value !== "string" || value === "") {
    throw damaged(source, `${where}.${field} is ${show(value)}, a text is needed`);
  }
  return value;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? "missing" : text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function damaged({ file, remedy }: Source, what: string): StateError {
  return new StateError(`${file} cannot be used: ${what}. Nothing was changed. ${remedy}`);
}
