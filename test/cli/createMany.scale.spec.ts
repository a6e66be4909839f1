import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import type { ClusterObject } from "../../clients/kubernetes/object";
import { inParallel } from "../../clients/parallel";
import { spreadSeconds } from "../../planning/draftPoint";
import { volumeMembers } from "../../planning/pointMembers";
import { sharedPointLab, type PointLab } from "./support/pointLab";

const NAMESPACE = "many";
const PODS = 20;
const CLAIMS_PER_POD = 10;
const CLAIMS = Array.from({ length: PODS * CLAIMS_PER_POD }, (_, index) => `data-${index}`);
const SNAPSHOT_API = "snapshot.storage.k8s.io/v1";

/** Requests in flight of the bare client. */
const IN_FLIGHT = 64;

/** How much longer than the bare client the cut may take, on a machine that does other things as well. */
const BOUND = 2;

describe("a restore point of 200 volumes", () => {
  let lab: PointLab;

  before(async () => {
    lab = await sharedPointLab();
    await lab.group("never");
    await makeVolumes(lab);
    lab.edit(["product", "namespaces"], [NAMESPACE]);
    lab.edit(["snapshots", "maxSpreadSeconds"], 60);
  });

  it("is cut in about the time that a bare client needs for its snapshots", async () => {
    const bare = await takeBare(lab);
    const { status, stderr } = await lab.checkout.atom([
      ...["restore-point", "create", "many", "--release", "24.1"],
      ...["--consistency", "crash", "--virtual-machines", "none"],
    ]);
    assert.equal(status, 0, stderr);
    const point = lab.point("many");
    assert.ok(point !== undefined);
    const members = volumeMembers(point);
    assert.equal(members.length, CLAIMS.length);
    assert.equal(new Set(members.map(({ handle }) => handle)).size, CLAIMS.length);
    const taken = await secondsOfTake(lab);
    const spread = spreadSeconds(members.map(({ createdAt }) => createdAt));
    process.stderr.write(
      `${CLAIMS.length} volumes: bare client ${bare.toFixed(1)} s, restore-point create ${taken.toFixed(1)} s ` +
        `(x ${(taken / bare).toFixed(2)}), cut over ${spread.toFixed(1)} s\n`,
    );
    assert.ok(taken / bare < BOUND, `x ${(taken / bare).toFixed(2)}`);
  });
});

/** From the beginning of the deployment of the point to its end, as the ledger has it: members are ready and recorded. */
async function secondsOfTake(lab: PointLab): Promise<number> {
  const entries = (await lab.ledger().read("many"))?.entries ?? [];
  const at = (event: string): number => {
    const entry = entries.find((one) => one.step === "cut members" && one.event === event);
    assert.ok(entry !== undefined, `the ledger does not say when the cut was ${event}`);
    return Date.parse(entry.at);
  };
  return (at("ended") - at("begun")) / 1000;
}

/** Posts a VolumeSnapshot of each claim and waits until all are ready, and nothing else. */
async function takeBare({ systems: { cluster } }: PointLab): Promise<number> {
  const begin = performance.now();
  const failed = await inParallel(CLAIMS, IN_FLIGHT, async (claim) => {
    await cluster.create(
      {
        apiVersion: SNAPSHOT_API,
        kind: "VolumeSnapshot",
        metadata: { name: `bare-${claim}`, namespace: NAMESPACE },
        spec: {
          volumeSnapshotClassName: "atom-snapshots",
          source: { persistentVolumeClaimName: claim },
        },
      },
      "test",
    );
  });
  assert.deepEqual(failed, []);
  const isReady = (snapshot: ClusterObject): boolean =>
    (snapshot["status"] as { readonly readyToUse?: boolean } | undefined)?.readyToUse === true;
  for (;;) {
    const all = await cluster.list(SNAPSHOT_API, "VolumeSnapshot", { namespace: NAMESPACE });
    if (all.filter(isReady).length === CLAIMS.length) {
      return (performance.now() - begin) / 1000;
    }
    await pause(100);
  }
}

/** Claims, and pods that use ten each: a volume is made for its first consumer. */
async function makeVolumes({ systems: { cluster } }: PointLab): Promise<void> {
  await cluster.create(
    { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } },
    "test",
  );
  await inParallel(CLAIMS, IN_FLIGHT, async (name) => {
    await cluster.create(
      {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name, namespace: NAMESPACE },
        spec: {
          accessModes: ["ReadWriteOnce"],
          storageClassName: "atom-replicated",
          resources: { requests: { storage: "1Mi" } },
        },
      },
      "test",
    );
  });
  for (let pod = 0; pod < PODS; pod += 1) {
    const claims = CLAIMS.slice(pod * CLAIMS_PER_POD, (pod + 1) * CLAIMS_PER_POD);
    await cluster.create(
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: `user-${pod}`, namespace: NAMESPACE },
        spec: {
          containers: [
            {
              name: "idle",
              image: "lab.example/shell:1",
              volumeMounts: claims.map((name) => ({ name, mountPath: `/volumes/${name}` })),
            },
          ],
          volumes: claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
        },
      },
      "test",
    );
  }
  const isBound = (claim: ClusterObject): boolean =>
    (claim["status"] as { readonly phase?: string } | undefined)?.phase === "Bound";
  for (;;) {
    const all = await cluster.list("v1", "PersistentVolumeClaim", { namespace: NAMESPACE });
    if (all.filter(isBound).length === CLAIMS.length) {
      return;
    }
    await pause(250);
  }
}
