// Shows the order of a take and what becomes of one that fails, with a catalog in memory. That real snapshots are taken
// and removed so, the tests on the lab show.
import assert from "node:assert/strict";

import type { ClusterClient } from "../../../clients/kubernetes/client";
import type { ClusterObject, ObjectReference } from "../../../clients/kubernetes/object";
import { silentReporter } from "../../support/silentReporter";
import type { PointRecord } from "../../../planning/pointRecord";
import type { Journal } from "../../../restorepoint/catalog/journal";
import type { ProductVolumes } from "../../../restorepoint/productVolumes";
import type { Quiesce } from "../../../restorepoint/quiesce";
import { takeLimits } from "../../../restorepoint/take/judge";
import { takePoint } from "../../../restorepoint/take/takePoint";
import { CREATE, type TakePorts } from "../../../restorepoint/take/takeMembers";
import { lineage } from "../../support/points";
import { siteOf } from "../../support/sites";
import { catalogOver, MemorySide, seed } from "../catalog/support";

const T0 = Date.parse("2026-11-25T10:00:00Z");

const volumes: ProductVolumes = {
  covered: ["data-1", "data-2"].map((claim) => ({ ...lineage(claim), bytes: 1_073_741_824 })),
  uncovered: [],
};

/** A cluster that takes each snapshot at once, the second so many seconds after the first. */
function cluster(log: string[], spread: number, refuses: string | undefined): ClusterClient {
  const posted: ClusterObject[] = [];
  const creationOf = (name: string): number => T0 + (name.endsWith("2") ? spread * 1000 : 0);
  const client: Partial<Record<keyof ClusterClient, unknown>> = {
    create: (object: ClusterObject) => {
      if (refuses !== undefined) {
        return Promise.reject(new Error(refuses));
      }
      log.push(`post ${object.metadata.name}`);
      posted.push(object);
      return Promise.resolve(object);
    },
    list: () =>
      Promise.resolve(
        posted.map((object) => ({
          ...object,
          status: {
            boundVolumeSnapshotContentName: `content-${object.metadata.name}`,
            creationTime: new Date(creationOf(object.metadata.name)).toISOString(),
            readyToUse: true,
          },
        })),
      ),
    get: ({ name }: ObjectReference) =>
      Promise.resolve({
        apiVersion: "v",
        kind: "k",
        metadata: { name },
        status: { snapshotHandle: `h-${name}`, creationTime: creationOf(name) * 1e6 },
      }),
  };
  return client as ClusterClient;
}

interface World {
  readonly log: string[];
  readonly journal: Journal;
  readonly copy: MemorySide;
  readonly run: (
    changes?: Partial<TakePorts>,
    still?: Partial<Quiesce>,
    until?: number,
  ) => Promise<PointRecord>;
}

interface WorldOptions {
  readonly spread?: number;
  readonly refuses?: string;
  /** Throws from it fail writes of the catalog. */
  readonly beforeWrite?: () => void;
}

async function world(
  consistency: PointRecord["consistency"] = "crash",
  { spread = 0, refuses, beforeWrite }: WorldOptions = {},
): Promise<World> {
  const log: string[] = [];
  const copy = new MemorySide("copy", false, beforeWrite);
  const catalog = catalogOver(copy, new MemorySide("cluster", true));
  const point: PointRecord = {
    ...seed("pre-24-1"),
    state: "taking",
    consistency,
    volumes: volumes.covered.map(({ namespace, claim, uid }) => ({ namespace, claim, uid })),
  };
  const journal = await catalog.open(point, CREATE);
  const say = (word: string): Promise<void> => {
    log.push(word);
    return Promise.resolve();
  };
  const run: World["run"] = (changes = {}, still = {}, until) =>
    takePoint(
      {
        site: siteOf(),
        point,
        volumes,
        quiesce: {
          begin: () => say("still").then(() => until),
          requireHeld: () => Promise.resolve(),
          end: () => say("going"),
          ...still,
        },
      },
      {
        client: cluster(log, spread, refuses),
        journal,
        reporter: silentReporter,
        limits: takeLimits,
        vms: undefined,
        storeRelease: () => say("release"),
        checkRelease: () => Promise.resolve([]),
        readVolumes: () => Promise.resolve(volumes),
        undo: () => say("undo"),
        ...changes,
      },
    );
  return { log, journal, copy, run };
}

const POSTS = ["post pre-24-1.data-1", "post pre-24-1.data-2"];

