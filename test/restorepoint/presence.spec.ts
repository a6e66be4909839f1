import { deepEqual, equal, match } from "node:assert/strict";

import { VERIFY_LABEL } from "../../planning/names";
import type { PointRecord, VolumeMember } from "../../planning/pointRecord";
import { findVmSnapshot, presenceOf, provenAt } from "../../restorepoint/presence";
import {
  cluster,
  liveContent,
  liveSnapshot,
  liveSnapshots,
  point,
  vm,
  vmMember,
  vmSnapshot,
  volume,
} from "./expire/fixtures";

type Content = ReturnType<typeof liveContent>;

const first = volume("p", "a");
const second = volume("p", "b");
const proof = (claim: string, result: "readable" | "proven" | "failed", day: number) => ({
  member: `volume atom/${claim}`,
  result,
  at: `2026-11-0${day}T00:00:00Z`,
  seconds: 1,
});
const proven = [proof("a", "proven", 2), proof("b", "proven", 3)];
const members = [first, second];

function taken(changed: Partial<PointRecord> = {}): PointRecord {
  return point("p", { members, verifications: proven, ...changed });
}

/** The proof of a point while the content of its first volume is another. */
function proofWith(changed: Partial<Content>, record = taken()): string | undefined {
  const contents = [{ ...liveContent(first), ...changed }, liveContent(second)];
  return provenAt(record, { state: "read", value: cluster([record], { contents }) });
}

describe("the proof of a point", () => {
  it("is as old as the oldest of its volumes' newest proofs", () => {
    equal(proofWith({}), "2026-11-02T00:00:00Z");
    const verifications = [proof("b", "proven", 1), ...proven];
    equal(proofWith({}, taken({ verifications })), "2026-11-02T00:00:00Z");
  });

  const records: readonly (readonly [string, Partial<PointRecord>])[] = [
    ["has none", { verifications: proven.slice(1) }],
    ["was found wrong since", { verifications: [...proven, proof("a", "failed", 4)] }],
    ["was only read since", { verifications: [...proven, proof("a", "readable", 4)] }],
    ["is lost", { members: [{ ...first, lost: "2026-11-05T00:00:00Z" }, second] }],
    ["is not among the members", { members: [] }],
  ];
  for (const [title, changed] of records) {
    it(`is none while a volume ${title}`, () => equal(proofWith({}, taken(changed)), undefined));
  }

  const { object } = liveContent(first);
  const marked = (metadata: object): Partial<Content> => ({
    object: { ...object, metadata: { ...object.metadata, ...metadata } },
  });
  const lives: readonly (readonly [string, Partial<Content>])[] = [
    ["is gone", { handle: "other" }],
    ["is being deleted", marked({ deletionTimestamp: "2026-11-06T00:00:00Z" })],
    ["is not ready", { ready: false }],
    ["is known by a verification's content alone", marked({ labels: { [VERIFY_LABEL]: "p" } })],
    ["is known by somebody else's content alone", { name: "x", snapshot: "atom/copy" }],
  ];
  for (const [title, changed] of lives) {
    it(`ends as soon as a volume ${title}`, () => equal(proofWith(changed), undefined));
  }

  it("ends as soon as its VolumeSnapshot is being deleted, and while nobody can look", () => {
    const record = taken();
    const one = liveSnapshot(first, "p");
    const metadata = { ...one.object.metadata, deletionTimestamp: "2026-11-06T00:00:00Z" };
    const snapshots = new Map([["atom/p.a", { ...one, object: { ...one.object, metadata } }]]);
    const value = cluster([record], { snapshots });
    equal(provenAt(record, { state: "read", value }), undefined);
    equal(provenAt(record, { state: "unknown", why: "It is silent." }), undefined);
  });
});

describe("a volume that no content leads to", () => {
  const seen = (verifications: PointRecord["verifications"], member: VolumeMember = first) =>
    presenceOf(member, taken({ verifications }), liveSnapshots(cluster([]))).presence;

  it("is missing until its handle was tried in vain", () => {
    deepEqual(
      [seen([]), seen(proven), seen([proof("a", "failed", 4)])],
      ["missing", "missing", "lost"],
    );
  });

  it("is no loss of a point that is being removed", () => {
    const record = taken({ state: "expiring" });
    equal(presenceOf(first, record, liveSnapshots(cluster([]))).presence, "ended");
  });
});

describe("a VM's snapshot", () => {
  const own = vmMember("p", "a-1");
  const find = (...vms: Parameters<typeof findVmSnapshot>[2]) =>
    findVmSnapshot(own, point("p"), vms);
  const there = vmSnapshot("p", "a-1", undefined);

  it("is the one with its reference, mark, name and time", () => {
    equal(find(vm("a-1", [there])).state, "found");
  });

  const others = [
    ["the name of others", { name: "VM Backup" }],
    ["the mark of another point", { description: vmSnapshot("q", "a-1", undefined).description }],
    ["a later time", { createdAt: "2026-11-25T10:00:00Z" }],
  ] as const;
  for (const [title, changed] of others) {
    it(`is none that has its reference and ${title}`, () => {
      const found = find(vm("a-1", [{ ...there, ...changed }]));
      equal(found.state, "foreign");
      match("why" in found ? found.why : "", /atom-a-1 has .* under that reference/);
    });
  }

  it("is found beside a clone of the same BIOS UUID, and both are named where neither has it", () => {
    const clone = { ...vm("a-1", []), reference: "vm-clone", name: "clone" };
    equal(find(clone, vm("a-1", [there])).state, "found");
    const found = find(clone, vm("a-1", []));
    equal(
      "why" in found && found.why,
      "no snapshot of clone (vm-clone), atom-a-1 (vm-a-1) has that reference",
    );
  });
});
