import { deepStrictEqual, equal, match } from "node:assert/strict";

import { VERIFY_LABEL } from "../../planning/names";
import { volumeMembers } from "../../planning/pointMembers";
import { forgetSnapshots, SNAPSHOT_API, SNAPSHOT_KINDS } from "./support/forgetSnapshots";
import { onPointLab, type PointLab } from "./support/pointLab";
import { productState } from "./support/productState";
import { storedSnapshots } from "./support/wholePoint";

describe("verifying a point of groups", () => {
  let lab: PointLab;

  onPointLab({ group: "auto", part: "inventory" }, (shared) => (lab = shared));

  it("proves every member by its handle after etcd went back, and leaves nothing", async () => {
    await lab.take("grouped");
    const state = await productState(lab);
    const members = volumeMembers((await lab.point("grouped")) ?? { members: [] });
    equal(new Set(members.map(({ groupHandle }) => groupHandle)).size, 1);
    equal(typeof members[0]?.groupHandle, "string");
    await forgetSnapshots(lab);
    for (const round of [1, 2]) {
      const { status, stdout, stderr } = await lab.restorePoint("verify", "grouped");
      for (const { claim } of members) {
        match(stdout, new RegExp(`volume atom/${claim} +proven`), `round ${round}: ${stderr}`);
      }
      match(stdout, /nothing in the cluster leads to it any more/);
      equal(status, 1);
      for (const [apiVersion, kind] of SNAPSHOT_KINDS) {
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
    await forgetSnapshots(lab, "scratch");
    const { stdout } = await lab.restorePoint("list");
    match(stdout, /^scratched +ready, 2 members MISSING/m);
    await forgetSnapshots(lab);
    lab.eraseSnapshots();
    await lab.remove("scratched");
  });
});
