import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Leftovers } from "../../site/down/leftovers";
import { leftoversLines } from "../../cli/print/leftovers";
import { openStack } from "../../site/stack";
import { emptyRecord, type PointRecord } from "../../planning/pointRecord";
import { Checkout } from "./support/checkout";

const nothing: Leftovers = {
  volumes: [],
  volumeSnapshots: [],
  vmSnapshots: [],
  images: [],
  points: [],
  unknown: [],
};

const record = {
  ...emptyRecord({
    name: "pre-24.1",
    stack: "model-generic",
    release: "24.1",
    state: "ready",
    consistency: "crash",
    expires: "2031-01-01T00:00:00Z",
    volumes: [],
  }),
  members: [
    {
      kind: "virtualMachine" as const,
      node: "a-1",
      uuid: "42100000-0000-4000-8000-0000000000a1",
      handle: "snapshot-7",
      takenAt: "2026-11-20T10:00:00Z",
    },
  ],
};

describe("what `down` says of what stays", () => {
  const lines = (leftovers: Partial<Leftovers>): string[] =>
    leftoversLines(openStack("model-generic", []), { ...nothing, ...leftovers });

  it("names volumes with their claims and says what they can no longer do", () => {
    const volume = {
      volume: "pvc-1",
      uid: "1",
      claim: "atom/data-db-0",
      className: "atom-replicated",
      capacity: "10Gi",
      createdAt: "2026-11-01T00:00:00Z",
      made: "present",
      note: "",
    } as const;
    assert.deepEqual(
      lines({ volumes: [volume, { ...volume, volume: "pvc-2", claim: undefined }] }),
      [
        "volumes: 2; they keep their data, and cannot grow until their class is there again",
        "  PersistentVolume pvc-1 (10Gi, class atom-replicated): atom/data-db-0",
        "  PersistentVolume pvc-2 (10Gi, class atom-replicated): no claim",
        "snapshots of volumes: none",
        "VM snapshots in vCenter: none",
        "images of node VMs in vCenter: none",
        "restore points: none",
      ],
    );
  });

  it("names snapshots of both kinds", () => {
    const all = lines({
      volumeSnapshots: [
        { kind: "VolumeSnapshot", name: "atom/before", claim: "atom/data-db-0", point: "before" },
        {
          kind: "VolumeSnapshotContent",
          name: "snapcontent-1",
          claim: undefined,
          point: undefined,
        },
      ],
      vmSnapshots: [
        {
          vm: "k8s-a-1",
          name: "atom.oslo.before",
          reference: "snapshot-7",
          point: "before",
          createdAt: "2026-11-20T10:00:00Z",
        },
      ],
    });
    assert.deepEqual(all.slice(1, 6), [
      "snapshots of volumes: 2",
      "  VolumeSnapshot atom/before of claim atom/data-db-0, point before",
      "  VolumeSnapshotContent snapcontent-1",
      "VM snapshots in vCenter: 1; their deltas grow until they are removed",
      "  atom.oslo.before of k8s-a-1 (snapshot-7, 2026-11-20T10:00:00Z), point before",
    ]);
  });

  it("names images of node VMs, and points without VM snapshots without a file", () => {
    const images = [{ name: "atom-image.oslo.c-1.a-1", reference: "vm-90", node: "a-1" }];
    const cycle = { name: "weekly", start: "2026-11-20T00:00:00Z", owner: "Ada", takes: "images" };
    const run = { ...record, name: "c-1", cycle } as PointRecord;
    const ended = record.members.map((one) => ({ ...one, expiredAt: "2026-11-23T10:00:00Z" }));
    const old = { ...record, name: "old", state: "expired" as const, members: ended };
    const said = lines({ images, points: [{ ...record, members: [] }, run, old] });
    assert.deepEqual(said.slice(3), [
      "images of node VMs in vCenter: 1",
      "  atom-image.oslo.c-1.a-1 of node a-1 (vm-90)",
      "restore points: 2",
      "  pre-24.1 (ready)",
      "  old (expired)",
    ]);
  });

  it("says what could not be read, which is not the same as nothing", () => {
    const said = lines({
      volumes: undefined,
      vmSnapshots: undefined,
      images: undefined,
      points: [record],
      unknown: ["vCenter is silent."],
    });
    assert.deepEqual(said, [
      "volumes: not read",
      "snapshots of volumes: none",
      "VM snapshots in vCenter: not read",
      "VM snapshots by the files of restore points: 1",
      "  pre-24.1: a-1 (snapshot-7)",
      "images of node VMs in vCenter: not read",
      "restore points: 1",
      "  pre-24.1 (ready), stacks/restore-points/model-generic/pre-24.1.yaml",
      "unknown: vCenter is silent.",
    ]);
  });
});

describe("./atom down and ./atom adopt without what they need", () => {
  let checkout: Checkout;
  before(() => {
    checkout = Checkout.create();
  });
  after(() => checkout.remove());

  for (const command of ["down", "adopt"]) {
    it(`${command}: cannot tell when the lab was never started`, async () => {
      const run = await checkout.atom([command]);
      assert.equal(run.status, 1, run.stderr);
      assert.match(run.stderr, /Unknown: the lab was never started in this checkout\./);
    });

    it(`${command}: refuses a real site without the Pulumi CLI, changing nothing`, async () => {
      const run = await checkout.atom([command, "--yes", "--stack", "model-generic"]);
      assert.equal(run.status, 2, run.stderr);
      assert.match(run.stderr, /deployed through the Pulumi CLI, which is neither on PATH/);
    });

    it(`${command}: refuses configuration values, which it would neither try nor write`, async () => {
      const run = await checkout.atom([command, "-c", "replicationFactor=3"]);
      assert.equal(run.status, 2, run.stderr);
      assert.match(run.stderr, /unknown option '-c'/);
    });
  }

  it("init: says that the cluster cannot be reached, and writes nothing", async () => {
    mkdirSync(join(checkout.root, "empty"));
    const env = { KUBECONFIG: join(checkout.root, "empty", "none"), VSPHERE_SERVER: "" };
    const run = await checkout.atom(["init", "oslo"], env);
    assert.equal(run.status, 1, run.stderr);
    assert.match(run.stderr, /kubeconfig/i);
    assert.equal((await checkout.atom(["preview", "--offline", "--stack", "oslo"])).status, 2);
  });
});
