import { createHash } from "node:crypto";

import { canonicalJson } from "../../config/canonicalJson";
import { formatProblem } from "../../config/problems";
import { isMap, type JsonValue } from "../../config/rawConfiguration";
import { shapeProblems } from "../../config/shape";
import type { PointRecord } from "../../planning/pointRecord";
import { pointRecordSchema } from "../../planning/schema/pointRecord";
import { CatalogError } from "./errors";

/** Where a record was read, for messages. */
export interface RecordSource {
  readonly stack: string;
  readonly point: string;
  /** For people: a path or an object. */
  readonly where: string;
  /** What to do when it is damaged, one sentence. */
  readonly remedy: string;
}

/**
 * Reads a record as {@link printRecord} wrote it.
 *
 * @throws CatalogError naming the place, the field and what to do: for another form, another point, a gap in the journal,
 * or a digest that does not hold
 */
export function parseRecord(json: string, source: RecordSource): PointRecord {
  const parsed = parsedJson(json);
  const { digest, ...record } = isMap(parsed) ? parsed : {};
  const what = parsed === undefined ? "it is no JSON" : formProblem(record);
  // Checked just now.
  const typed = record as unknown as PointRecord;
  const wrong =
    what ??
    ownerProblem(typed, source) ??
    sequenceProblem(typed) ??
    (digest === recordDigest(typed) ? undefined : "digest does not hold: it was changed by hand");
  if (wrong !== undefined) {
    throw new CatalogError(
      `The record ${source.where} cannot be used: ${wrong}. Nothing was changed. ${source.remedy}`,
    );
  }
  return typed;
}

/** Texts of records: each is measured, and written in two places. Records do not change. */
const printed = new WeakMap<PointRecord, string>();

/** The text that is stored on both sides. @throws Error for a record that could not be read again */
export function printRecord(record: PointRecord): string {
  const known = printed.get(record);
  if (known !== undefined) {
    return known;
  }
  const plain = JSON.parse(JSON.stringify(record)) as Readonly<Record<string, JsonValue>>;
  const problem = formProblem(plain);
  if (problem !== undefined) {
    throw new Error(`The record of restore point ${record.name} is not written: ${problem}`);
  }
  const text = JSON.stringify({ ...plain, digest: recordDigest(record) }, null, 1);
  printed.set(record, text);
  return text;
}

/** SHA-256 over all of a record, hexadecimal. */
export function recordDigest(record: PointRecord): string {
  return createHash("sha256").update(canonicalJson(record)).digest("hex");
}

function parsedJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function formProblem(record: Readonly<Record<string, JsonValue>>): string | undefined {
  const [problem] = shapeProblems(pointRecordSchema, record);
  return problem === undefined ? undefined : formatProblem(problem).replace(/\.$/, "");
}

function ownerProblem({ stack, name }: PointRecord, source: RecordSource): string | undefined {
  if (stack !== source.stack) {
    return `stack is ${stack}, expected is ${source.stack}`;
  }
  return name === source.point ? undefined : `name is ${name}, expected is ${source.point}`;
}

function sequenceProblem({ journal: { sequence, entries } }: PointRecord): string | undefined {
  const last = entries.at(-1);
  if (last?.sequence !== sequence) {
    const found = last === undefined ? "there is none" : `it is ${last.sequence}`;
    return `journal.sequence is ${sequence}, but of the last entry ${found}`;
  }
  const gap = entries.findIndex(
    (entry, index) => index > 0 && entry.sequence !== (entries[index - 1]?.sequence ?? 0) + 1,
  );
  return gap > 0 ? `journal.entries[${gap}].sequence does not follow the one before` : undefined;
}
