import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import type { ClusterObject } from "../../clients/kubernetes/object";
import { inParallel } from "../../clients/parallel";
import { volumeMembers } from "../../planning/pointMembers";
import { emptyRecord } from "../../planning/pointRecord";
import { sharedPointLab, type PointLab } from "./support/pointLab";

const NAMESPACE = "many";
const PODS = 20;
const CLAIMS_PER_POD = 10;
const CLAIMS = Array.from({ length: PODS * CLAIMS_PER_POD }, (_, index) => `data-${index}`);
const SNAPSHOT_API = "snapshot.storage.k8s.io/v1";

/** Requests in flight of the bare client. */
const IN_FLIGHT = 64;

/** How much longer than the bare client's the freeze may be, on a machine that does other things as well. */
const BOUND = 2;

/** Points that were taken before, each of as many volumes. */
const EARLIER = 50;

describe("a restore point of 200 volumes", () => {
  let lab: PointLab;
  let floor: number;

  before(async () => {
    lab = await sharedPointLab();
    lab.group("never");
    await makeVolumes(lab);
    lab.edit(["product", "namespaces"], [NAMESPACE]);
    floor = await takeBare(lab);
  });

  it("freezes the product for about the time that a bare client needs for its snapshots", () =>
    requireShortFreeze(lab, "many", floor));

  it("does so beside 50 earlier points in the catalog", async () => {
    const many = await lab.point("many");
    assert.ok(many !== undefined);
    for (let index = 0; index < EARLIER; index += 1) {
      const { journal: _, ...earlier } = { ...many, name: `earlier-${index}` };
      const journal = await lab.catalog().open(emptyRecord(earlier), "restore-point create");
      await journal.note("complete", {}, (record) => ({ ...record, ...earlier }));
      await journal.close("done");
    }
    await requireShortFreeze(lab, "later", floor);
  });
});

/** Takes the point frozen, and compares the seconds between freeze and thaw with the bare client's. */
async function requireShortFreeze(lab: PointLab, name: string, floor: number): Promise<void> {
  const { status, stderr } = await lab.checkout.atom([
    ...["restore-point", "create", name, "--release", "24.1"],
    ...["--consistency", "frozen", "--virtual-machines", "none"],
  ]);
  assert.equal(status, 0, stderr);
  const point = await lab.point(name);
  const members = volumeMembers(point ?? { members: [] });
  assert.equal(new Set(members.map(({ handle }) => handle)).size, CLAIMS.length);
  const [hook] = point?.frozen ?? [];
  assert.ok(hook?.thawedAt !== undefined);
  const seconds = (Date.parse(hook.thawedAt) - Date.parse(hook.frozenAt)) / 1000;
  const ratio = (seconds / floor).toFixed(2);
  process.stderr.write(
    `${name}: ${CLAIMS.length} volumes: bare client ${floor.toFixed(1)} s, freeze to thaw ${seconds.toFixed(1)} s ` +
      `(x ${ratio}), taken over ${point?.spreadSeconds ?? 0} s\n`,
  );
  assert.ok(seconds / floor < BOUND, `x ${ratio}`);
}

/** Posts a VolumeSnapshot of each claim and waits for the creation time of each, and nothing else. */
async function takeBare({ cluster }: PointLab): Promise<number> {
  const begin = performance.now();
  await inParallel(CLAIMS, IN_FLIGHT, async (claim) => {
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
  const isTaken = (snapshot: ClusterObject): boolean =>
    (snapshot["status"] as { readonly creationTime?: string } | undefined)?.creationTime !==
    undefined;
  for (;;) {
    const all = await cluster.list(SNAPSHOT_API, "VolumeSnapshot", { namespace: NAMESPACE });
    if (all.filter(isTaken).length === CLAIMS.length) {
      return (performance.now() - begin) / 1000;
    }
    await pause(100);
  }
}

/** Claims, and pods that use ten each: a volume is made for its first consumer. */
async function makeVolumes({ cluster }: PointLab): Promise<void> {
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
