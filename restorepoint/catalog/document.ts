import type { Waiver } from "../../planning/site";
import {
  amount,
  asObject,
  count,
  DecodeError,
  flag,
  list,
  oneOf,
  optional,
  record,
  shape,
  text,
  time,
  type Decoder,
} from "./decode";
import { vmRecord } from "./vmRecord";
import type { ClaimLineage, FrozenHook, JournalEntry, MemberVerification, PointJournal, PointMember, PointRecord, PointVolume, ReleaseRecord, RunSummary, StepDetail, StoppedWorkload, UncoveredClaim } from "../../planning/pointRecord";
import { CatalogError } from "./errors";

const marks = { lost: optional(time), expiredAt: optional(time) };

const members = {
  virtualMachine: shape<Extract<PointMember, { kind: "virtualMachine" }>>({
    kind: oneOf("virtualMachine"),
    node: text,
    uuid: text,
    handle: text,
    takenAt: optional(time),
    ...marks,
  }),
  volume: shape<Extract<PointMember, { kind: "volume" }>>({
    kind: oneOf("volume"),
    namespace: text,
    claim: text,
    uid: text,
    snapshot: text,
    content: text,
    handle: text,
    createdAt: time,
    bytes: count,
    group: optional(text),
    ...marks,
  }),
  etcd: shape<Extract<PointMember, { kind: "etcd" }>>({
    kind: oneOf("etcd"),
    node: text,
    file: text,
    sha256: text,
    createdAt: time,
    ...marks,
  }),
};

const member: Decoder<PointMember> = (value, path) => {
  const kind = oneOf(
    "virtualMachine",
    "volume",
    "etcd",
  )(asObject(value, path)["kind"], `${path}.kind`);
  return members[kind](value, path);
};

const detail = shape<StepDetail>({
  kind: optional(text),
  namespace: optional(text),
  name: optional(text),
  uid: optional(text),
  claim: optional(text),
  volume: optional(text),
  snapshot: optional(text),
  content: optional(text),
  handle: optional(text),
  node: optional(text),
  file: optional(text),
  digest: optional(text),
  replicas: optional(count),
  formerReplicas: optional(count),
  count: optional(count),
  bytes: optional(count),
  seconds: optional(amount),
  until: optional(time),
  outcome: optional(oneOf("done", "failed", "skipped", "undone")),
  message: optional(text),
});

const lineage = shape<ClaimLineage>({
  namespace: text,
  claim: text,
  uid: text,
  at: time,
  volume: text,
  volumeHandle: text,
  driver: text,
  className: text,
  parameters: record(text),
  capacity: text,
  accessModes: list(text),
  volumeMode: text,
  fsType: optional(text),
});

const journal = shape<PointJournal>({
  sequence: count,
  summaries: list(
    shape<RunSummary>({
      command: text,
      who: text,
      from: time,
      to: time,
      first: count,
      last: count,
      steps: count,
      outcome: optional(oneOf("done", "failed", "skipped", "undone")),
      chain: text,
    }),
  ),
  entries: list(
    shape<JournalEntry>({
      sequence: count,
      at: time,
      who: text,
      command: text,
      run: count,
      event: oneOf("opened", "begun", "ended", "noted", "closed"),
      step: text,
      detail,
      chain: text,
    }),
  ),
});

const document = shape<PointRecord>({
  version: oneOf(1),
  name: text,
  stack: text,
  release: text,
  state: oneOf("planned", "taking", "ready", "failed", "lost", "expiring", "expired"),
  consistency: oneOf("stopped", "frozen", "crash"),
  groupVersion: optional(oneOf("v1", "v1beta2", "v1beta1")),
  expires: time,
  hold: flag,
  takenAt: optional(time),
  volumes: list(shape<PointVolume>({ namespace: text, claim: text, uid: text })),
  members: list(member),
  lineage: list(lineage),
  uncovered: list(shape<UncoveredClaim>({ namespace: text, claim: text, reason: text })),
  spreadSeconds: optional(amount),
  workloads: list(
    shape<StoppedWorkload>({
      kind: oneOf("StatefulSet", "Deployment", "CronJob"),
      namespace: text,
      name: text,
      replicas: count,
    }),
  ),
  frozen: list(
    shape<FrozenHook>({
      hook: text,
      namespace: text,
      leaseEnds: time,
      frozenAt: time,
      thawedAt: optional(time),
    }),
  ),
  verifications: list(
    shape<MemberVerification>({
      member: text,
      result: oneOf("readable", "proven", "failed"),
      at: time,
      seconds: amount,
      restoreSeconds: optional(amount),
      readSeconds: optional(amount),
      manifestDigest: optional(text),
      files: optional(count),
      bytes: optional(count),
      message: optional(text),
    }),
  ),
  waivers: list(shape<Waiver>({ rule: text, subject: text, who: text, why: text, until: time })),
  objects: optional(shape<ReleaseRecord>({ digest: text, parts: count, secrets: count })),
  vms: optional(list(vmRecord)),
  journal,
});

/** Where a record was read, for messages. */
export interface RecordSource {
  readonly stack: string;
  readonly point: string;
  /** For people: a path or an object. */
  readonly where: string;
  /** What to do when it is damaged, one sentence. */
  readonly remedy: string;
}

/** @throws CatalogError naming the place, the field and what to do */
export function parseRecord(json: string, source: RecordSource): PointRecord {
  try {
    const parsed = document(JSON.parse(json) as unknown, "");
    checkOwner(parsed, source);
    checkSequence(parsed);
    return parsed;
  } catch (error) {
    if (error instanceof DecodeError || error instanceof SyntaxError) {
      const what = error instanceof DecodeError ? error.message : "it is no JSON";
      throw new CatalogError(
        `The record ${source.where} cannot be used: ${what}. Nothing was changed. ${source.remedy}`,
      );
    }
    throw error;
  }
}

/** Keys in the order above, so that equal documents are equal texts. */
export function printRecord(record: PointRecord): string {
  return JSON.stringify(document(record, ""), null, 1);
}

function checkOwner(parsed: PointRecord, { stack, point }: RecordSource): void {
  if (parsed.stack !== stack) {
    throw new DecodeError("stack", `is ${parsed.stack}, expected is ${stack}`);
  }
  if (parsed.name !== point) {
    throw new DecodeError("name", `is ${parsed.name}, expected is ${point}`);
  }
}

function checkSequence({ journal: { sequence, entries } }: PointRecord): void {
  const last = entries.at(-1);
  if (last === undefined || last.sequence !== sequence) {
    const found = last === undefined ? "there is none" : `it is ${last.sequence}`;
    throw new DecodeError("journal.sequence", `is ${sequence}, but of the last entry ${found}`);
  }
  const gap = entries.findIndex(
    (entry, index) => index > 0 && entry.sequence !== (entries[index - 1]?.sequence ?? 0) + 1,
  );
  if (gap > 0) {
    throw new DecodeError(`journal.entries[${gap}].sequence`, "does not follow the one before");
  }
}
