// Runs the runbooks "upgrade night" and "go back to a restore point": the commands are those of the pages, one night after
// the other. Sections that need another lab are run by the specs of ELSEWHERE.
import { deepStrictEqual, equal, match, notDeepStrictEqual, ok } from "node:assert/strict";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";

import { PRODUCT_NAMESPACE } from "../../lab/product/parts";
import { volumeMembers } from "../../planning/pointMembers";
import { killedAt } from "../cli/support/killRollback";
import { sharedPointLab, type PointLab } from "../cli/support/pointLab";
import { damage, inventoryMap, resetProduct, thawedState } from "../cli/support/rolledState";
import { requireReleased } from "../cli/support/wholePoint";
import { blocksOf, pageOf, runBlock, sectionsOf } from "./support/page";

const POINT = "pre-24.2";
const NIGHT = pageOf("how-to/upgrade-night.md");
const BACK = pageOf("how-to/roll-back.md");

/** Sections whose commands another spec takes from the page. */
const ELSEWHERE = [
  "When node VMs have to go back, too",
  "When etcd has to go back, too",
  "When the cluster was rebuilt",
];

describe("the runbooks", () => {
  let lab: PointLab;
  let then: unknown;
  let since: unknown;
  const run = new Set<string>();

  before(async () => {
    lab = await sharedPointLab();
    lab.group("never");
    lab.narrow("inventory");
    await lab.leaveVmsOut();
  });

  after(async () => {
    rmSync(join(lab.root, "mop.html"), { force: true });
    lab.narrow("all");
    await lab.fixtures([]);
    await lab.remove(POINT);
    await resetProduct(lab);
  });

  const state = () => thawedState(lab);

  /** Runs a block of a section, of which each command has to end with 0. */
  const follow = async (page: string, title: string, index = 0): Promise<string> => {
    const block = blocksOf(page, title)[index];
    ok(block !== undefined, title);
    run.add(title);
    const { status, output } = await runBlock(lab.root, `set -e\n${block.commands}`);
    equal(status, 0, `${block.commands}${output}`);
    return output;
  };

  const requireState = async (wanted: unknown): Promise<void> => {
    deepStrictEqual(await state(), wanted);
    await requireReleased(lab);
  };

  it("lead through an upgrade that does not stay", async () => {
    then = await state();
    match(await follow(NIGHT, "1. Before: is there a way back?"), /Upgrade to 24\.2 now/);
    await follow(NIGHT, "2. Know the way back before you need it");
    ok(existsSync(join(lab.root, "mop.html")));
    await damage(lab, "worse", "inventory");
    await lab.cluster.modify(inventoryMap, "test", (live) => ({ ...live, data: { to: "24.2" } }));
    since = await state();
    notDeepStrictEqual(since, then);
    await follow(NIGHT, "4. Decide", 1);
    await requireState(then);
  });

  it("lead back from a rollback, also from one that stopped in the middle", async () => {
    await follow(BACK, "4. When going back was wrong");
    await requireState(since);
    match(await follow(BACK, "1. Look at what it would do"), /Step 1: /);
    equal(await killedAt(lab, ["rollback", POINT], 60, "command"), true);
    await follow(BACK, "3. When it stops in the middle");
    await requireState(since);
  });

  it("lead back to the point, and to an end of the night", async () => {
    await follow(BACK, "2. Go back");
    await requireState(then);
    equal((await lab.point(POINT))?.rollbacks?.at(-1)?.change, "CHG-4711");
    await follow(BACK, "4. When going back was wrong");
    await follow(NIGHT, "4. Decide", 0);
    await requireState(since);
    await follow(BACK, "5. When it was right");
  });

  it("mend a point that lost a VolumeSnapshot", async () => {
    const [member] = volumeMembers((await lab.point(POINT)) ?? { members: [] });
    const of = { apiVersion: "snapshot.storage.k8s.io/v1", kind: "VolumeSnapshot" };
    const reference = { ...of, namespace: PRODUCT_NAMESPACE, name: member?.snapshot ?? "" };
    await lab.cluster.delete(reference, undefined);
    await follow(BACK, "When VolumeSnapshots are gone");
    ok((await lab.cluster.get(reference)) !== undefined);
  });

  it("have no command that is not run", () => {
    const all = [...sectionsOf(NIGHT), ...sectionsOf(BACK)];
    deepStrictEqual(
      all.filter((title) => !run.has(title)),
      ELSEWHERE,
    );
  });
});
