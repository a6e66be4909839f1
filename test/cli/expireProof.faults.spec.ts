import { deepStrictEqual, equal, match } from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import type { ObjectReference } from "../../clients/kubernetes/object";
import { volumeMembers } from "../../planning/pointMembers";
import type { VolumeMember } from "../../planning/pointRecord";
import { onPointLab, type PointLab } from "./support/pointLab";
import { storedSnapshots } from "./support/wholePoint";

const API = "snapshot.storage.k8s.io/v1";

interface Listed {
  readonly name: string;
  readonly provenAt?: string;
  readonly members: readonly { readonly key: string; readonly presence: string }[];
}

describe("the proof of a restore point, when one of its volumes goes", () => {
  let lab: PointLab;
  let gone: VolumeMember;

  onPointLab({ part: "inventory", points: ["a", "b"] }, async (shared) => {
    lab = shared;
    for (const name of ["a", "b"]) {
      await lab.done(["restore-point", "verify", name]);
    }
    [gone] = volumeMembers((await lab.point("b")) ?? { members: [] }) as [VolumeMember];
  });

  const listed = async (name: string): Promise<Listed> => {
    const { status, stdout, stderr } = await lab.restorePoint("list", "--json");
    equal(status, 0, stderr);
    const { points } = JSON.parse(stdout) as { readonly points: readonly Listed[] };
    return points.find((one) => one.name === name) as Listed;
  };

  /** Point a is the only intact proven one now, so it stays with all that it has; b proves nothing. */
  const requireKept = async (presence: string): Promise<void> => {
    const stored = storedSnapshots(lab);
    const run = await lab.restorePoint("expire", "a");
    equal(run.status, 1, run.stderr);
    match(run.stderr, /Restore point a is not removed: it is the newest proven point/);
    deepStrictEqual(storedSnapshots(lab), stored);
    const { provenAt, members } = await listed("b");
    equal(provenAt, undefined);
    equal(members.find(({ key }) => key === `volume atom/${gone.claim}`)?.presence, presence);
    equal(typeof (await listed("a")).provenAt, "string");
  };

  const content = (): ObjectReference => ({
    apiVersion: API,
    kind: "VolumeSnapshotContent",
    name: gone.content,
  });

  it("counts no more while a content is being deleted", async () => {
    await lab.cluster.delete(content(), undefined);
    equal(typeof (await lab.cluster.get(content()))?.metadata.deletionTimestamp, "string");
    await requireKept("there");
  });

  it("counts no more once it is gone, and is not called lost while the storage may have it", async () => {
    const { namespace, snapshot } = gone;
    const reference = { apiVersion: API, kind: "VolumeSnapshot", namespace, name: snapshot };
    await lab.cluster.delete(reference, undefined);
    while ((await lab.cluster.get(content())) !== undefined) {
      await pause(100);
    }
    await requireKept("missing");
    // The storage kept it, as the policy Retain says: its bytes are tried by the handle.
    const { status, stdout } = await lab.restorePoint("verify", "b");
    match(stdout, new RegExp(`volume atom/${gone.claim} +proven`));
    equal(status, 1, stdout);
    await requireKept("missing");
  });

  it("is lost when the storage has it no more", async () => {
    rmSync(join(lab.storage, "snapshots", `${gone.handle}.json`));
    for (const { folder } of lab.replicas()) {
      rmSync(join(folder, "..", "..", "snapshots", gone.handle), { recursive: true, force: true });
    }
    const { status, stdout } = await lab.restorePoint("verify", "b");
    equal(status, 1, stdout);
    match(stdout, new RegExp(`volume atom/${gone.claim} +FAILED`));
    await requireKept("lost");
    const { stdout: table } = await lab.restorePoint("list");
    match(table, /^b +ready, 1 member LOST .* never /m);
  });
});
