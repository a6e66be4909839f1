import assert from "node:assert/strict";
import type { RestorePointPlan } from "../../planning/plan";
import { planRestorePoints } from "../../planning/restorePoints";
import type { VolumeMember } from "../../planning/pointRecord";
import type { RestorePointFile } from "../../planning/site";
import { pointFile, siteOf } from "./support/sites";

const uid = (digit: number): string => `7c1f0000-0000-4000-8000-00000000000${digit}`;
const volumes = [
  { namespace: "atom", claim: "data-inventory-0", uid: uid(1) },
  { namespace: "atom-db", claim: "data-0", uid: uid(2) },
];
const labels = {
  "app.kubernetes.io/managed-by": "atom-backup",
  "app.kubernetes.io/part-of": "atom",
  "atom-backup/stack": "north",
  "atom-backup/restore-point": "pre-24-1",
};

function plan(changes: Partial<RestorePointFile>): RestorePointPlan {
  const point = pointFile({ name: "pre-24-1", virtualMachines: "none", volumes, ...changes });
  const [only] = planRestorePoints(siteOf({ restorePoints: [point] }));
  assert.ok(only !== undefined);
  return only;
}

function takenOf(position: number, changes: Partial<VolumeMember> = {}): VolumeMember {
  const volume = volumes[position];
  assert.ok(volume !== undefined);
  return {
    kind: "volume",
    ...volume,
    snapshot: `pre-24-1.${volume.claim}`,
    content: `snapcontent-${position}`,
    handle: `lab-snapshot-${position}`,
    createdAt: "2026-11-25T10:00:00.125Z",
    bytes: 1_073_741_824,
    group: undefined,
    lost: undefined,
    expiredAt: undefined,
    ...changes,
  };
}

describe("the volumes of a restore point", () => {
  for (const state of ["planned", "failed"] as const) {
    it(`are intended and not registered while it is ${state}`, () => {
      const point = plan({ state });
      assert.deepEqual(point.volumes, []);
      assert.deepEqual(point.volumeGroups, []);
      assert.deepEqual(point.intendedVolumes, volumes);
    });
  }

  it("are one snapshot each while it is being cut, by names of point and claim", () => {
    assert.deepEqual(plan({ state: "taking" }).volumes, [
      {
        namespace: "atom",
        claim: "data-inventory-0",
        uid: uid(1),
        resourceName: "pre-24-1-volume-atom.data-inventory-0",
        snapshotName: "pre-24-1.data-inventory-0",
        className: "atom-snapshots",
        labels,
        taken: undefined,
      },
      {
        namespace: "atom-db",
        claim: "data-0",
        uid: uid(2),
        resourceName: "pre-24-1-volume-atom-db.data-0",
        snapshotName: "pre-24-1.data-0",
        className: "atom-snapshots",
        labels,
        taken: undefined,
      },
    ]);
  });

  it("are one group for each namespace where groups cut them", () => {
    const point = plan({ state: "taking", groupVersion: "v1beta2" });
    assert.deepEqual(point.volumes, []);
    assert.deepEqual(point.volumeGroups[0], {
      namespace: "atom",
      resourceName: "pre-24-1-group-atom",
      groupName: "pre-24-1",
      version: "v1beta2",
      className: "atom-snapshots",
      labels,
      matchLabels: { "atom-backup/restore-point": "pre-24-1" },
      claims: [volumes[0]],
      taken: [],
    });
    assert.deepEqual(
      point.volumeGroups.map(({ resourceName }) => resourceName),
      ["pre-24-1-group-atom", "pre-24-1-group-atom-db"],
    );
  });

  it("take those that an interrupted cut has recorded, and the rest anew", () => {
    const point = plan({ state: "taking", members: [takenOf(1)] });
    assert.deepEqual(
      point.volumes.map(({ claim, taken }) => [claim, taken?.handle]),
      [
        ["data-0", "lab-snapshot-1"],
        ["data-inventory-0", undefined],
      ],
    );
  });

  it("do not take a second time what an interrupted cut has recorded and lost", () => {
    const lost = takenOf(1, { lost: "2026-11-25T11:00:00Z" });
    const point = plan({ state: "taking", members: [lost] });
    assert.deepEqual(
      point.volumes.map(({ claim }) => claim),
      ["data-inventory-0"],
    );
  });

  it("are exactly what was recorded once it was cut, whatever the list says", () => {
    const takenAt = "2026-11-25T10:00:01Z";
    const point = plan({ state: "ready", takenAt, volumes: [], members: [takenOf(0)] });
    assert.deepEqual(
      point.volumes.map(({ resourceName, taken }) => [resourceName, taken?.handle]),
      [["pre-24-1-volume-atom.data-inventory-0", "lab-snapshot-0"]],
    );
    assert.deepEqual(point.intendedVolumes, [volumes[0]]);
  });

  it("end their registration when lost, removed on purpose, or expired with the point", () => {
    const takenAt = "2026-11-25T10:00:01Z";
    const at = "2026-11-26T10:00:00Z";
    const members = [takenOf(0, { lost: at }), takenOf(1, { expiredAt: at })];
    assert.deepEqual(plan({ state: "ready", takenAt, members }).volumes, []);
    assert.deepEqual(plan({ state: "expired", takenAt, members: [takenOf(0)] }).volumes, []);
  });

  it("keep a group registered until its last member is gone", () => {
    const takenAt = "2026-11-25T10:00:01Z";
    const at = "2026-11-26T10:00:00Z";
    const [first, second] = [
      takenOf(0, { group: "pre-24-1" }),
      takenOf(1, { group: "pre-24-1", lost: at }),
    ];
    const point = plan({
      state: "ready",
      takenAt,
      groupVersion: "v1",
      members: [first, second],
    });
    assert.deepEqual(
      point.volumeGroups.map(({ namespace, taken }) => [
        namespace,
        taken.map(({ claim }) => claim),
      ]),
      [["atom", ["data-inventory-0"]]],
    );
  });
});
