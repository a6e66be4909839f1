import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";

import { findDrift, lostMembers } from "../../drift/findings";
import type { Finding, LiveState, LostMember } from "../../drift/types";
import type { Registration } from "../../engine/program/desiredState";
import type { StackResource } from "../../engine/stackState";
import type { PointFile } from "../../planning/site";
import {
  desiredOf,
  liveOf,
  member,
  point,
  pointMember,
  recorded,
  snapshotOf,
  stateOf,
  takenAt,
  uuidOf,
  vm,
} from "./fixtures";

const declared = member("a-1");
const taken = point({ state: "ready", vms: [pointMember("a-1", "snapshot-7")] });
const ours = snapshotOf(declared, "snapshot-7");
const nightly = snapshotOf(declared, "snapshot-3", { name: "nightly", description: "backup tool" });
const silent: LiveState["vcenter"] = { state: "unknown", why: "vCenter refuses connections." };

const lostVm: LostMember = {
  point: "pre-24.1",
  key: "vm a-1",
  node: "a-1",
  uuid: uuidOf("a-1"),
  handle: "snapshot-7",
};

function find(
  registrations: readonly Registration[],
  record: readonly StackResource[],
  live: LiveState,
  points: readonly PointFile[],
): Finding[] {
  return findDrift({ desired: desiredOf(registrations), state: stateOf(record), live, points });
}

type Expected = Pick<Finding, "kind"> &
  Partial<Pick<Finding, "id" | "blocked" | "state" | "lost" | "command" | "changes">>;

/** Everything but names and reason, with what is absent left out. */
function seen({ kind, id, blocked, state, lost, command, changes }: Finding): Expected {
  const parts = { id, blocked, state, lost, command };
  const given = Object.entries(parts).filter(([, value]) => value !== undefined);
  return { kind, ...Object.fromEntries(given), ...(changes.length === 0 ? {} : { changes }) };
}

interface Case {
  readonly title: string;
  readonly point?: PointFile;
  readonly record?: readonly StackResource[];
  readonly live: LiveState;
  readonly expected: Expected;
  /** What the reason has to hold. */
  readonly says: readonly RegExp[];
}

const lost: Expected = { kind: "lost", id: "snapshot-7", lost: lostVm, command: "./atom up" };

const cases: readonly Case[] = [
  {
    title: "is missing while its point is being taken",
    live: liveOf({ vms: [vm("a-1", [nightly])] }),
    expected: { kind: "missing" },
    says: [/pre-24\.1 is being taken/, /a-1 without memory/],
  },
  {
    title: "is imported where a killed run took it, by name and mark",
    live: liveOf({ vms: [vm("a-1", [nightly, ours])] }),
    expected: { kind: "same", state: "import", id: "snapshot-7" },
    says: [/taken already/, /snapshot-7/],
  },
  {
    title: "is not one of the same name without our mark",
    live: liveOf({ vms: [vm("a-1", [{ ...ours, description: "by hand" }])] }),
    expected: { kind: "foreign", blocked: true },
    says: [/atom\.lab\.pre-24\.1/, /snapshot-7/, /without our mark/],
  },
  {
    title: "is not chosen between two with our mark",
    live: liveOf({ vms: [vm("a-1", [ours, { ...ours, reference: "snapshot-8" }])] }),
    expected: { kind: "foreign", blocked: true },
    says: [/snapshot-7 and snapshot-8/],
  },
  {
    title: "is not taken of a VM that is not there",
    live: liveOf({}),
    expected: { kind: "missing", blocked: true },
    says: [new RegExp(uuidOf("a-1")), /virtualMachines\.nodes/],
  },
  {
    title: "is not taken where several VMs have one UUID",
    live: liveOf({ vms: [vm("a-1"), vm("a-1", [], { name: "copy", reference: "vm-9" })] }),
    expected: { kind: "foreign", blocked: true },
    says: [/a-1 \(vm-a-1\) and copy \(vm-9\)/, /another BIOS UUID/],
  },
  {
    title: "is as declared where it was taken, is there and recorded",
    point: taken,
    record: [recorded(declared, "snapshot-7")],
    live: liveOf({ vms: [vm("a-1", [ours])] }),
    expected: { kind: "same", id: "snapshot-7" },
    says: [/^As declared\.$/],
  },
  {
    title: "is imported into an empty state by its reference",
    point: taken,
    live: liveOf({ vms: [vm("a-1", [ours])] }),
    expected: { kind: "same", state: "import", id: "snapshot-7" },
    says: [/snapshot-7/, /state lacks it/],
  },
  {
    title: "is lost where it was taken and is gone, never missing",
    point: taken,
    record: [recorded(declared, "snapshot-7")],
    live: liveOf({ vms: [vm("a-1", [nightly])] }),
    expected: lost,
    says: [/snapshot-7 is gone/, /not taken again/],
  },
  {
    title: "is lost although a later one has its name",
    point: taken,
    live: liveOf({ vms: [vm("a-1", [{ ...ours, reference: "snapshot-9" }])] }),
    expected: lost,
    says: [/\(snapshot-9\) is there; it is not the one/],
  },
  {
    title: "is lost with its VM",
    point: taken,
    live: liveOf({}),
    expected: lost,
    says: [/virtual machine is not in vCenter/],
  },
  {
    title: "blocks where it is gone before its point was complete",
    record: [recorded(declared, "snapshot-7")],
    live: liveOf({ vms: [vm("a-1")] }),
    expected: { kind: "lost", blocked: true, id: "snapshot-7" },
    says: [/cannot be completed/],
  },
  {
    title: "is not taken into a point afterwards",
    point: point({ state: "ready", vms: [pointMember("b-1", "snapshot-8")] }),
    live: liveOf({ vms: [vm("a-1")] }),
    expected: { kind: "foreign", blocked: true },
    says: [new RegExp(takenAt), /without a-1/],
  },
  {
    title: "is found again when it was renamed by hand",
    point: taken,
    record: [recorded(declared, "snapshot-7")],
    live: liveOf({ vms: [vm("a-1", [{ ...ours, name: "old stuff" }])] }),
    expected: {
      kind: "differs",
      id: "snapshot-7",
      changes: [{ path: "snapshotName", from: "old stuff", to: "atom.lab.pre-24.1" }],
    },
    says: [/renamed in vCenter/, /nothing is lost/],
  },
  {
    title: "leaves the state where an expiring point had it removed",
    point: { ...taken, state: "expiring" },
    record: [recorded(declared, "snapshot-7")],
    live: liveOf({ vms: [vm("a-1")] }),
    expected: { kind: "same", state: "remove", id: "snapshot-7" },
    says: [/removed on purpose/],
  },
  {
    title: "is unknown when vCenter is silent",
    point: taken,
    live: { ...liveOf({}), vcenter: silent },
    expected: { kind: "unknown", id: "snapshot-7" },
    says: [/^vCenter refuses connections\.$/],
  },
];

