import { deepStrictEqual, equal, match } from "node:assert/strict";
import { rmSync } from "node:fs";

import { dataPaths } from "../../lab/dataPaths";
import { labStop } from "../../lab/down";
import { labPaths } from "../../lab/paths";
import { readLabRecord, writeLabRecord, type LabRecord } from "../../lab/record";
import { up } from "../lab/support/labs";
import { silentReporter } from "../support/silentReporter";
import { leastRights } from "./support/leastRights";
import { PointLab } from "./support/pointLab";
import { rolledState } from "./support/rolledState";

/** Bytes of the claims that the point holds. */
const held = (bytes: unknown): readonly unknown[] =>
  Object.entries(bytes as object).filter(([claim]) => claim.startsWith("data-inventory-"));

describe("a cluster that was rebuilt over the storage of before", () => {
  let lab: PointLab;
  let then: Awaited<ReturnType<typeof rolledState>>;

  before(async () => {
    lab = await PointLab.up();
    lab.group("never");
    lab.narrow("inventory");
    equal((await lab.create("before", { consistency: "crash" })).status, 0);
    then = await rolledState(lab);
  });

  after(() => lab.down());

  it("is refused until the stack is bound to it, by both identities", async () => {
    const { root } = lab;
    const { clusterUid: former } = readLabRecord(root) as LabRecord;
    await labStop({ root, reporter: silentReporter });
    rmSync(dataPaths(labPaths(root)).etcd, { recursive: true });
    writeLabRecord(root, { ...(readLabRecord(root) as LabRecord), clusterUid: undefined });
    const { clusterUid } = await up(root, ["cluster", "vcenter", "data"]);
    await leastRights(root, lab.cluster);
    const refused = await lab.checkout.atom(["up"]);
    equal(refused.status, 1, refused.stderr);
    match(refused.stderr, new RegExp(`pins cluster.clusterUid ${former}.*rebind-cluster`));
    const { stderr } = await lab.done(["rebind-cluster"]);
    match(stderr, new RegExp(`is bound to cluster ${clusterUid}`));
    const [move] = ((await lab.point("before"))?.journal.entries ?? []).filter(
      ({ command, event }) => command === "rebind-cluster" && event === "noted",
    );
    deepStrictEqual(move?.detail, { uid: clusterUid, message: `from cluster ${former}` });
    match((await lab.done(["rebind-cluster"])).stderr, /nothing to move/);
  });

  it("gets the points' snapshots back, and by a rollback the bytes", async () => {
    await lab.done(["up"]);
    const { stdout } = await lab.done(["restore-point", "list"]);
    match(stdout, /^before +ready, \d members MISSING/m);
    await lab.done(["restore-point", "repair", "before"]);
    const verified = await lab.checkout.atom(["restore-point", "verify", "before"]);
    match(verified.stdout, /volume atom\/data-inventory-0 +proven/);
    // Copies of Secrets are inside the cluster only, and went with it.
    match(verified.stdout, /NOT proven: release objects/);
    await lab.done(["rollback", "before"]);
    const { objects, bytes } = await rolledState(lab);
    deepStrictEqual(objects, then.objects);
    deepStrictEqual(held(bytes), held(then.bytes));
  });
});
