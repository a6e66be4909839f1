import { deepStrictEqual, equal } from "node:assert/strict";

import { createRestorePoint } from "../../restorepoint/take/createPoint";
import { onPointLab, type PointLab } from "./support/pointLab";
import { productState } from "./support/productState";

// createTwice.lab.spec.ts has two commands that work at the same time; here one waits for its answer meanwhile.
describe("a create that waits at its question while another completes", () => {
  let lab: PointLab;
  let state: unknown;

  onPointLab({ part: "inventory" }, async (shared) => {
    lab = shared;
    state = await productState(lab);
  });

  const wish = { consistency: "stopped", virtualMachines: "none" } as const;

  /** Asks for one point, and takes another before it answers yes. */
  const take = (name: string, meanwhile: string): ReturnType<typeof createRestorePoint> =>
    createRestorePoint(
      { name, wish },
      lab.ports(async () => {
        await lab.take(meanwhile);
        return true;
      }),
    );

  it("leaves the other's point what it is, and takes its own", async () => {
    const { state: done } = await take("mine", "other");
    equal(done, "taken");
    const { points } = await lab.catalog().list();
    deepStrictEqual(
      points.map(({ point, record, notes }) => [
        point,
        record?.state,
        record?.members.length,
        notes,
      ]),
      [
        // Two volumes, and etcd of the stopped product.
        ["mine", "ready", 3, []],
        ["other", "ready", 2, []],
      ],
    );
    deepStrictEqual(await productState(lab), state);
    await lab.remove("mine");
    await lab.remove("other");
  });

  it("touches nothing where the other has taken the very point", async () => {
    const { state: done } = await take("same", "same");
    equal(done, "unchanged");
    const point = await lab.point("same");
    // It was never stopped: that is what the second would have done.
    deepStrictEqual([point?.state, point?.consistency, point?.workloads], ["ready", "crash", []]);
    deepStrictEqual(await productState(lab), state);
    await lab.remove("same");
  });
});
