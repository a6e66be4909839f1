import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { volumeMembers } from "../../planning/pointMembers";
import { onPointLab, type PointLab } from "./support/pointLab";
import { storedSnapshots } from "./support/wholePoint";

describe("verify and expire, while the driver is slow or refuses", () => {
  let lab: PointLab;

  onPointLab({ part: "inventory", points: ["old", "new"] }, (shared) => (lab = shared));

  it("an interrupted verify leaves no volume in the storage that nothing knows, and the next removes it", async () => {
    const before_ = lab.replicas();
    lab.faults([{ method: "CreateVolume", action: { delayMs: 15_000 } }]);
    const { child, run } = lab.checkout.start(["restore-point", "verify", "new"]);
    const own = { namespace: "atom-backup" };
    while ((await lab.cluster.list("v1", "PersistentVolumeClaim", own)).length < 2) {
      await pause(50);
    }
    await pause(2000);
    child.kill("SIGINT");
    const { status, stdout } = await run;
    equal(status, 1, stdout);
    const kept = await lab.cluster.list("v1", "PersistentVolumeClaim", own);
    // What the driver still works on is kept, and named.
    for (const { metadata } of kept) {
      ok(stdout.includes(`PersistentVolumeClaim atom-backup/${metadata.name} is kept`), stdout);
    }
    lab.faults([]);
    const next = await lab.restorePoint("verify", "new");
    equal(next.status, 0, next.stdout);
    equal(kept.length === 0 || next.stderr.includes("interrupted verification"), true, next.stderr);
    deepStrictEqual(await lab.cluster.list("v1", "PersistentVolumeClaim", own), []);
    deepStrictEqual(lab.replicas(), before_);
  });

  it("a removal that the driver refuses says so in its words, calls nothing lost, and is gone on with", async () => {
    const refuse = { code: "FailedPrecondition", message: "a clone hangs on it" };
    lab.faults([{ method: "DeleteSnapshot", action: { refuse } }]);
    const expire = ["restore-point", "expire", "old", "--timeout", "8"];
    const { status, stderr } = await lab.checkout.atom(expire);
    equal(status, 1, stderr);
    match(stderr, /Content snapcontent-\S+: the storage driver has not removed snap-\S+; why,/);
    const list = await lab.restorePoint("list");
    match(list.stdout, /^old +expiring/m);
    ok(!/^old .*(LOST|MISSING)/m.test(list.stdout), list.stdout);
    lab.faults([]);
    await lab.done(["restore-point", "expire", "old"]);
    const kept = volumeMembers((await lab.point("new")) ?? { members: [] });
    deepStrictEqual(storedSnapshots(lab), kept.map(({ handle }) => handle).sort());
  });
});
