import assert from "node:assert/strict";
import fc from "fast-check";
import { claimChanges, draftPoint, spreadSeconds } from "../../planning/draftPoint";
import { emptyRecord } from "../../planning/pointRecord";
import type { FreezeHook } from "../../planning/site";
import { siteOf } from "../support/sites";

const uid = (digit: number): string => `7c1f0000-0000-4000-8000-00000000000${digit}`;
const volumes = [
  { namespace: "atom", claim: "data-1", uid: uid(1) },
  { namespace: "atom", claim: "data-0", uid: uid(2) },
];
const surroundings = {
  volumes,
  groupVersion: "v1beta2",
  virtualMachines: "all",
  now: Date.parse("2026-11-25T10:00:00Z"),
} as const;
const hook: FreezeHook = {
  name: "database",
  namespace: "atom",
  image: "registry.example/shell:1",
  claims: [],
  freeze: ["freeze"],
  thaw: ["thaw"],
  leaseSeconds: 60,
  serviceAccount: undefined,
};

describe("a new restore point", () => {
  it("takes the product's volumes and what fits the site where the operator says nothing", () => {
    const request = { name: "pre-24-2", release: "24.2" };
    const { record, file } = draftPoint(siteOf(), request, surroundings);
    assert.deepEqual(record, {
      ...emptyRecord({
        name: "pre-24-2",
        stack: "north",
        release: "24.2",
        state: "taking",
        consistency: "crash",
        expires: "2026-12-02T10:00:00.000Z",
        volumes: [],
      }),
      volumes: [volumes[1], volumes[0]],
      groupVersion: "v1beta2",
    });
    assert.deepEqual(file, {
      name: "pre-24-2",
      release: "24.2",
      state: "taking",
      expires: "2026-12-02T10:00:00.000Z",
      virtualMachines: "all",
      consistency: "crash",
      memory: false,
      quiesce: false,
      volumes: true,
      vms: [],
    });
  });

  it("is frozen where hooks can do so, and never stopped unless it is said", () => {
    const site = siteOf();
    const frozen = { ...site, product: { ...site.product, hooks: [hook] } };
    const request = { name: "p", release: "1" };
    assert.equal(draftPoint(frozen, request, surroundings).record.consistency, "frozen");
    const stopped = { ...request, consistency: "stopped" } as const;
    assert.equal(draftPoint(frozen, stopped, surroundings).record.consistency, "stopped");
  });

  it("takes no groups where the stack says never", () => {
    const site = siteOf();
    const never = siteOf({ snapshots: { ...site.snapshots, group: "never" } });
    const point = draftPoint(never, { name: "p", release: "1" }, surroundings);
    assert.equal(point.record.groupVersion, undefined);
  });

  it("keeps every wish, a false and an explicit none too", () => {
    const wish = {
      name: "p",
      release: "1",
      virtualMachines: "none",
      memory: false,
      quiesce: true,
      expires: "2027-01-01T00:00:00Z",
    } as const;
    const { file: point } = draftPoint(siteOf(), wish, surroundings);
    assert.deepEqual(
      [point.virtualMachines, point.memory, point.quiesce, point.expires],
      ["none", false, true, "2027-01-01T00:00:00Z"],
    );
  });
});

describe("claims between plan and taking", () => {
  it("are the same in whatever order and case of their UIDs", () => {
    const capitals = volumes.map((volume) => ({ ...volume, uid: volume.uid.toUpperCase() }));
    assert.deepEqual(claimChanges(volumes, capitals.toReversed()), []);
  });

  it("are named where they came, went or were created anew", () => {
    const live = [
      { namespace: "atom", claim: "data-0", uid: uid(3) },
      { namespace: "atom-db", claim: "data-1", uid: uid(1) },
    ];
    assert.deepEqual(claimChanges(volumes, live), [
      `claim atom-db/data-1 is new and not in the point`,
      `claim atom/data-0 was created anew (UID ${uid(3)} instead of ${uid(2)})`,
      "claim atom/data-1 is gone or no longer covered",
    ]);
  });
});

describe("the spread of a point", () => {
  it("is 0 of none and of one", () => {
    assert.equal(spreadSeconds([]), 0);
    assert.equal(spreadSeconds(["2026-11-25T10:00:00Z"]), 0);
  });

  it("is that of the first and the last, in whatever order and zone", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1 }), (offsets) => {
        const times = offsets.map((ms) => new Date(1_700_000_000_000 + ms).toISOString());
        assert.equal(spreadSeconds(times), (Math.max(...offsets) - Math.min(...offsets)) / 1000);
      }),
    );
    assert.equal(spreadSeconds(["2026-11-25T10:00:00+01:00", "2026-11-25T09:00:02.5Z"]), 2.5);
  });
});