describe("taking a restore point", () => {
  for (const consistency of ["frozen", "stopped"] as const) {
    it(`holds a product that is ${consistency} for nothing but the burst of posts`, async () => {
      const { run, log, journal } = await world(consistency, { spread: 3600 });
      const point = await run({}, {}, Date.now() + 60_000);
      assert.deepEqual(log, ["release", "still", ...POSTS, "going"]);
      assert.equal(point.state, "ready");
      assert.ok(Math.abs(Date.parse(point.takenAt ?? "") - Date.now()) < 60_000);
      assert.deepEqual(
        point.members.map((one) => one.kind === "volume" && [one.claim, one.handle]),
        [1, 2].map((digit) => [`data-${digit}`, `h-content-pre-24-1.data-${digit}`]),
      );
      assert.equal(point.spreadSeconds, 3600);
      assert.deepEqual(
        point.lineage.map(({ volumeHandle, parameters }) => [volumeHandle, parameters]),
        [1, 2].map((digit) => [`handle-data-${digit}`, { replicas: "2" }]),
      );
      assert.deepEqual(journal.pending(), []);
    });
  }

  it("writes nothing down between the freeze and the thaw", async () => {
    const writes: string[] = [];
    let log: string[] = [];
    const made = await world("frozen", { beforeWrite: () => writes.push(log.at(-1) ?? "") });
    ({ log } = made);
    await made.run();
    assert.deepEqual(
      writes.filter((after) => after === "still" || after.startsWith("post")),
      [],
    );
  });

  const failures: readonly (readonly [
    string,
    Parameters<typeof world>,
    Parameters<World["run"]>,
    RegExp,
  ])[] = [
    ["a member cannot be taken", ["stopped", { refuses: "data-1: pool full" }], [], /pool full/],
    ["its volumes are of different moments", ["crash", { spread: 6 }], [], /maxSpreadSeconds is 5/],
    ["the freeze ended before", ["frozen"], [{}, {}, Date.now() - 1000], /leaseSeconds/],
    [
      "a claim came meanwhile",
      ["crash"],
      [
        {
          readVolumes: () =>
            Promise.resolve({
              covered: volumes.covered.concat(
                volumes.covered.slice(0, 1).map((one) => ({ ...one, claim: "data-3" })),
              ),
              uncovered: [],
            }),
        },
      ],
      /claim atom\/data-3 is new/,
    ],
    [
      "what was stored goes meanwhile",
      ["crash"],
      [{ checkRelease: () => Promise.resolve(["The ConfigMaps are gone."]) }],
      /ConfigMaps are gone/,
    ],
    ["it is interrupted", ["stopped"], [{ signal: AbortSignal.abort() }], /interrupted/],
  ];
  for (const [title, args, how, message] of failures) {
    it(`is given up whole where ${title}, and the product gets going first`, async () => {
      const { run, log, journal } = await world(...args);
      await assert.rejects(run(...how), { name: "TakeError", message });
      assert.equal(log.at(-1), "undo");
      assert.equal(log.at(-2), "going");
      const { state, takenAt, members } = journal.record;
      assert.deepEqual([state, takenAt, members], ["failed", undefined, []]);
      assert.deepEqual(journal.pending(), []);
    });
  }

  it("starts the product although nothing can be written down any more", async () => {
    let full = false;
    const beforeWrite = (): void => {
      if (full) {
        throw new Error("no space left on device");
      }
    };
    const { run, log } = await world("stopped", { beforeWrite });
    const begin = (): Promise<undefined> => {
      full = true;
      log.push("still");
      return Promise.resolve(undefined);
    };
    await assert.rejects(run({}, { begin }), /no space left on device/);
    const going = log.indexOf("going");
    assert.ok(going > log.indexOf("still"), log.join(", "));
  });

  it("stays as it is, to be cleared by the next run, where its leftovers cannot be removed", async () => {
    const { run, journal } = await world("crash", { refuses: "pool full" });
    const undo = (): Promise<void> => Promise.reject(new Error("no answer"));
    await assert.rejects(run({ undo }), { message: "pool full no answer" });
    assert.equal(journal.record.state, "taking");
    assert.ok(journal.pending().length > 0);
  });

  it("stays ready where only the product did not start again", async () => {
    const { run, log, journal } = await world("stopped");
    let ends = 0;
    const end = (): Promise<void> =>
      ++ends === 1 ? Promise.resolve() : Promise.reject(new Error("no start"));
    const checkRelease = async (): Promise<readonly string[]> => {
      await journal.begin("stop product");
      return [];
    };
    await assert.rejects(run({ checkRelease }, { end }), /no start/);
    assert.equal(journal.record.state, "ready");
    assert.ok(!log.includes("undo"));
  });

  it("begins anew after a killed run, whose snapshots are of another moment", async () => {
    const { run, log, journal } = await world();
    await journal.begin("take volumes");
    assert.equal((await run()).state, "ready");
    assert.deepEqual(log.slice(0, 3), ["going", "undo", "release"]);
  });

  it("begins anew, too, after a run that was killed when all was taken and not yet written down", async () => {
    const { run, log, journal } = await world();
    // As after a kill: nothing of what follows is done.
    await assert.rejects(
      run({
        checkRelease: () => Promise.reject(new Error("killed")),
        undo: () => Promise.reject(new Error("killed")),
      }),
    );
    log.length = 0;
    assert.equal((await run()).state, "ready");
    assert.deepEqual(log.slice(0, 3), ["going", "undo", "release"]);
    assert.deepEqual(journal.pending(), []);
  });

  it("lets go of the engine before it looks for what was taken: one that lives on may still take", async () => {
    const { run, log, journal } = await world();
    await journal.begin("take volumes");
    const forget = (): Promise<void> => {
      log.push("forget");
      return Promise.resolve();
    };
    await run({ vms: { forget, take: () => Promise.resolve([]) } });
    assert.deepEqual(log.slice(0, 3), ["going", "forget", "undo"]);
  });

  it("removes volumes also where the engine does not answer, and leaves the rest to the next run", async () => {
    const { run, log, journal } = await world("crash", { refuses: "pool full" });
    const forget = (): Promise<void> => Promise.reject(new Error("no engine"));
    const vms = { forget, take: () => Promise.resolve([]) };
    await assert.rejects(run({ vms }), { message: "pool full no engine" });
    assert.equal(log.at(-1), "undo");
    assert.ok(journal.pending().length > 0);
  });

  it("is gone on with by a later run until nothing is left to do", async () => {
    const { run, journal } = await world();
    const seen: unknown[] = [];
    const pending = (): readonly string[] => journal.pending().map(({ step }) => step);
    const info = (): unknown => seen.push(journal.record.state, ...pending());
    await run({ reporter: { ...silentReporter, info } });
    assert.deepEqual(seen, ["ready", "take volumes"]);
    assert.deepEqual(pending(), []);
  });
});
