// Shows the order of a cut and what becomes of one that fails, with a ledger in memory. That real snapshots are cut and
// removed so, the tests on the lab show.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readPointFile } from "../../config/pointFile";
import { pointText } from "../../config/pointText";
import { recordMembers } from "../../config/pointRecord";
import type { ClusterClient } from "../../clients/kubernetes/client";
import type { Journal } from "../../restorepoint/catalog/journal";
import { takeRestorePoint, type TakePorts } from "../../restorepoint/takeRestorePoint";
import type { ProductVolumes } from "../../restorepoint/productVolumes";
import type { Quiesce } from "../../restorepoint/quiesce";
import { silentReporter } from "../../clients/reporter";
import type { VolumeMember } from "../../planning/pointRecord";
import type { RestorePointFile } from "../../planning/site";
import { temporaryProject } from "../config/fixture";
import { pointFile, volumeMember } from "../support/points";
import { siteOf } from "../support/sites";
import { ledgerOver, MemorySide } from "./catalog/support";

const uid = (digit: number): string => `7c1f0000-0000-4000-8000-00000000000${digit}`;
const T0 = Date.parse("2026-11-25T10:00:00Z");

const volumes: ProductVolumes = {
  covered: [1, 2].map((digit) => ({
    namespace: "atom",
    claim: `data-${digit}`,
    uid: uid(digit),
    volume: `pv-${digit}`,
    volumeHandle: `handle-${digit}`,
    driver: "lab.csi.atom.example",
    className: "atom-replicated",
    parameters: { replicas: "2" },
    capacity: "1Gi",
    bytes: 1_073_741_824,
    accessModes: ["ReadWriteOnce"],
    volumeMode: "Filesystem",
    fsType: "ext4",
  })),
  uncovered: [],
};

function member(digit: number, at: number): VolumeMember {
  return volumeMember("pre-24-1", `data-${digit}`, {
    uid: uid(digit),
    content: `content-${digit}`,
    handle: `snap-${digit}`,
    createdAt: new Date(at).toISOString(),
    bytes: 1_073_741_824,
  });
}

interface World {
  readonly file: string;
  readonly log: string[];
  readonly journal: Journal;
  readonly run: (
    changes?: Partial<TakePorts>,
    until?: number,
    still?: Partial<Quiesce>,
  ) => Promise<RestorePointFile>;
  readonly remove: () => void;
}

async function world(
  changes: Partial<RestorePointFile> = {},
  options: { readonly spread?: number; readonly now?: number } = {},
): Promise<World> {
  const project = temporaryProject({});
  const file = join(project.root, "pre-24-1.yaml");
  const point = pointFile({
    name: "pre-24-1",
    virtualMachines: "none",
    state: "taking",
    volumes: volumes.covered.map(({ namespace, claim, uid: id }) => ({
      namespace,
      claim,
      uid: id,
    })),
    ...changes,
  });
  writeFileSync(file, pointText({ ...point, members: [] }));
  if (point.members.length > 0) {
    recordMembers(file, point.members);
  }
  const ledger = ledgerOver(new MemorySide("copy", false), new MemorySide("cluster", true), {
    stack: "north",
  });
  const journal = await ledger.open("pre-24-1", "restore-point create", {
    release: point.release,
    consistency: point.consistency,
  });
  const log: string[] = [];
  const say = (word: string): Promise<void> => {
    log.push(word);
    return Promise.resolve();
  };
  const run: World["run"] = (given = {}, until, still = {}) => {
    const quiesce: Quiesce = {
      begin: () => say("still").then(() => until),
      holds: () => Promise.resolve(false),
      end: () => say("going"),
      ...still,
    };
    return takeRestorePoint(
      { site: siteOf(), file, volumes, quiesce },
      {
        client: {} as ClusterClient,
        journal,
        reporter: silentReporter,
        now: () => new Date(options.now ?? T0),
        storeRelease: () => say("release").then(() => ({ digest: "d", parts: 1, secrets: 0 })),
        readVolumes: () => Promise.resolve(volumes),
        labelClaims: (wanted) => say(wanted ? "label" : "unlabel"),
        taken: async () => {
          await say("cut");
          recordMembers(file, [member(1, T0), member(2, T0 + (options.spread ?? 0) * 1000)]);
        },
        undo: () => say("undo"),
        forget: () => say(`forget while ${readPointFile(file).state}`),
        ...given,
      },
    );
  };
  return { file, log, journal, run, remove: project.remove };
}

