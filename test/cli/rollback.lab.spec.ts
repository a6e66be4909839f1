import { deepStrictEqual, equal, match, notDeepStrictEqual, ok } from "node:assert/strict";

import {
  FIRST_RELEASE,
  NEXT_RELEASE,
  PRODUCT_CLAIMS,
  PRODUCT_NAMESPACE,
} from "../../lab/product/parts";
import { pendingSteps } from "../../restorepoint/catalog/entries";
import { inventory } from "../restorepoint/verify/takeRestorePoint";
import { sharedPointLab, type PointLab } from "./support/pointLab";
import {
  damage,
  grantOwnKinds,
  inventoryMap,
  liveVolumes,
  resetProduct,
  revokeOwnKinds,
  rolled,
  rolledState,
  upgrade,
} from "./support/rolledState";
import { requireReleased } from "./support/wholePoint";
import { thoroughly } from "../support/thoroughly";

const namespace = PRODUCT_NAMESPACE;
const broughtMap = { ...inventoryMap, name: "brought-by-the-upgrade" };

describe("going back to restore points", function () {
  let lab: PointLab;
  let original: Awaited<ReturnType<typeof liveVolumes>>;
  const states = new Map<string, unknown>();

  before(async () => {
    lab = await sharedPointLab();
    lab.group("never");
    await grantOwnKinds(lab);
    original = await liveVolumes(lab);
  });

  after(async () => {
    await lab.cluster.delete(broughtMap, undefined);
    await resetProduct(lab);
    await revokeOwnKinds(lab);
    for (const name of ["first", "second", "third"]) {
      await lab.remove(name);
    }
  });

  /** Takes a point and keeps what the product was then. */
  const point = async (name: string): Promise<void> => {
    equal((await lab.create(name, { consistency: "crash" })).status, 0);
    states.set(name, await rolledState(lab));
  };

  const workload = (kind: string, name: string) => ({
    apiVersion: "apps/v1",
    kind,
    namespace,
    name,
  });

  /** What goes wrong after the third point: bytes, images, configuration, numbers, new objects. */
  const spoil = async (): Promise<void> => {
    await damage(lab, "spoilt");
    await lab.cluster.modify(workload("StatefulSet", "telemetry"), "test", (live) => {
      const text = JSON.stringify(live["spec"]).replaceAll(
        "registry.atom.example",
        "registry.other.example",
      );
      return { ...live, spec: { ...(JSON.parse(text) as object), replicas: 1 } };
    });
    await lab.cluster.modify(workload("Deployment", "gateway"), "test", (live) => ({
      ...live,
      spec: { ...(live["spec"] as object), replicas: 3 },
    }));
    await lab.cluster.modify(inventoryMap, "test", (live) => ({
      ...live,
      data: { other: "value" },
    }));
    const { name } = broughtMap;
    await lab.cluster.create(
      { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name }, data: {} },
      "test",
    );
    await rolled(lab, "StatefulSet", "telemetry");
    await rolled(lab, "Deployment", "gateway");
    states.set("spoilt", await rolledState(lab));
  };

  const requireState = async (name: string): Promise<void> => {
    deepStrictEqual(await rolledState(lab), states.get(name));
    await requireReleased(lab);
  };

  it("takes three points, and the product changes after each", async () => {
    await point("first");
    await upgrade(lab, [FIRST_RELEASE]);
    await point("second");
    await upgrade(lab, [FIRST_RELEASE, NEXT_RELEASE]);
    await point("third");
    await spoil();
    notDeepStrictEqual(states.get("spoilt"), states.get("third"));
  });

  it("previews every step and changes nothing", async () => {
    const before = await inventory(lab);
    const run = await lab.checkout.atom(["rollback", "third", "--preview", "--json"]);
    equal(run.status, 0, run.stderr);
    const plan = JSON.parse(run.stdout) as {
      readonly claims: readonly { readonly claim: string; readonly from: string }[];
      readonly steps: readonly { readonly kind: string; readonly after: string }[];
      readonly objects: Readonly<Record<string, readonly string[]>>;
      readonly images: readonly string[];
    };
    deepStrictEqual(
      plan.claims.map(({ claim, from }) => [claim, from]),
      PRODUCT_CLAIMS.map(({ claim }) => [claim, original.get(claim)?.name]),
    );
    deepStrictEqual(
      plan.steps.map(({ kind }) => kind),
      ["save", "restore", "retain", "pause", "stop", "swap", "objects", "start", "resume"],
    );
    ok(plan.steps.every(({ after }) => after !== ""));
    ok(plan.objects["changed"]?.includes(`ConfigMap ${namespace}/inventory`));
    deepStrictEqual(plan.objects["removed"], [`ConfigMap ${namespace}/brought-by-the-upgrade`]);
    match(plan.images.join(), /StatefulSet atom\/telemetry telemetry: registry\.atom\.example/);
    deepStrictEqual(await inventory(lab), before);
    await requireState("spoilt");
  });

  it("goes back: bytes, objects and replicas are those of the point", async () => {
    await lab.done(["rollback", "third", "--change", "CHG-7"]);
    await requireState("third");
    const record = await lab.point("third");
    const [rollback] = record?.rollbacks ?? [];
    equal(rollback?.state, "done");
    equal(rollback.change, "CHG-7");
    deepStrictEqual(pendingSteps(record?.journal.entries ?? []), []);
    deepStrictEqual(
      rollback.claims.map(({ kept }) => kept?.volume),
      PRODUCT_CLAIMS.map(({ claim }) => original.get(claim)?.name),
    );
  });

  it("undoes it: all is as before, on the volumes of before", async () => {
    await lab.done(["rollback", "--undo"]);
    await requireState("spoilt");
    deepStrictEqual(await liveVolumes(lab), original);
  });

  it("goes back to older points, one after the other", async () => {
    for (const name of ["second", "first"]) {
      await lab.done(["rollback", name]);
      await requireState(name);
    }
  });

  thoroughly("verifies a point whose claims were made anew", async () => {
    await lab.done(["restore-point", "verify", "third"]);
  });

  it("lists points whose claims were made anew, and keeps a volume that a snapshot of one is of", async () => {
    const { stdout } = await lab.done(["restore-point", "list"]);
    match(stdout, /third .*ready/);
    const run = await lab.checkout.atom(["rollback", "second", "--purge"]);
    equal(run.status, 1, run.stderr);
    match(run.stderr, /first, second and third have a snapshot of it/);
  });

  it("undoes one after the other, the newest first, and purges what is left", async () => {
    const wrong = await lab.checkout.atom(["rollback", "second", "--undo"]);
    equal(wrong.status, 2, wrong.stderr);
    for (const state of ["second", "spoilt"]) {
      await lab.done(["rollback", "--undo"]);
      await requireState(state);
    }
    deepStrictEqual(await liveVolumes(lab), original);
    for (const name of ["first", "second", "third"]) {
      await lab.done(["rollback", name, "--purge"]);
    }
    const volumes = await lab.cluster.list("v1", "PersistentVolume");
    deepStrictEqual(
      volumes.map(({ metadata }) => metadata.name).sort(),
      [...original.values()].map(({ name }) => name).sort(),
    );
  });
});