function requireWords(reason: string, says: readonly RegExp[]): void {
  for (const words of says) {
    ok(words.test(reason), `${reason} lacks ${words.source}`);
  }
}

describe("what is said of a declared VM snapshot: it", () => {
  for (const { title, expected, record, live, point: file, says } of cases) {
    it(title, () => {
      const [found, ...more] = find([declared], record ?? [], live, [file ?? point()]);
      ok(found !== undefined && more.length === 0);
      deepStrictEqual(seen(found), expected);
      requireWords(found.reason, says);
    });
  }

  it("is named by its VM, or by the UUID where there is none", () => {
    const name = (live: LiveState): string | undefined =>
      find([declared], [], live, [point()])[0]?.object;
    strictEqual(name(liveOf({ vms: [vm("a-1")] })), "VM snapshot atom.lab.pre-24.1 of a-1");
    strictEqual(name(liveOf({})), `VM snapshot atom.lab.pre-24.1 of VM ${uuidOf("a-1")}`);
  });

  it("is written as lost where it is, and no other one", () => {
    const second = member("b-1");
    const vms = [pointMember("a-1", "snapshot-7"), pointMember("b-1", "snapshot-8")];
    const live = liveOf({ vms: [vm("a-1"), vm("b-1", [snapshotOf(second, "snapshot-8")])] });
    deepStrictEqual(lostMembers(find([declared, second], [], live, [{ ...taken, vms }])), [lostVm]);
  });

  it("belongs to its own point where the names of two begin alike", () => {
    const longer = member("a-1", { point: "pre-24.1-vm-a" });
    const points = [taken, point({ name: "pre-24.1-vm-a" })];
    const [found] = find([longer], [], liveOf({ vms: [vm("a-1", [ours])] }), points);
    strictEqual(found?.kind, "missing");
    requireWords(found.reason, [/pre-24\.1-vm-a is being taken/]);
  });
});

describe("what is said of a recorded VM snapshot that is not declared any more: it", () => {
  const there = liveOf({ vms: [vm("a-1", [ours])] });
  const record = [recorded(declared, "snapshot-7")];
  const marked = (marks: Partial<PointFile["vms"][number]>): PointFile => ({
    ...taken,
    vms: [pointMember("a-1", "snapshot-7", marks)],
  });
  const at = "2026-11-22T00:00:00Z";
  const command = "./atom restore-point expire pre-24.1";
  const blocked: Expected = { kind: "undeclared", blocked: true, id: "snapshot-7", command };

  for (const [title, points, live, expected, says] of [
    [
      "leaves the state where it is marked lost, whether vCenter answers or not",
      [marked({ lost: at })],
      { ...there, vcenter: silent },
      { kind: "same", state: "remove", id: "snapshot-7" },
      /2026-11-22T00:00:00Z/,
    ],
    [
      "leaves the state where it expired",
      [marked({ expiredAt: at })],
      there,
      { kind: "same", state: "remove", id: "snapshot-7" },
      /2026-11-22T00:00:00Z/,
    ],
    ["stays where its point's file is missing", [], there, blocked, /file is missing/],
    [
      "stays where its point was edited",
      [point({ state: "planned" })],
      there,
      blocked,
      /pre-24\.1 does not list it/,
    ],
    [
      "leaves the state where it is gone",
      [],
      liveOf({ vms: [vm("a-1")] }),
      { kind: "undeclared", state: "remove", id: "snapshot-7" },
      /it is gone/,
    ],
    [
      "is unknown when vCenter is silent",
      [],
      { ...there, vcenter: silent },
      { kind: "unknown", id: "snapshot-7" },
      /refuses connections/,
    ],
  ] as const satisfies readonly (readonly [
    string,
    readonly PointFile[],
    LiveState,
    Expected,
    RegExp,
  ])[]) {
    it(title, () => {
      const [found, ...more] = find([], record, live, points);
      ok(found !== undefined && more.length === 0);
      deepStrictEqual(seen(found), expected);
      requireWords(found.reason, [says]);
    });
  }
});
