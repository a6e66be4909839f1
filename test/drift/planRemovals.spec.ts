import { deepStrictEqual } from "node:assert/strict";

import { planSteps } from "../../drift/plan";
import type { DeployedResource, LiveState } from "../../drift/types";
import type { Registration } from "../../engine/program/desiredState";
import type { VolumeMember } from "../../planning/pointRecord";
import type { RestorePointFile } from "../../planning/site";
import {
  configMapPatch,
  deployedOf,
  desiredOf,
  liveObject,
  liveOf,
  point,
  recorded,
  registration,
  snapshotClass,
  storageClass,
} from "./fixtures";
import {
  groupSnapshot,
  liveGroup,
  liveVolumeSnapshot,
  volumeMember,
  volumeSnapshot,
} from "./volumeFixtures";

const former = storageClass();
const present = liveOf({ objects: [liveObject(former)] });

interface Case {
  readonly title: string;
  readonly declared?: readonly Registration[];
  readonly record: readonly DeployedResource[];
  readonly live: LiveState;
  readonly way?: "lab" | "pulumi";
  readonly expected: readonly [kind: string, reason: string, command: string | undefined];
}

const cases: readonly Case[] = [
  {
    title: "deletes what is not declared any more",
    record: [recorded(former)],
    live: present,
    expected: ["delete", "It is not declared any more.", undefined],
  },
  {
    title: "drops from the record what is gone already",
    record: [recorded(former)],
    live: liveOf({}),
    expected: ["forget", "It is not declared any more, and it is gone.", undefined],
  },
  {
    title: "refuses to delete what is protected",
    record: [{ ...recorded(former), protect: true }],
    live: present,
    expected: [
      "refuse",
      "It is not declared any more, but it is protected, because data is lost with it: declare it again, or take " +
        "atom-replicated out of the record on purpose.",
      undefined,
    ],
  },
  {
    title: "names the command where the engine deploys",
    record: [{ ...recorded(former), protect: true }],
    live: present,
    way: "pulumi",
    expected: [
      "refuse",
      "It is not declared any more, but it is protected, because data is lost with it: declare it again, or take " +
        "atom-replicated out of the record on purpose.",
      `pulumi state delete '${former.urn}'`,
    ],
  },
  {
    title: "leaves in place what is retained",
    record: [{ ...recorded(former), retainOnDelete: true }],
    live: present,
    expected: [
      "forget",
      "It is not declared any more; it stays, because data hangs on it.",
      undefined,
    ],
  },
  {
    title: "leaves alone what somebody made under the name meanwhile",
    record: [recorded(former)],
    live: liveOf({ objects: [liveObject(former, { metadata: { labels: {} } })] }),
    expected: [
      "forget",
      "It is not declared any more and no longer carries our mark: it is somebody else's now.",
      undefined,
    ],
  },
  {
    title: "gives up fields of somebody else's object",
    record: [recorded(configMapPatch())],
    live: liveOf({ objects: [liveObject(configMapPatch())] }),
    expected: [
      "delete",
      "The fields are not declared any more: they are given up, the object stays.",
      undefined,
    ],
  },
  {
    title: "says nothing about an unreachable cluster",
    record: [recorded(former)],
    live: { ...present, cluster: { state: "unknown", why: "It is silent." } },
    expected: ["unknown", "It is silent.", undefined],
  },
];

function plan(
  declared: readonly Registration[],
  record: readonly DeployedResource[],
  live: LiveState,
  way: "lab" | "pulumi" = "lab",
  points: readonly RestorePointFile[] = [],
): ReturnType<typeof planSteps> {
  return planSteps({
    desired: desiredOf(declared),
    deployed: deployedOf(record, way),
    live,
    points,
  });
}

