import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";

import { readTakenVolume } from "../../restorepoint/readTaken";
import { spreadSeconds } from "../../planning/draftPoint";
import { volumeMembers } from "../../planning/pointMembers";
import { volumeSnapshotName } from "../../planning/names";
import type { VolumeMember } from "../../planning/pointRecord";
import type { DataPlane } from "../lab/support/dataPlane";
import { sharedDataPlane } from "../lab/support/dataPlane";
import type { LabSystems } from "../support/labSystems";
import { takenAt, desiredOf, snapshotClass } from "./fixtures";
import { volumeSnapshot } from "./volumeFixtures";
import {
  killAndRecover,
  lookAt,
  pointOfProduct,
  removeAll,
  type VolumeTakeSubject,
} from "./volumeTakes";

const SNAPSHOT_API = "snapshot.storage.k8s.io/v1";

describe("cutting the volumes of the lab's product", () => {
  let plane: DataPlane;
  let systems: LabSystems;
  let subject: VolumeTakeSubject;

  before(async () => {
    plane = await sharedDataPlane();
    systems = plane.systems;
    subject = await pointOfProduct(systems.cluster, 8);
  });

  afterEach(async () => {
    ok(await removeAll(systems.cluster, subject.file), "nothing of the point is left");
    const store = systems.store();
    store.dropAll(store.load().resources.map(({ urn }) => urn));
    store.fold();
  });

  const members = (): Promise<VolumeMember[]> =>
    Promise.all(
      subject.file.volumes.map((volume) =>
        readTakenVolume(systems.cluster, {
          ...volume,
          snapshot: volumeSnapshotName(subject.file.name, volume.claim),
        }),
      ),
    );

  it("cuts all of them once, at one moment, and then has nothing to do", async () => {
    const { desired, file } = subject;
    const steps = await systems.deploy(desired, [file]);
    deepStrictEqual(
      steps.map(({ kind }) => kind),
      Array(8).fill("create"),
    );
    const taken = await members();
    equal(new Set(taken.map(({ handle }) => handle)).size, 8);
    ok(spreadSeconds(volumeMembers({ members: taken }).map((one) => one.createdAt)) <= 5);
    const again = await systems.plan(desired, [file]);
    deepStrictEqual(
      again.map(({ kind }) => kind),
      Array(8).fill("same"),
    );
  });

  it("finds what was cut by its handle, and says what became of it", async () => {
    const { desired, file } = subject;
    await systems.deploy(desired, [file]);
    const taken = { ...file, state: "ready" as const, takenAt, members: await members() };
    const declared = desiredOf([
      // It says that snapshots are kept.
      snapshotClass(),
      ...file.volumes.map(({ claim }) => volumeSnapshot(claim, { ignoreChanges: ["*"] })),
    ]);
    const [first, second] = taken.members as VolumeMember[];
    ok(first !== undefined && second !== undefined);
    const { namespace, snapshot: name } = first;
    await systems.cluster.delete(
      { apiVersion: SNAPSHOT_API, kind: "VolumeSnapshot", namespace, name },
      undefined,
    );
    const content = {
      apiVersion: SNAPSHOT_API,
      kind: "VolumeSnapshotContent",
      name: second.content,
    };
    await systems.cluster.modify(content, "kubectl", (live) => ({
      ...live,
      spec: { ...(live["spec"] as object), deletionPolicy: "Delete" },
    }));
    await gone(systems, namespace, name);
    const [, ...steps] = await systems.plan(declared, [taken]);
    deepStrictEqual(
      steps.map(({ kind }) => kind),
      ["differs", "differs", ...Array<string>(6).fill("same")],
    );
    deepStrictEqual(steps[1]?.changes, [{ path: "deletionPolicy", from: "Delete", to: "Retain" }]);
    ok(steps[0]?.reason.includes(`has the handle ${first.handle} it was cut with`));
  });

  // Four moments of three steps; every moment is in volumeCuts.faults.spec.ts.
  for (const [moment, where] of [
    [9, "after all were posted, before one was ready"],
    [11, "after one was recorded"],
  ] as const) {
    it(`cuts nothing twice after it was killed ${where}`, async () => {
      await killAndRecover(systems, moment);
    });
  }

  it("makes nothing anew after a removal that was interrupted, and leaves no snapshot behind", async () => {
    const { desired, file } = subject;
    await systems.deploy(desired, [file]);
    for (const stop of [1, 3, 8]) {
      let steps = 0;
      const onStep = (): void => {
        steps += 1;
        if (steps === stop) {
          throw new Error("stopped here");
        }
      };
      await rejects(removeAll(systems.cluster, file, onStep), /stopped here/);
    }
    ok(await removeAll(systems.cluster, file));
    deepStrictEqual((await lookAt(systems.cluster, file)).contents, []);
  });
});

async function gone({ cluster }: LabSystems, namespace: string, name: string): Promise<void> {
  const reference = { apiVersion: SNAPSHOT_API, kind: "VolumeSnapshot", namespace, name };
  for (let tries = 0; tries < 100 && (await cluster.get(reference)) !== undefined; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
