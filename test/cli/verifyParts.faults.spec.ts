import { deepStrictEqual, equal, match } from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { contentSelector, type Content } from "../../clients/kubernetes/ownObjects";
import { onPointLab, type PointLab } from "./support/pointLab";
import { productState } from "./support/productState";
import { storedSnapshots } from "./support/wholePoint";

describe("the parts that the catalog of a restore point records", () => {
  let lab: PointLab;
  let state: unknown;

  onPointLab({ part: "inventory" }, async (shared) => {
    lab = shared;
    state = await productState(lab);
  });

  /** Removes the stored objects of a point, as who deletes the namespace does. @returns how many there were */
  const removeParts = async (point: string, content: Content): Promise<number> => {
    const kind = content === "secret" ? "Secret" : "ConfigMap";
    const options = {
      namespace: "atom-backup",
      labelSelector: contentSelector("lab", content, point),
    };
    const found = await lab.cluster.list("v1", kind, options);
    for (const { metadata } of found) {
      const reference = { apiVersion: "v1", kind, name: metadata.name, namespace: "atom-backup" };
      await lab.cluster.delete(reference, undefined);
    }
    return found.length;
  };

  it("are compared by verify, which proves nothing without them", async () => {
    await lab.take("parts");
    const whole = await lab.restorePoint("verify", "parts");
    equal(whole.status, 0, whole.stdout);
    match(whole.stdout, /release objects +proven/);
    for (const [content, said] of [
      ["secret", /No copy of Secret atom\/inventory-credentials/],
      ["objects", /The ConfigMaps atom-backup\/parts-objects-1 … are not complete/],
    ] as const) {
      equal((await removeParts("parts", content)) > 0, true);
      const { status, stdout } = await lab.restorePoint("verify", "parts");
      equal(status, 1, stdout);
      match(stdout, said);
      match(stdout, /point parts: NOT proven: release objects/);
      const list = await lab.restorePoint("list");
      match(list.stdout, /^parts +ready .* never /m);
    }
    await lab.remove("parts");
    deepStrictEqual(await productState(lab), state);
  });

  it("make a point that is not ready where they go while it is taken", async () => {
    const action = { delayMs: 6000 };
    lab.faults([{ method: "CreateSnapshot", claim: "atom/data-inventory-0", action }]);
    const running = lab.create("robbed", { consistency: "stopped" });
    while ((await removeParts("robbed", "secret")) === 0) {
      await pause(50);
    }
    const { status, stderr } = await running;
    lab.faults([]);
    equal(status, 1, stderr);
    match(stderr, /No copy of Secret atom\//);
    equal((await lab.point("robbed"))?.state, "failed");
    deepStrictEqual(storedSnapshots(lab), []);
    deepStrictEqual(await productState(lab), state);
    await lab.remove("robbed");
  });
});
