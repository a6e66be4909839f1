import { deepStrictEqual } from "node:assert/strict";

import { planSteps } from "../../drift/plan";
import type { DeployedResource, LiveObject, Step } from "../../drift/types";
import { POINT_LABEL } from "../../planning/names";
import type { RestorePointFile } from "../../planning/site";
import { takenAt, deployedOf, desiredOf, liveOf, point, recorded } from "./fixtures";
import {
  groupSnapshot,
  liveClaim,
  liveContent,
  liveGroup,
  liveVolumeSnapshot,
  volume,
  volumeMember,
} from "./volumeFixtures";

const declared = groupSnapshot();
const claims = ["data-0", "data-1"] as const;
const labelled = { labels: { [POINT_LABEL]: "pre-24.1" } };
const ready = claims.map((claim) => liveClaim(claim, labelled));
const taking = point({ groupVersion: "v1beta2", volumes: claims.map((claim) => volume(claim)) });
const members = claims.map((claim) => volumeMember(claim, { group: "pre-24.1" }));
const taken = { ...taking, state: "ready" as const, takenAt, members };
const mend = "Correct the volumes of restore point pre-24.1 and preview again.";
const goneText = (claim: string): string =>
  `The snapshot of claim atom/${claim} was cut at 2026-11-20T10:00:00.250Z, and no VolumeSnapshotContent has the handle ` +
  `snap-of-${claim} any more.`;
const lostText =
  "It is not cut again: restore point pre-24.1 no longer leads back for this volume. The command asks, marks it lost " +
  "and goes on.";

interface Case {
  readonly title: string;
  readonly point?: RestorePointFile;
  readonly record?: readonly DeployedResource[];
  readonly way?: "lab" | "pulumi";
  readonly live: readonly LiveObject[];
  readonly expected: Pick<Step, "kind" | "reason"> & { readonly lost?: readonly string[] };
}

const members1 = [liveVolumeSnapshot("data-1"), liveContent("data-1")];
const all = [liveVolumeSnapshot("data-0"), liveContent("data-0"), ...members1];

const cases: readonly Case[] = [
  {
    title: "cuts the volumes of a namespace at one moment",
    live: ready,
    expected: {
      kind: "create",
      reason:
        "Restore point pre-24.1 is being cut: 2 volumes of namespace atom are snapshotted at one moment.",
    },
  },
  {
    title: "adopts what a killed run cut",
    live: [...ready, liveGroup()],
    expected: {
      kind: "adopt",
      reason: "It was cut already, by a run that did not get to record it.",
    },
  },
  {
    title: "does not take a namesake of another point or stack",
    live: [...ready, liveGroup({ labels: { "atom-backup/stack": "lab" } })],
    expected: {
      kind: "refuse",
      reason:
        "A VolumeGroupSnapshot atom/pre-24.1 is there without our mark (app.kubernetes.io/managed-by=atom-backup, " +
        "atom-backup/stack=lab, atom-backup/restore-point=pre-24.1): remove it, or cut the point under another name.",
    },
  },
  {
    title: "does not cut a claim that the point was not planned with",
    live: [...ready, liveClaim("stranger", labelled)],
    expected: {
      kind: "refuse",
      reason:
        "The label atom-backup/restore-point=pre-24.1 is on claims that the point was not planned with and that the " +
        "group would cut, too: atom/stranger. Take it off.",
    },
  },
  {
    title: "names every claim that is not the planned one",
    live: [liveClaim("data-0", { uid: "younger" })],
    expected: {
      kind: "refuse",
      reason:
        `Claim atom/data-0 was made anew since the point was planned: its UID is younger, planned was uid-of-data-0. ${mend} ` +
        `Claim atom/data-1 is not there any more; the point was planned with it. ${mend}`,
    },
  },
  {
    title: "does not cut a second time what was made and is gone",
    record: [recorded(declared)],
    live: ready,
    expected: {
      kind: "refuse",
      reason:
        "It was made for restore point pre-24.1 and is gone before its members were written down; what a second cut " +
        "would hold is of another moment than the rest. Remove what was cut for the point and cut one anew.",
    },
  },
  {
    title: "leaves alone what was cut, is there and recorded",
    point: taken,
    record: [recorded(declared)],
    live: [liveGroup(), ...all],
    expected: { kind: "same", reason: "As declared." },
  },
  {
    title: "adopts what was cut into an empty record",
    point: taken,
    live: [liveGroup(), ...all],
    expected: {
      kind: "adopt",
      reason:
        "It is there with the handle it was cut with (snap-of-data-0, snap-of-data-1), but missing in the record.",
    },
  },
  {
    title: "hands over each member that is lost",
    point: taken,
    record: [recorded(declared)],
    live: [liveGroup(), ...members1],
    expected: {
      kind: "refuse",
      reason: `${goneText("data-0")} ${lostText}`,
      lost: ["volume atom/data-0"],
    },
  },
  {
    title: "goes on with the others once a member is marked lost",
    point: {
      ...taken,
      members: [{ ...volumeMember("data-0"), lost: takenAt }, ...members.slice(1)],
    },
    record: [recorded(declared)],
    live: [liveGroup(), ...members1],
    expected: { kind: "same", reason: "As declared." },
  },
  {
    title: "does not call lost what only lacks the group's object",
    point: taken,
    record: [recorded(declared)],
    live: all,
    expected: {
      kind: "differs",
      reason:
        "The VolumeGroupSnapshot atom/pre-24.1 is gone, but all its members are there with the handles they were cut " +
        "with. It is not made again, because that would cut today's state.",
    },
  },
  {
    title: "stops before the engine, which would make it anew",
    point: taken,
    way: "pulumi",
    live: all,
    expected: {
      kind: "refuse",
      reason:
        "The VolumeGroupSnapshot atom/pre-24.1 is gone, but all its members are there with the handles they were cut " +
        "with. It is not made again, because that would cut today's state.",
    },
  },
];

describe("the plan for a group's snapshot", () => {
  for (const { title, point: file = taking, record = [], live, way, expected } of cases) {
    it(title, () => {
      const [step] = planSteps({
        desired: desiredOf([declared]),
        deployed: deployedOf(record, way),
        live: liveOf({ objects: live }),
        points: [file],
      });
      const { kind, reason, object, lost } = step ?? {};
      deepStrictEqual(
        [kind, reason, object, lost?.map(({ key }) => key)],
        [expected.kind, expected.reason, "VolumeGroupSnapshot atom/pre-24.1", expected.lost],
      );
    });
  }
});
