import { deepStrictEqual, equal, match, ok } from "node:assert/strict";

import { KILL_VARIABLE } from "../../clients/killPoints";
import { field, type ClusterObject } from "../../clients/kubernetes/object";
import { PRODUCT_NAMESPACE } from "../../lab/product/parts";
import { volumeMembers } from "../../planning/pointMembers";
import type { VolumeMember } from "../../planning/pointRecord";
import { forgetSnapshots, SNAPSHOT_API } from "./support/forgetSnapshots";
import { sharedPointLab, type PointLab } from "./support/pointLab";
import { productState } from "./support/productState";
import { requireReleased, storedSnapshots } from "./support/wholePoint";
import { thoroughly } from "../support/thoroughly";

const namespace = PRODUCT_NAMESPACE;

describe("restore points whose snapshots the cluster has lost", () => {
  let lab: PointLab;

  before(async () => {
    lab = await sharedPointLab();
    lab.narrow("inventory");
  });

  after(async () => {
    lab.narrow("all");
    await lab.remove("repaired");
  });

  const members = async (): Promise<readonly VolumeMember[]> =>
    volumeMembers((await lab.point("repaired")) ?? { members: [] });

  const atom = (...args: readonly string[]) => lab.checkout.atom(["restore-point", ...args]);

  /** Content and VolumeSnapshot of a member as people would look at them. */
  const bound = async ({ snapshot: name, content }: VolumeMember): Promise<unknown> => {
    const get = async (
      kind: string,
      where: { readonly name: string; readonly namespace?: string },
    ): Promise<ClusterObject> => {
      const live = await lab.cluster.get({ apiVersion: SNAPSHOT_API, kind, ...where });
      ok(live !== undefined, `${kind} is gone`);
      return live;
    };
    const snapshot = await get("VolumeSnapshot", { namespace, name });
    const live = await get("VolumeSnapshotContent", { name: content });
    equal(field(snapshot, "status", "boundVolumeSnapshotContentName"), content);
    const group = field(live, "status", "volumeGroupSnapshotHandle");
    return {
      // The controller gives members of groups none.
      ...(group === undefined ? { labels: snapshot.metadata.labels } : {}),
      ready: field(snapshot, "status", "readyToUse"),
      handle: field(live, "status", "snapshotHandle"),
      group,
      policy: field(live, "spec", "deletionPolicy"),
    };
  };

  /** Takes a point, spoils what leads to it, repairs it, after a run that is killed at a moment, and looks that it is as it was, leads back, and can end. */
  const repaired = async (
    group: "auto" | "never",
    spoil: (member: VolumeMember) => Promise<void>,
    killed?: number,
  ): Promise<void> => {
    lab.group(group);
    equal((await lab.create("repaired", { consistency: "crash" })).status, 0);
    const state = await productState(lab);
    const before = await Promise.all((await members()).map(bound));
    const [first] = await members();
    ok(first !== undefined);
    await spoil(first);
    match((await atom("list")).stdout, /^repaired +ready, 1 member UNBOUND/m);
    match((await atom("show", "repaired")).stdout, /Next: \.\/atom restore-point repair repaired/);
    if (killed !== undefined) {
      const run = await lab.checkout.atom(["restore-point", "repair", "repaired"], {
        [KILL_VARIABLE]: String(killed),
      });
      equal(run.status, null, run.stderr);
    }
    await lab.done(["restore-point", "repair", "repaired"]);
    deepStrictEqual(await Promise.all((await members()).map(bound)), before);
    const verified = await atom("verify", "repaired");
    equal(verified.status, 0, verified.stdout + verified.stderr);
    match(verified.stdout, /point repaired: proven/);
    match((await atom("list")).stdout, /^repaired +ready +/m);
    match((await atom("repair", "repaired")).stdout, /every living volume is bound/);
    deepStrictEqual(await productState(lab), state);
    await requireReleased(lab);
    await lab.remove("repaired");
    deepStrictEqual(storedSnapshots(lab), []);
    const left = Object.values(await lab.live()).flat();
    deepStrictEqual(left, []);
  };

  const reference = ({ snapshot: name }: VolumeMember) => ({
    apiVersion: SNAPSHOT_API,
    kind: "VolumeSnapshot",
    namespace,
    name,
  });

  // A sample; every moment is in rollbackPartsKill.faults.spec.ts.
  it("bind a VolumeSnapshot again that was removed by hand, after a run that was killed", () =>
    repaired("never", (member) => lab.cluster.delete(reference(member), undefined), 6));

  thoroughly("bind a member of a group again, and it ends with the group", () =>
    repaired("auto", async (member) => {
      // Nobody else can remove a member of a group; the controller may set its finalizer anew before the deletion.
      while ((await lab.cluster.get(reference(member))) !== undefined) {
        await lab.cluster.modify(reference(member), "test", (live) => ({
          ...live,
          metadata: { ...live.metadata, finalizers: [] },
        }));
        await lab.cluster.delete(reference(member), undefined);
      }
    }),
  );

  it("leave members alone whose group the cluster does not know, and say what leads back", async () => {
    lab.group("auto");
    equal((await lab.create("repaired", { consistency: "crash" })).status, 0);
    await forgetSnapshots(lab);
    const run = await atom("repair", "repaired");
    equal(run.status, 1, run.stderr);
    match(run.stderr, /knows the groups of volume atom\/data-inventory-0.* no more/);
    deepStrictEqual(Object.values(await lab.live()).flat(), []);
    lab.eraseSnapshots();
  });
});
