import assert from "node:assert/strict";

import { parseLedger, printLedger } from "../../../restorepoint/catalog/document";
import { withEntry } from "../../../restorepoint/catalog/entries";
import { contentAt, memberKey, provenAt } from "../../../restorepoint/catalog/proof";
import type { Catalogue, LedgerDocument } from "../../../restorepoint/catalog/types";
import { emptyCatalogue } from "../../../restorepoint/catalog/types";
import { SEED, volumeMember } from "./support";

const source = {
  stack: "lab",
  point: "p",
  where: "/ledger/lab/p.json",
  remedy: "Take it from a backup.",
};

const at = "2026-11-25T12:00:00.123456Z";

const catalogue: Catalogue = {
  ...emptyCatalogue(SEED),
  takenAt: at,
  members: [
    volumeMember("data-db-0", at),
    {
      kind: "virtualMachine",
      node: "w-1",
      uuid: "u",
      handle: "snapshot-1",
      lost: at,
      expiredAt: undefined,
    },
    {
      kind: "etcd",
      node: "cp-1",
      file: "/b/p.db",
      sha256: "0",
      createdAt: at,
      lost: undefined,
      expiredAt: at,
    },
  ],
  lineage: [
    {
      namespace: "atom",
      claim: "data-db-0",
      uid: "u",
      at,
      volume: "pvc-1",
      volumeHandle: "h",
      driver: "lab.csi.atom.example",
      className: "atom-replicated",
      parameters: { replicas: "2" },
      capacity: "8Gi",
      accessModes: ["ReadWriteOnce"],
      volumeMode: "Filesystem",
      fsType: "ext4",
    },
  ],
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

const ledger: LedgerDocument = withEntry(
  { version: 1, stack: "lab", point: "p", sequence: 0, catalogue, summaries: [], entries: [] },
  { at, who: "o@h", command: "create", run: 1, event: "opened", step: "", detail: { count: 1 } },
);

/** The document with one value at a path replaced, as text. */
function broken(change: (document: Record<string, never>) => void): string {
  const copy = JSON.parse(printLedger(ledger)) as Record<string, never>;
  change(copy);
  return JSON.stringify(copy);
}

describe("a ledger document", () => {
  it("comes back from its text as it was", () => {
    const back = parseLedger(printLedger(ledger), source);
    assert.equal(printLedger(back), printLedger(ledger));
    assert.deepEqual(back.catalogue.lineage, catalogue.lineage);
    assert.deepEqual(JSON.parse(JSON.stringify(back.catalogue.vms)), catalogue.vms);
    assert.deepEqual(back.entries, ledger.entries);
    assert.deepEqual(back.catalogue.members.map(memberKey), [
      "volume atom/data-db-0",
      "virtualMachine w-1",
      "etcd cp-1",
    ]);
  });

  it("of a program that recorded no machines is read", () => {
    const older: Catalogue = { ...emptyCatalogue(SEED), members: catalogue.members };
    const text = printLedger({ ...ledger, catalogue: older });
    assert.doesNotMatch(text, /"vms"/u);
    const back = parseLedger(text, source);
    assert.equal(back.catalogue.vms, undefined);
  });

  const assign = (path: string, value: unknown) => (document: object) => {
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    const owner = keys.reduce<Record<string, unknown>>(
      (inner, key) => inner[key] as Record<string, unknown>,
      document as Record<string, unknown>,
    );
    owner[last] = value;
  };

  for (const [path, value, what] of [
    ["version", 2, "version is 2, known are 1"],
    ["stack", "north", "stack is north, expected is lab"],
    ["point", "q", "point is q, expected is p"],
    ["sequence", 7, "sequence is 7, but of the last entry it is 1"],
    ["entries", [], "sequence is 1, but of the last entry there is none"],
    ["entries.0.at", "yesterday", 'entries[0].at is "yesterday", a date-time is needed'],
    [
      "entries.0.detail.password",
      "x",
      "entries[0].detail.password is not known to this version of the program",
    ],
    [
      "entries.0.event",
      "done",
      'entries[0].event is "done", known are opened, begun, ended, noted, closed',
    ],
    [
      "catalogue.members.0.kind",
      "disk",
      'catalogue.members[0].kind is "disk", known are virtualMachine, volume, etcd',
    ],
    [
      "catalogue.members.0.bytes",
      -1,
      "catalogue.members[0].bytes is -1, an integer >= 0 is needed",
    ],
    [
      "catalogue.members.1.handle",
      undefined,
      "catalogue.members[1].handle is missing, a text is needed",
    ],
    [
      "catalogue.lineage.0.parameters.replicas",
      2,
      "catalogue.lineage[0].parameters.replicas is 2, a text is needed",
    ],
    ["catalogue.waivers", {}, "catalogue.waivers is {}, a list is needed"],
  ] as const) {
    it(`is refused when ${what}`, () => {
      assert.throws(() => parseLedger(broken(assign(path, value)), source), {
        name: "LedgerError",
        message: `The ledger /ledger/lab/p.json cannot be used: ${what}. Nothing was changed. Take it from a backup.`,
      });
    });
  }

  it("is refused when it is cut off", () => {
    assert.throws(() => parseLedger(printLedger(ledger).slice(0, 100), source), {
      message:
        "The ledger /ledger/lab/p.json cannot be used: it is no JSON. Nothing was changed. Take it from a backup.",
    });
  });
});

describe("the proof of a point", () => {
  const proof = (claim: string, result: "readable" | "proven" | "failed", day: number) => ({
    member: `volume atom/${claim}`,
    result,
    at: `2026-11-0${day}T00:00:00Z`,
    seconds: 1,
  });
  const members = [volumeMember("a", at), volumeMember("b", "2026-11-25T12:00:00.2Z")];
  const known = { ...emptyCatalogue(SEED), members };

  it("is as old as the oldest of its volumes' newest proofs", () => {
    const verifications = [
      proof("b", "proven", 1),
      proof("a", "proven", 2),
      proof("b", "proven", 3),
    ];
    assert.equal(provenAt({ ...known, verifications }), "2026-11-02T00:00:00Z");
  });

  it("is none while a volume has none, was found wrong since, or is lost", () => {
    const good = [proof("a", "proven", 1), proof("b", "proven", 1)];
    assert.equal(provenAt({ ...known, verifications: [proof("a", "proven", 1)] }), undefined);
    assert.equal(
      provenAt({ ...known, verifications: [...good, proof("a", "failed", 2)] }),
      undefined,
    );
    assert.equal(
      provenAt({ ...known, verifications: [...good, proof("a", "readable", 2)] }),
      undefined,
    );
    const lost = members.map((member) => ({ ...member, lost: at }));
    assert.equal(provenAt({ ...known, members: lost, verifications: good }), undefined);
    assert.equal(provenAt({ ...known, members: [], verifications: good }), undefined);
  });

  it("knows the newest content", () => {
    assert.equal(contentAt(members), "2026-11-25T12:00:00.2Z");
    assert.equal(contentAt(catalogue.members.slice(1)), undefined);
  });
});
