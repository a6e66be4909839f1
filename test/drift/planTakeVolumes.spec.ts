import { deepStrictEqual } from "node:assert/strict";

import { lostMembers, planSteps } from "../../drift/plan";
import type { DeployedResource, LiveObject, LostMember, Step } from "../../drift/types";
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
  liveContent,
  liveVolumeSnapshot,
  volume,
  volumeMember,
  volumeSnapshot,
} from "./volumeFixtures";

const claim = "data-0";
const declared = volumeSnapshot(claim);
const taken = point({
  state: "ready",
  takenAt,
  volumes: [volume(claim)],
  members: [volumeMember(claim)],
});
const there = [liveVolumeSnapshot(claim), liveContent(claim)];
const lost: LostMember = {
  kind: "volume",
  point: "pre-24.1",
  key: "volume atom/data-0",
  namespace: "atom",
  claim,
  handle: "snap-of-data-0",
};

interface Case {
  readonly title: string;
  /** Default: cut. */
  readonly point?: RestorePointFile;
  readonly record?: readonly DeployedResource[];
  readonly way?: "lab" | "pulumi";
  readonly live: readonly LiveObject[] | LiveParts;
  readonly expected: Partial<Step> & Pick<Step, "kind" | "reason">;
}

const afterwards: readonly Case[] = [
  {
    title: "leaves alone what was cut, is there and recorded",
    record: [recorded(declared)],
    live: there,
    expected: { kind: "same", reason: "As declared." },
  },
  {
    title: "adopts what was cut into an empty record, by its handle",
    live: there,
    expected: {
      kind: "adopt",
      reason:
        "It is there with the handle it was cut with (snap-of-data-0), but missing in the record.",
    },
  },
  {
    title: "never cuts again what was cut and is gone",
    record: [recorded(declared)],
    live: [liveClaim(claim)],
    expected: {
      kind: "refuse",
      reason:
        "The snapshot of claim atom/data-0 was cut at 2026-11-20T10:00:00.250Z, and no VolumeSnapshotContent has the " +
        "handle snap-of-data-0 any more. It is not cut again: restore point pre-24.1 no longer leads back for this " +
        "volume. The command asks, marks it lost and goes on.",
      command: "./atom up",
      lost: [lost],
    },
  },
  {
    title: "does not take a later snapshot of the same name for it",
    record: [recorded(declared)],
    live: [liveVolumeSnapshot(claim), liveContent(claim, { handle: "younger" })],
    expected: {
      kind: "refuse",
      reason:
        "The snapshot of claim atom/data-0 was cut at 2026-11-20T10:00:00.250Z, and no VolumeSnapshotContent has the " +
        "handle snap-of-data-0 any more. A VolumeSnapshot of the same name is there (younger); it is not the one that " +
        "was cut. It is not cut again: restore point pre-24.1 no longer leads back for this volume. The command " +
        "asks, marks it lost and goes on.",
      command: "./atom up",
      lost: [lost],
    },
  },
  {
    title: "does not call lost what only lacks its VolumeSnapshot",
    record: [recorded(declared)],
    live: [liveContent(claim)],
    expected: {
      kind: "differs",
      id: undefined,
      reason:
        `The VolumeSnapshot ${name()} is gone, but the data is there: content content-of-data-0 has the handle ` +
        "snap-of-data-0 it was cut with. A rollback binds it again by that handle. Do not delete content-of-data-0.",
    },
  },
  {
    title: "stops before the engine, which would make the missing object anew",
    way: "pulumi",
    live: [liveContent(claim, { policy: "Delete" })],
    expected: {
      kind: "refuse",
      id: undefined,
      reason:
        `The VolumeSnapshot ${name()} is gone, but the data is there: content content-of-data-0 has the handle ` +
        "snap-of-data-0 it was cut with. A rollback binds it again by that handle. Do not delete content-of-data-0: " +
        "its policy is Delete, and the data goes with it.",
      changes: [{ path: "deletionPolicy", from: "Delete", to: "Retain" }],
      command: `kubectl patch volumesnapshotcontent content-of-data-0 --type merge -p '{"spec":{"deletionPolicy":"Retain"}}'`,
    },
  },
  {
    title: "finds the data although another content was put under the name",
    record: [recorded(declared)],
    live: [
      liveVolumeSnapshot(claim, { content: "younger" }),
      liveContent(claim, { name: "younger", handle: "younger" }),
      liveContent(claim),
    ],
    expected: {
      kind: "differs",
      reason:
        `The VolumeSnapshot ${name()} is bound to another content, so it is not the one that was cut, but the data is ` +
        "there: content content-of-data-0 has the handle snap-of-data-0 it was cut with. A rollback binds it again by " +
        "that handle. Do not delete content-of-data-0.",
    },
  },
  {
    title: "says when the content is about to take the data along",
    record: [recorded(declared)],
    live: [
      liveVolumeSnapshot(claim),
      liveContent(claim, { policy: "Delete", deletionTimestamp: takenAt }),
    ],
    expected: {
      kind: "differs",
      reason:
        "Its content content-of-data-0 is being deleted since 2026-11-20T10:00:00Z with the policy Delete: the driver " +
        "removes the data with it, and the member is LOST then.",
    },
  },
  {
    title: "says when only the way to the data is about to go",
    record: [recorded(declared)],
    live: [
      liveVolumeSnapshot(claim, { metadata: { deletionTimestamp: takenAt } }),
      liveContent(claim),
    ],
    expected: {
      kind: "differs",
      reason:
        "The VolumeSnapshot is being deleted since 2026-11-20T10:00:00Z, and its content content-of-data-0 has the " +
        "policy Retain: the data stays in the storage under the handle snap-of-data-0, but nothing in the cluster " +
        "leads to it then.",
    },
  },
  {
    title: "sees a policy that was flipped on the content",
    record: [recorded(declared)],
    live: [liveVolumeSnapshot(claim), liveContent(claim, { policy: "Delete" })],
    expected: {
      kind: "differs",
      changes: [{ path: "deletionPolicy", from: "Delete", to: "Retain" }],
      reason:
        "Its content content-of-data-0 has the policy Delete, the site's is Retain: whoever deletes the VolumeSnapshot " +
        "or its namespace deletes the data. A class that is changed later does not reach contents that exist.",
      command: `kubectl patch volumesnapshotcontent content-of-data-0 --type merge -p '{"spec":{"deletionPolicy":"Retain"}}'`,
    },
  },
  {
    title: "sees that it is not ready any more",
    record: [recorded(declared)],
    live: [liveVolumeSnapshot(claim, { ready: false, error: "pool offline" }), liveContent(claim)],
    expected: {
      kind: "differs",
      reason:
        "It is there but not ready any more (pool offline): nothing can be restored from it before it is.",
    },
  },
  {
    title: "does not count a stale error of what is ready",
    record: [recorded(declared)],
    live: [liveVolumeSnapshot(claim, { error: "timed out once" }), liveContent(claim)],
    expected: { kind: "same", reason: "As declared." },
  },
  {
    title: "forgets what was removed on purpose",
    point: { ...taken, state: "expiring" },
    record: [recorded(declared)],
    live: [],
    expected: {
      kind: "forget",
      id: undefined,
      reason: "It was removed on purpose: its restore point is expiring.",
    },
  },
  {
    title: "finds nothing wrong with what is being removed",
    point: { ...taken, state: "expiring" },
    record: [recorded(declared)],
    live: [liveVolumeSnapshot(claim), liveContent(claim, { policy: "Delete" })],
    expected: { kind: "same", reason: "It is being removed: its restore point is expiring." },
  },
  {
    title: "says nothing of what was cut where contents may not be read",
    live: {
      unreadKinds: {
        [kindKey("snapshot.storage.k8s.io/v1", "VolumeSnapshotContent")]: "Listing is forbidden.",
      },
    },
    expected: { kind: "unknown", reason: "Listing is forbidden." },
  },
  {
    title: "calls nothing lost because the CRDs are",
    live: { absentKinds: [kindKey("snapshot.storage.k8s.io/v1", "VolumeSnapshot")] },
    expected: {
      kind: "unknown",
      reason:
        "The API server does not serve VolumeSnapshot of snapshot.storage.k8s.io/v1, so whether it is there cannot be " +
        "told: install its CRD.",
    },
  },
];

function name(): string {
  return `atom/${liveVolumeSnapshot(claim).metadata.name}`;
}

function isParts(live: Case["live"]): live is LiveParts {
  return !Array.isArray(live);
}

function plan({ point: file = taken, record = [], live, way }: Case): readonly Step[] {
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

describe("the plan for a volume's snapshot that was cut", () => {
  for (const one of afterwards) {
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

  it("hands over what is to be marked lost", () => {
    deepStrictEqual(
      lostMembers(
        plan({ title: "", point: taken, live: [], expected: { kind: "refuse", reason: "" } }),
      ),
      [lost],
    );
  });
});