describe("the cut of a restore point", () => {
  const worlds: World[] = [];
  const made = async (...args: Parameters<typeof world>): Promise<World> => {
    const one = await world(...args);
    worlds.push(one);
    return one;
  };
  afterEach(() => worlds.splice(0).forEach((one) => one.remove()));

  it("gets a frozen product going at once, and is ready after that", async () => {
    const { run, log, file, journal } = await made({ consistency: "frozen" });
    const point = await run({}, T0 + 60_000);
    assert.deepEqual(log, ["release", "label", "still", "cut", "going", "unlabel"]);
    assert.equal(point.state, "ready");
    assert.equal(point.takenAt, "2026-11-25T10:00:00.000Z");
    assert.deepEqual(readPointFile(file), point);
    assert.deepEqual(journal.pending(), []);
    assert.deepEqual(journal.catalogue.members, point.members);
    assert.equal(journal.catalogue.spreadSeconds, 0);
    assert.deepEqual(
      journal.catalogue.lineage.map(({ claim, volumeHandle, parameters }) => [
        claim,
        volumeHandle,
        parameters,
      ]),
      [
        ["data-1", "handle-1", { replicas: "2" }],
        ["data-2", "handle-2", { replicas: "2" }],
      ],
    );
    assert.deepEqual(journal.catalogue.objects, { digest: "d", parts: 1, secrets: 0 });
  });

  it("starts a stopped product only when the point is written down", async () => {
    const { run, log } = await made({ consistency: "stopped" }, { spread: 3600 });
    assert.equal((await run()).state, "ready");
    assert.deepEqual(log, ["release", "label", "still", "cut", "going", "unlabel"]);
  });

  const failures: readonly [
    string,
    Parameters<typeof world>,
    Partial<TakePorts>,
    number | undefined,
    string,
  ][] = [
    [
      "a member cannot be cut",
      [],
      { taken: () => Promise.reject(new Error("data-1: pool full")) },
      undefined,
      "data-1: pool full",
    ],
    [
      "its volumes are of different moments",
      [{ consistency: "crash" }, { spread: 6 }],
      {},
      undefined,
      "The volumes were cut over 6 s, and snapshots.maxSpreadSeconds is 5: they are of different moments. Use " +
        "consistency stopped or frozen, groups, or a greater maxSpreadSeconds.",
    ],
    [
      "the freeze ended before the last volume was cut",
      [{ consistency: "frozen" }, { spread: 70, now: T0 + 80_000 }],
      {},
      T0 + 60_000,
      "The freeze ended at 2026-11-25T10:01:00.000Z, before the last volume was cut (2026-11-25T10:01:10.000Z): give " +
        "the hooks of product.hooks a longer leaseSeconds.",
    ],
    [
      "a claim came while it was cut",
      [],
      {
        readVolumes: () =>
          Promise.resolve({
            covered: volumes.covered.concat(
              volumes.covered.slice(0, 1).map((one) => ({ ...one, claim: "data-3" })),
            ),
            uncovered: [],
          }),
      },
      undefined,
      "The product's claims changed while they were cut: claim atom/data-3 is new and not in the point. Run the " +
        "command again.",
    ],
    ["it is interrupted", [], { stopping: () => true }, undefined, "It was interrupted."],
  ];
  for (const [title, args, ports, until, message] of failures) {
    it(`is given up whole where ${title}`, async () => {
      const { run, log, file, journal } = await made(...args);
      await assert.rejects(run(ports, until), { name: "CutError", message });
      assert.deepEqual(log.slice(-2), ["undo", "forget while failed"]);
      assert.ok(log.includes("going") && log.indexOf("going") < log.indexOf("undo"));
      const point = readPointFile(file);
      assert.deepEqual([point.state, point.takenAt, point.members], ["failed", undefined, []]);
      assert.deepEqual(journal.catalogue.members, []);
    });
  }

  it("stays as it is, to be cleared by the next run, where its remains cannot be removed", async () => {
    const { run, file, journal } = await made();
    const ports = {
      taken: () => Promise.reject(new Error("pool full")),
      undo: () => Promise.reject(new Error("no answer")),
    };
    await assert.rejects(run(ports), { message: "pool full no answer" });
    assert.equal(readPointFile(file).state, "taking");
    assert.ok(journal.pending().some(({ step }) => step === "undo"));
  });

  it("stays ready where only the product did not start again", async () => {
    const { run, file, log } = await made({ consistency: "stopped" });
    let ends = 0;
    const still = { end: () => Promise.reject(new Error(`no start ${++ends}`)) };
    await assert.rejects(run({}, undefined, still), { message: "no start 1 no start 2" });
    assert.equal(readPointFile(file).state, "ready");
    assert.ok(!log.includes("undo"));
  });

  it("begins anew after a killed run, whose snapshots are of another moment", async () => {
    const { run, log } = await made({ members: [member(1, T0 - 3_600_000)] });
    assert.equal((await run()).state, "ready");
    assert.deepEqual(log.slice(0, 4), ["going", "undo", "forget while failed", "release"]);
  });

  it("keeps what a killed run has cut of a product that is stopped since", async () => {
    const { run, log, journal } = await made({ consistency: "stopped", members: [member(1, T0)] });
    await journal.begin("stop product", {}, (catalogue) => ({
      ...catalogue,
      objects: { digest: "of before it was stopped", parts: 1, secrets: 0 },
    }));
    const point = await run({}, undefined, { holds: () => Promise.resolve(true) });
    assert.equal(point.members.length, 2);
    assert.deepEqual(log, ["label", "still", "cut", "going", "unlabel"]);
    assert.equal(journal.catalogue.objects?.digest, "of before it was stopped");
  });

  it("begins anew where somebody has started the product since", async () => {
    const { run, log, journal } = await made({ consistency: "stopped", members: [member(1, T0)] });
    await journal.begin("stop product");
    const end = async (): Promise<void> => {
      log.push("going");
      await journal.end("stop product");
    };
    await run({}, undefined, { end, holds: () => Promise.resolve(false) });
    assert.deepEqual(log, [
      "going",
      "undo",
      "forget while failed",
      "release",
      "label",
      "still",
      "cut",
      "going",
      "unlabel",
    ]);
  });
});
