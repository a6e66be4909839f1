import { deepStrictEqual, equal, match } from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { fieldText, referenceOf, type ClusterObject } from "../../clients/kubernetes/object";
import type { AtomRun } from "./support/checkout";
import { expireAndKill, requireRemoved } from "./support/expiry";
import { onPointLab, type PointLab } from "./support/pointLab";
import { requireReleased, storedSnapshots } from "./support/wholePoint";

const SNAPSHOT_API = "snapshot.storage.k8s.io/v1";
const MARK = "snapshot.storage.kubernetes.io/volumesnapshot-being-deleted";

// One moment of the sample: the contents are told to go, the snapshots are there; every moment is in expire.faults.spec.ts.
describe("restore-point expire on the lab", () => {
  let lab: PointLab;

  onPointLab({ group: "auto", points: ["old", "new"] }, (shared) => (lab = shared));

  /** Objects of the point `marked` that are being deleted. */
  async function deleting(kind: string): Promise<readonly ClusterObject[]> {
    return (await lab.cluster.list(SNAPSHOT_API, kind)).filter((one) => {
      const { deletionTimestamp, name } = one.metadata;
      const snapshot = fieldText(one, "spec", "volumeSnapshotRef", "name") || name;
      return deletionTimestamp !== undefined && snapshot.startsWith("marked");
    });
  }

  async function change(
    objects: readonly ClusterObject[],
    to: (metadata: ClusterObject["metadata"]) => ClusterObject["metadata"],
  ): Promise<void> {
    for (const object of objects) {
      await lab.cluster.modify(referenceOf(object), "test", (live) => ({
        ...live,
        metadata: to(live.metadata),
      }));
    }
  }

  /** Takes the mark of deletion off all contents of the point, and before it away what would have them marked again. */
  async function unmark(): Promise<number> {
    for (;;) {
      const snapshots = await deleting("VolumeSnapshot");
      const contents = await deleting("VolumeSnapshotContent");
      if (contents.length === 8 && snapshots.length > 0) {
        await change(snapshots, (metadata) => ({ ...metadata, finalizers: [] }));
      } else if (contents.length === 8) {
        await change(
          contents,
          ({ annotations: { [MARK]: _mark, ...annotations } = {}, ...rest }) => ({
            ...rest,
            annotations,
          }),
        );
        return contents.length;
      }
      await pause(100);
    }
  }

  it("refuses the newest point", async () => {
    const run = await lab.restorePoint("expire", "new");
    equal(run.status, 1);
    match(run.stderr, /Restore point new is not removed: it is the newest ready point/);
  });

  it("shows what it would do on a dry run, and changes nothing; the list goes to stdout", async () => {
    const run = await lab.done(["restore-point", "expire", "old", "--dry-run"]);
    match(run.stderr, /- VolumeGroupSnapshot atom\/old and its members\n/);
    const list = await lab.restorePoint("list", "--json");
    equal(list.status, 0, list.stderr);
    const { points } = JSON.parse(list.stdout) as {
      readonly points: readonly {
        readonly name: string;
        readonly members: readonly { readonly presence: string }[];
      }[];
    };
    const old = points.find(({ name }) => name === "old");
    equal(old?.members.filter(({ presence }) => presence === "there").length, 8);
    const table = await lab.restorePoint("list");
    match(table.stdout, /^old +ready/m);
  });

  it("ends nothing that is on hold, by name, until it is let go", async () => {
    const hold = (...more: string[]): Promise<AtomRun> => lab.restorePoint("hold", "old", ...more);
    equal((await hold()).status, 0);
    match((await hold()).stderr, /old is already on hold/);
    const run = await lab.restorePoint("expire", "old");
    equal(run.status, 1);
    match(run.stderr, /Restore point old is not removed: it is on hold/);
    const list = await lab.restorePoint("list");
    match(list.stdout, /^old +ready, held/m);
    equal((await hold("--off")).status, 0);
    equal((await lab.point("old"))?.hold, false);
    const unknown = await lab.restorePoint("hold", "none");
    equal(unknown.status, 2);
    match(unknown.stderr, /no restore point none\. Known are: .*old/);
  });

  it("is killed, goes on, and leaves nothing of the point", async () => {
    const killed = await expireAndKill(lab, "old", 16);
    equal(killed.status, null, killed.stderr);
    const run = await expireAndKill(lab, "old", 0);
    equal(run.status, 0, run.stderr);
    await requireRemoved(lab, "old", "new");
    await requireReleased(lab);
    const again = await expireAndKill(lab, "old", 0);
    equal(again.status, 0, again.stderr);
    match(again.stderr, /Restore point old is removed already\./);
  });

  it("is not held up by a content whose mark of deletion its sidecar wrote over", async () => {
    lab.group("never");
    const before = storedSnapshots(lab);
    await lab.take("marked");
    const refuse = { code: "Internal", message: "not yet" };
    lab.faults([{ method: "DeleteSnapshot", action: { refuse } }]);
    const removing = lab.remove("marked");
    try {
      // csi-snapshotter 8.7 does so when it asks for a snapshot once more while the controller marks its content.
      equal(await unmark(), 8);
    } finally {
      lab.faults([]);
    }
    await removing;
    deepStrictEqual(storedSnapshots(lab), before);
  });
});
