import { deepStrictEqual, equal, match } from "node:assert/strict";

import { VERIFY_LABEL } from "../../planning/names";
import { volumeMembers } from "../../planning/pointMembers";
import { onPointLab, type PointLab } from "./support/pointLab";
import { productState } from "./support/productState";
import { storedSnapshots } from "./support/wholePoint";

const SNAPSHOT_API = "snapshot.storage.k8s.io/v1";
const GROUP_API = "groupsnapshot.storage.k8s.io/v1";
const taken = [
  [GROUP_API, "VolumeGroupSnapshot"],
  [GROUP_API, "VolumeGroupSnapshotContent"],
  [SNAPSHOT_API, "VolumeSnapshot"],
  [SNAPSHOT_API, "VolumeSnapshotContent"],
] as const;

describe("verifying a point of groups", () => {
  let lab: PointLab;

  onPointLab({ group: "auto", part: "inventory" }, (shared) => (lab = shared));

  /** What the cluster knows of snapshots goes, as when etcd is put back to before them; the storage has them still. */
  const forgetSnapshots = async (kept?: string): Promise<void> => {
    for (let left = 1; left > 0;) {
      left = 0;
      for (const [apiVersion, kind] of taken) {
        const all = await lab.cluster.list(apiVersion, kind);
        for (const { name, namespace } of all.map(({ metadata }) => metadata)) {
          if (name !== kept) {
            const reference = { apiVersion, kind, name, namespace };
            await lab.cluster.modify(reference, "test", (live) => ({
              ...live,
              metadata: { ...live.metadata, finalizers: [] },
            }));
            await lab.cluster.delete(reference, undefined);
            left += 1;
          }
        }
      }
    }
  };

  it("proves every member by its handle after etcd went back, and leaves nothing", async () => {
    await lab.take("grouped");
    const state = await productState(lab);
    const members = volumeMembers((await lab.point("grouped")) ?? { members: [] });
    equal(new Set(members.map(({ groupHandle }) => groupHandle)).size, 1);
    equal(typeof members[0]?.groupHandle, "string");
    await forgetSnapshots();
    for (const round of [1, 2]) {
      const { status, stdout, stderr } = await lab.restorePoint("verify", "grouped");
      for (const { claim } of members) {
        match(stdout, new RegExp(`volume atom/${claim} +proven`), `round ${round}: ${stderr}`);
      }
      match(stdout, /nothing in the cluster leads to it any more/);
      equal(status, 1);
      for (const [apiVersion, kind] of taken) {
        deepStrictEqual(await lab.cluster.list(apiVersion, kind), [], kind);
      }
    }
    deepStrictEqual(storedSnapshots(lab), members.map(({ handle }) => handle).sort());
    deepStrictEqual(await productState(lab), state);
    const { stdout } = await lab.restorePoint("list");
    match(stdout, /^grouped +ready, 2 members MISSING/m);
    lab.eraseSnapshots();
    await lab.remove("grouped");
  });

  it("counts no scratch object as a member", async () => {
    await lab.take("scratched");
    const [member] = volumeMembers((await lab.point("scratched")) ?? { members: [] });
    const reference = { apiVersion: SNAPSHOT_API, kind: "VolumeSnapshotContent" };
    const scratch = {
      ...reference,
      metadata: { name: "scratch", labels: { [VERIFY_LABEL]: "x" } },
    };
    await lab.cluster.create(
      {
        ...scratch,
        spec: {
          deletionPolicy: "Retain",
          driver: "lab.csi.atom.example",
          source: { snapshotHandle: member?.handle },
          volumeSnapshotRef: { name: "scratch", namespace: "atom-backup" },
        },
      },
      "test",
    );
    await forgetSnapshots("scratch");
    const { stdout } = await lab.restorePoint("list");
    match(stdout, /^scratched +ready, 2 members MISSING/m);
    await forgetSnapshots();
    lab.eraseSnapshots();
    await lab.remove("scratched");
  });
});
