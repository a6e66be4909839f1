import assert from "node:assert/strict";

import { canonicalJson } from "../../../config/canonicalJson";
import type { PointRecord } from "../../../planning/pointRecord";
import { withEntry } from "../../../restorepoint/catalog/entries";
import { memberKey } from "../../../planning/pointMembers";
import { parseRecord, printRecord, recordDigest } from "../../../restorepoint/catalog/record";
import { lineage, volumeMember } from "../../support/points";
import { seed } from "./support";

const source = {
  stack: "lab",
  point: "p",
  where: "/catalog/lab/p.json",
  remedy: "Take it from a backup.",
};

const at = "2026-11-25T12:00:00.123456Z";

const known: PointRecord = {
  ...seed("p"),
  state: "ready",
  groupVersion: "v1",
  volumes: [{ namespace: "atom", claim: "data-db-0", uid: "u" }],
  takenAt: at,
  members: [
    volumeMember("p", "data-db-0", { group: "p", groupHandle: "group-1" }),
    {
      kind: "virtualMachine",
      node: "w-1",
      uuid: "42100000-0000-4000-8000-0000000000a1",
      handle: "snapshot-1",
      takenAt: at,
      lost: at,
    },
    {
      kind: "etcd",
      node: "cp-1",
      file: "/b/p.db",
      sha256: "0",
      createdAt: at,
      expiredAt: at,
    },
  ],
  lineage: [lineage("data-db-0")],
  uncovered: [{ namespace: "atom", claim: "scratch", reason: "of another driver" }],
  spreadSeconds: 0.25,
  workloads: [{ kind: "StatefulSet", namespace: "atom", name: "db", replicas: 3 }],
  frozen: [{ hook: "db", namespace: "atom", frozenAt: at, leaseEnds: at, thawedAt: at }],
  verifications: [
    { member: "volume atom/data-db-0", result: "proven", at, seconds: 3.5, manifestDigest: "ab" },
  ],
  waivers: [{ rule: "spread", subject: "p", who: "ops", why: "known", until: at }],
  objects: { digest: "cd", parts: 2, secrets: 1 },
  vms: [
    {
      node: "w-1",
      uuid: "u",
      reference: "vm-1",
      name: "k8s-w-1",
      at,
      powerState: "poweredOn",
      host: "esx-1",
      memoryMb: 16_384,
      disks: [
        {
          key: 2000,
          label: "Hard disk 1",
          bytes: 1024,
          datastore: "store",
          file: "w-1/disk1.vmdk",
          mode: "persistent",
          raw: "virtualMode",
          volume: "fcd-1",
        },
      ],
      nics: [{ label: "Network adapter 1", mac: "00:50:56:00:00:01", network: "VM Network" }],
    },
  ],
};

const entry = { at, who: "o@h", command: "create", run: 1, event: "opened", step: "" } as const;
const record = withEntry(known, { ...entry, detail: { count: 1 } });

/** The record's text with the value at a path replaced, under a digest that holds. */
function changed(path: string, value: unknown): string {
  const { digest, ...copy } = JSON.parse(printRecord(record)) as Record<string, unknown>;
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  const owner = keys.reduce((inner, key) => inner[key] as Record<string, unknown>, copy);
  owner[last] = value;
  return JSON.stringify({ ...copy, digest: recordDigest(copy as unknown as PointRecord) });
}

describe("a record of the catalog", () => {
  it("comes back from its text as it was, with every field that it may have", () => {
    const back = parseRecord(printRecord(record), source);
    assert.deepEqual(back, record);
    assert.equal(printRecord(back), printRecord(record));
    assert.deepEqual(back.members.map(memberKey), ["volume atom/data-db-0", "vm w-1", "etcd cp-1"]);
  });

  it("has a digest that the order of its keys does not move, and any value does", () => {
    const turned = Object.fromEntries(Object.entries(record).reverse()) as unknown as PointRecord;
    assert.equal(recordDigest(turned), recordDigest(record));
    assert.notEqual(recordDigest({ ...record, hold: true }), recordDigest(record));
    assert.match(canonicalJson(record), /^\{"consistency"/);
  });

  for (const [path, value, said] of [
    ["version", 2, "version = 2"],
    ["stack", "north", "stack is north, expected is lab"],
    ["name", "q", "name is q, expected is p"],
    ["state", "done", 'state = "done"'],
    ["journal.sequence", 7, "journal.sequence is 7, but of the last entry it is 1"],
    ["journal.entries", [], "journal.sequence is 1, but of the last entry there is none"],
    ["journal.entries.0.at", "yesterday", 'journal.entries[0].at = "yesterday"'],
    ["journal.entries.0.detail.password", "x", "journal.entries[0].detail.password: "],
    ["journal.entries.0.event", "done", 'journal.entries[0].event = "done"'],
    ["members.0.kind", "disk", "members[0]"],
    ["members.0.bytes", -1, "members[0]"],
    ["lineage.0.parameters.replicas", 2, "lineage[0].parameters.replicas = 2"],
    ["waivers", {}, "waivers = {…}"],
    ["colour", "red", "colour: "],
  ] as const) {
    it(`is refused with ${path} ${JSON.stringify(value)}`, () => {
      assert.throws(
        () => parseRecord(changed(path, value), source),
        ({ name, message }: Error) => {
          assert.equal(name, "CatalogError");
          const start = `The record /catalog/lab/p.json cannot be used: ${said}`;
          assert.equal(message.slice(0, start.length), start);
          assert.ok(message.endsWith("Take it from a backup."));
          assert.ok(!message.includes('"x"'), "an unknown key may hold a secret");
          return true;
        },
      );
    });
  }

  it("is refused when it was edited by hand, is cut off or has no digest", () => {
    const text = printRecord(record);
    const bare = JSON.stringify(record);
    const proven = text.replace('"failed"', '"proven"').replace('"24.1"', '"24.2"');
    for (const [damaged, said] of [
      [proven, /digest does not hold/],
      [bare, /digest does not hold/],
      [text.slice(0, 100), /it is no JSON/],
      ["[]", /version: is missing/],
    ] as const) {
      assert.throws(() => parseRecord(damaged, source), { name: "CatalogError", message: said });
    }
  });

  it("is never written in a form that cannot be read again", () => {
    const secret = { ...record, token: "hunter2" };
    assert.throws(
      () => printRecord(secret),
      ({ message }: Error) => message.includes("token") && !message.includes("hunter2"),
    );
  });
});
