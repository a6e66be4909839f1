import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import type { ClusterClient } from "../../../clients/kubernetes/client";
import { connectCluster } from "../../../clients/kubernetes/connect";
import { withLease } from "../../../clients/kubernetes/lease";
import { LeaseHeldError, LeaseLostError } from "../../../clients/kubernetes/leaseRecord";
import type { ClusterObject } from "../../../clients/kubernetes/object";
import { labPaths } from "../../../lab/paths";
import type { LabSystems } from "../../support/labSystems";
import { sharedLab } from "../../support/sharedLab";

const NAMESPACE = "atom-lease-test";
const SECONDS = 3;
const reference = {
  apiVersion: "coordination.k8s.io/v1",
  kind: "Lease",
  namespace: NAMESPACE,
  name: "atom-backup-site-1",
};

interface Spec {
  readonly holderIdentity: string;
  readonly renewTime: string;
  readonly leaseTransitions: number;
}

/** Two clients are two machines, as far as the API server can tell. */
describe("the lease of a stack", () => {
  let lab: LabSystems;
  let other: ClusterClient;

  before(async () => {
    lab = await sharedLab();
    other = await connectCluster({ kubeconfig: labPaths(lab.root).kubeconfig });
  });

  afterEach(() => lab.cluster.delete(reference, undefined));

  after(async () => {
    await other.close();
    const namespace = { apiVersion: "v1", kind: "Namespace", name: NAMESPACE };
    await lab.cluster.delete(namespace, undefined);
  });

  const request = (holder: string) => ({
    namespace: NAMESPACE,
    stack: "site-1",
    holder,
    seconds: SECONDS,
  });

  const live = async (): Promise<ClusterObject | undefined> => lab.cluster.get(reference);
  const spec = async (): Promise<Spec> => (await live())?.["spec"] as Spec;

  /** A lease whose holder is on another machine and no longer renews. */
  const leave = async (renewedAt: Date): Promise<void> => {
    const time = renewedAt.toISOString().replace("Z", "000Z");
    const { apiVersion, kind, name, namespace } = reference;
    const annotations = { "atom-backup/holding": "elsewhere/1/1/x" };
    await lab.cluster.create(
      {
        apiVersion,
        kind,
        metadata: { name, namespace, annotations },
        spec: {
          holderIdentity: "bob@far pid 1",
          leaseDurationSeconds: SECONDS,
          acquireTime: time,
          renewTime: time,
          leaseTransitions: 4,
        },
      },
      "test",
    );
  };

  it("lets one of two in, tells the other who is, and is gone afterwards", async () => {
    let enter = (): void => {};
    const inside = new Promise<void>((resolve) => (enter = resolve));
    let leaveIt = (): void => {};
    const until = new Promise<void>((resolve) => (leaveIt = resolve));
    const first = withLease(lab.cluster, request("alice@here pid 1"), async () => {
      enter();
      await until;
      return "done";
    });
    await inside;
    const refused = await withLease(other, request("bob@far pid 2"), () =>
      Promise.resolve("both"),
    ).catch((error: unknown) => error);
    assert.ok(refused instanceof LeaseHeldError);
    assert.equal(refused.holder, "alice@here pid 1");
    assert.ok(Date.parse(refused.since) <= Date.now());
    assert.ok(Date.parse(refused.until) > Date.parse(refused.since));
    assert.match(refused.message, /site-1.*alice@here pid 1/);
    leaveIt();
    assert.equal(await first, "done");
    assert.equal(await live(), undefined);
    assert.equal(await withLease(other, request("bob"), () => Promise.resolve("now")), "now");
  });

  it("lets exactly one of many in that come at once", async () => {
    let together = 0;
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) =>
        withLease(n % 2 === 0 ? lab.cluster : other, request(`holder ${n}`), async () => {
          together += 1;
          assert.equal(together, 1);
          await pause(2_000);
          together -= 1;
        }),
      ),
    );
    assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
    const reasons = results.flatMap((result) =>
      result.status === "rejected" ? [result.reason as Error] : [],
    );
    assert.deepEqual([...new Set(reasons.map(({ name }) => name))], ["LeaseHeldError"]);
  });

  it("is renewed while the work goes on, and given back when it fails", async () => {
    const work = withLease(lab.cluster, request("alice"), async (signal) => {
      const { renewTime } = await spec();
      await pause(SECONDS * 1_500);
      assert.notEqual((await spec()).renewTime, renewTime);
      assert.equal(signal.aborted, false);
      throw new Error("the work failed");
    });
    await assert.rejects(work, /the work failed/);
    assert.equal(await live(), undefined);
  });

  for (const [title, change] of [
    ["deleted", (cluster: ClusterClient) => cluster.delete(reference, undefined)],
    [
      "taken by another",
      (cluster: ClusterClient) =>
        cluster.modify(reference, "test", (now) => ({
          ...now,
          metadata: { ...now.metadata, annotations: { "atom-backup/holding": "another" } },
        })),
    ],
  ] as const) {
    it(`tells the work when it was ${title}, and does not take it back`, async () => {
      let heard: unknown;
      const work = withLease(lab.cluster, request("alice"), async (signal) => {
        await change(other);
        await pause(SECONDS * 1_000, undefined, { signal }).catch(() => (heard = signal.reason));
      });
      await assert.rejects(work, LeaseLostError);
      assert.ok(heard instanceof LeaseLostError);
      const left = (await live())?.metadata.annotations?.["atom-backup/holding"];
      assert.equal(left, title === "deleted" ? undefined : "another");
    });
  }

  it("is lost, before anybody else may take it, when the API server is silent", async () => {
    const began = performance.now();
    let after = 0;
    const work = withLease(lab.cluster, request("alice"), (signal) =>
      lab.frozen("kube-apiserver", async () => {
        await pause(SECONDS * 2_000, undefined, { signal }).catch(() => {});
        after = performance.now() - began;
      }),
    );
    await assert.rejects(work, LeaseLostError);
    assert.ok(after < SECONDS * 1_000, `${after} ms`);
  });

  it("succeeds a dead holder of another machine when nobody renewed for its duration", async () => {
    await lab.cluster
      .create({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } }, "test")
      .catch(() => {});
    for (const renewedAt of [Date.now() - 3_600_000, Date.now() + 3_600_000]) {
      await leave(new Date(renewedAt));
      const told: string[] = [];
      const began = performance.now();
      const asked = { ...request("alice"), onWait: (text: string) => told.push(text) };
      const transitions = await withLease(lab.cluster, asked, async () => {
        assert.ok(performance.now() - began >= SECONDS * 1_000);
        return (await spec()).leaseTransitions;
      });
      assert.equal(transitions, 5);
      assert.equal(told.length, 1);
      assert.match(told[0] ?? "", /bob@far pid 1/);
    }
  });

  it("refuses when a holder that seemed dead by the clock renews", async () => {
    await leave(new Date(Date.now() - 3_600_000));
    const asked = {
      ...request("alice"),
      onWait: () => {
        void other.modify(reference, "test", (now) => ({
          ...now,
          spec: { ...(now["spec"] as Spec), renewTime: "2020-01-01T00:00:00.000000Z" },
        }));
      },
    };
    await assert.rejects(
      withLease(lab.cluster, asked, () => Promise.resolve()),
      (error: Error) => error instanceof LeaseHeldError && error.holder === "bob@far pid 1",
    );
  });

  it("succeeds a killed process of this machine at once", async () => {
    const program = `
      const { connectCluster } = require(${JSON.stringify(join(__dirname, "../../../clients/kubernetes/connect.js"))});
      const { withLease } = require(${JSON.stringify(join(__dirname, "../../../clients/kubernetes/lease.js"))});
      connectCluster({ kubeconfig: ${JSON.stringify(labPaths(lab.root).kubeconfig)} }).then((client) =>
        withLease(client, ${JSON.stringify({ ...request("victim"), seconds: 600 })}, () => {
          process.stdout.write("inside");
          return new Promise((resolve) => setTimeout(resolve, 600_000));
        }));`;
    const child = spawn(process.execPath, ["-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    assert.equal((await spec()).holderIdentity, "victim");
    await assert.rejects(
      withLease(other, request("alice"), () => Promise.resolve()),
      LeaseHeldError,
    );
    child.kill("SIGKILL");
    await once(child, "exit");
    const began = performance.now();
    await withLease(other, request("alice"), () => Promise.resolve());
    assert.ok(performance.now() - began < 5_000);
  });
});