describe("planning the removal of volume snapshots", () => {
  const snapshot = volumeSnapshot("data-0");
  const there = liveOf({ objects: [liveVolumeSnapshot("data-0")] });
  const file = (members: readonly VolumeMember[]): RestorePointFile =>
    point({ state: "ready", takenAt: "2026-11-20T10:00:00Z", members });
  const at = "2026-11-22T10:00:00Z";
  for (const [title, points, live, kind, reason] of [
    [
      "drops one that is marked lost",
      [file([volumeMember("data-0", { lost: at })])],
      there,
      "forget",
      "It is marked lost since 2026-11-22T10:00:00Z: only the record changes.",
    ],
    [
      "drops one that expired",
      [file([volumeMember("data-0", { expiredAt: at })])],
      there,
      "forget",
      "It expired at 2026-11-22T10:00:00Z: only the record changes.",
    ],
    [
      "drops one that a failed cut removed",
      [point({ state: "failed" })],
      liveOf({}),
      "forget",
      "It is not declared any more, and it is gone.",
    ],
    [
      "refuses to let go of one whose point's file is missing",
      [],
      there,
      "refuse",
      "It was cut for a restore point whose file is missing here; a cut snapshot is never removed because a file is. " +
        "Bring the file back from version control and list the point again; if it is to end, the command removes it then.",
    ],
    [
      "refuses to let go of one that its point does not list any more",
      [file([])],
      there,
      "refuse",
      "It was cut, but restore point pre-24.1 does not list it any more; a cut snapshot is never removed by a " +
        "deployment. Bring the point's file back from version control; if the point is to end, the command removes it then.",
    ],
    [
      "says nothing about an unreachable cluster",
      [file([])],
      { ...there, cluster: { state: "unknown", why: "It is silent." } },
      "unknown",
      "It is silent.",
    ],
  ] as const) {
    it(title, () => {
      const steps = plan([], [recorded(snapshot)], live, "lab", points);
      deepStrictEqual(
        steps.map((step) => [step.kind, step.reason]),
        [[kind, reason]],
      );
    });
  }

  it("keeps a group's snapshot as long as one member is neither lost nor expired", () => {
    const members = [volumeMember("data-0", { lost: at }), volumeMember("data-1")];
    const group = groupSnapshot();
    const kinds = [members, members.slice(0, 1)].map((listed) =>
      plan([], [recorded(group)], liveOf({ objects: [liveGroup()] }), "lab", [file(listed)]).map(
        ({ kind }) => kind,
      ),
    );
    deepStrictEqual(kinds, [["refuse"], ["forget"]]);
  });
});

describe("planning the removal of Kubernetes objects", () => {
  for (const { title, declared, record, live, way, expected } of cases) {
    it(title, () => {
      const steps = plan(declared ?? [], record, live, way);
      deepStrictEqual(
        steps.map(({ kind, reason, command }) => [kind, reason, command]),
        [expected],
      );
    });
  }

  it("does not delete an object that is declared under another resource name", () => {
    const renamed = { ...former, urn: `${former.urn}-b`, name: `${former.name}-b` };
    deepStrictEqual(
      plan([renamed], [recorded(former)], present).map(({ kind, urn }) => [kind, urn]),
      [
        ["adopt", renamed.urn],
        ["forget", former.urn],
      ],
    );
  });

  it("removes after all changes, in the opposite order of their making", () => {
    const live = liveOf({ objects: [liveObject(former), liveObject(snapshotClass())] });
    const added = registration("kubernetes:v1:ConfigMap", "c", {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "c", namespace: "default" },
    });
    const provider = registration(
      "pulumi:providers:kubernetes",
      "kubernetes",
      {},
      { isProvider: true },
    );
    const component = registration(
      "atom:backup:ReplicatedStorage",
      "storage",
      {},
      { custom: false },
    );
    const steps = plan(
      [provider, component, added],
      [recorded(former), recorded(snapshotClass())],
      live,
    );
    deepStrictEqual(
      steps.map(({ kind, object }) => [kind, object]),
      [
        ["create", "ConfigMap default/c"],
        ["delete", "VolumeSnapshotClass atom-snapshots"],
        ["delete", "StorageClass atom-replicated"],
      ],
    );
  });
});
