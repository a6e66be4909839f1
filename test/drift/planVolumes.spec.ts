import { deepStrictEqual } from "node:assert/strict";

import { planSteps } from "../../drift/plan";
import type { DeployedResource, LiveObject, Step } from "../../drift/types";
import { kindKey } from "../../drift/types";
import type { RestorePointFile } from "../../planning/site";
import {
  takenAt,
  deployedOf,
  desiredOf,
  liveOf,
  point,
  recorded,
  snapshotClass,
  type LiveParts,
} from "./fixtures";
import {
  liveClaim,
  liveVolumeSnapshot,
  volume,
  volumeMember,
  volumeSnapshot,
} from "./volumeFixtures";

const claim = "data-0";
const declared = volumeSnapshot(claim);
const taking = point({ volumes: [volume(claim)] });
const taken = point({
  state: "ready",
  takenAt,
  volumes: [volume(claim)],
  members: [volumeMember(claim)],
});
const mend = "Correct the volumes of restore point pre-24.1 and preview again.";

interface Case {
  readonly title: string;
  /** Default: being cut. */
  readonly point?: RestorePointFile;
  readonly record?: readonly DeployedResource[];
  readonly way?: "lab" | "pulumi";
  readonly live: readonly LiveObject[] | LiveParts;
  readonly expected: Partial<Step> & Pick<Step, "kind" | "reason">;
}

const untaken: readonly Case[] = [
  {
    title: "cuts a volume of a point that is being cut",
    live: [liveClaim(claim)],
    expected: {
      kind: "create",
      reason:
        "Restore point pre-24.1 is being cut: the volume of claim atom/data-0 is snapshotted.",
    },
  },
  {
    title: "adopts what a killed run cut, by name and marks",
    live: [liveClaim(claim), liveVolumeSnapshot(claim)],
    expected: {
      kind: "adopt",
      reason: "It was cut already, by a run that did not get to record it.",
    },
  },
  {
    title: "leaves alone what is recorded and not yet in the point's file",
    record: [recorded(declared)],
    live: [liveClaim(claim), liveVolumeSnapshot(claim)],
    expected: { kind: "same", reason: "As declared." },
  },
  {
    title: "does not take a snapshot of the same name without our mark",
    live: [liveClaim(claim), liveVolumeSnapshot(claim, { metadata: { labels: {} } })],
    expected: {
      kind: "refuse",
      reason:
        `A VolumeSnapshot ${name()} is there` +
        " without our mark (app.kubernetes.io/managed-by=atom-backup, atom-backup/stack=lab, " +
        "atom-backup/restore-point=pre-24.1): remove it, or cut the point under another name.",
    },
  },
  {
    title: "does not take what was cut of another claim",
    live: [
      liveClaim(claim),
      liveVolumeSnapshot(claim, { source: { persistentVolumeClaimName: "other" } }),
    ],
    expected: {
      kind: "refuse",
      reason: `A VolumeSnapshot ${name()} with our mark is there, but of claim other: remove it.`,
    },
  },
  {
    title: "does not take what is being deleted",
    live: [
      liveClaim(claim),
      liveVolumeSnapshot(claim, { metadata: { deletionTimestamp: takenAt } }),
    ],
    expected: {
      kind: "refuse",
      reason:
        "It is being deleted since 2026-11-20T10:00:00Z, so it is no member of a point that is being cut: run the " +
        "command again when it is gone.",
    },
  },
  {
    title: "does not cut a second time what was made and is gone",
    record: [recorded(declared)],
    live: [liveClaim(claim)],
    expected: {
      kind: "refuse",
      reason:
        "It was made for restore point pre-24.1 and is gone before its handle was written down; what a second cut " +
        "would hold is of another moment than the rest. Remove what was cut for the point and cut one anew.",
    },
  },
  {
    title: "cuts nothing of a claim that is gone",
    live: [],
    expected: {
      kind: "refuse",
      reason: `Claim atom/data-0 is not there any more; the point was planned with it. ${mend}`,
    },
  },
  {
    title: "cuts nothing of a claim that was made anew",
    live: [liveClaim(claim, { uid: "younger" })],
    expected: {
      kind: "refuse",
      reason: `Claim atom/data-0 was made anew since the point was planned: its UID is younger, planned was uid-of-data-0. ${mend}`,
    },
  },
  {
    title: "cuts nothing of a claim that is being deleted",
    live: [liveClaim(claim, { deletionTimestamp: takenAt })],
    expected: {
      kind: "refuse",
      reason: `Claim atom/data-0 is being deleted since 2026-11-20T10:00:00Z, so that its volume cannot be snapshotted. ${mend}`,
    },
  },
  {
    title: "cuts nothing of a claim without a volume",
    live: [liveClaim(claim, { phase: "Pending" })],
    expected: {
      kind: "refuse",
      reason: `Claim atom/data-0 is Pending: it has no volume that could be snapshotted. Let it be bound, or leave it out. ${mend}`,
    },
  },
  {
    title: "cuts nothing into a point that was cut without it",
    point: { ...taken, members: [] },
    live: [liveClaim(claim)],
    expected: {
      kind: "refuse",
      reason:
        "Restore point pre-24.1 was cut at 2026-11-20T10:00:00Z without claim atom/data-0; nothing is cut into a " +
        "point afterwards.",
    },
  },
  {
    title: "says nothing where claims may not be read",
    live: { unreadKinds: { [kindKey("v1", "PersistentVolumeClaim")]: "Listing is forbidden." } },
    expected: { kind: "unknown", reason: "Listing is forbidden." },
  },
];

function name(): string {
  return `atom/${liveVolumeSnapshot(claim).metadata.name}`;
}

function isParts(live: Case["live"]): live is LiveParts {
  return !Array.isArray(live);
}

function plan({ point: file = taking, record = [], live, way }: Case): readonly Step[] {
  const className = snapshotClass();
  const parts = isParts(live) ? live : { objects: live };
  const objects = [...(parts.objects ?? []), liveOfClass];
  return planSteps({
    desired: desiredOf([className, declared]),
    deployed: deployedOf([recorded(className), ...record], way),
    live: liveOf({ ...parts, objects }),
    points: [file],
  });
}

const liveOfClass: LiveObject = {
  ...(structuredClone(snapshotClass().inputs) as unknown as LiveObject),
};

describe("the plan for a volume that is to be snapshotted", () => {
  for (const one of untaken) {
    it(one.title, () => {
      const step = plan(one)[1];
      const { expected } = one;
      deepStrictEqual(step, {
        kind: expected.kind,
        urn: declared.urn,
        type: declared.type,
        object: `VolumeSnapshot ${name()}`,
        changes: expected.changes ?? [],
        reason: expected.reason,
        command: expected.command,
        id: "id" in expected ? expected.id : name(),
        ...(expected.lost === undefined ? {} : { lost: expected.lost }),
      });
    });
  }
});
