import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ClusterClient } from "../../clients/kubernetes/client";
import type { ClusterObject } from "../../clients/kubernetes/object";
import type { Hook, Registration } from "../../engine/program/desiredState";
import { TakeFailed } from "../../drift/deployError";
import { takenVolumes, isTakeStep } from "../../drift/executeVolumes";
import { planSteps } from "../../drift/plan";
import { LabStore } from "../../drift/store";
import { silentReporter } from "../../clients/reporter";
import { deployedOf, desiredOf, hook, liveOf, point, recorded } from "./fixtures";
import { liveClaim, liveVolumeSnapshot, volume, volumeSnapshot } from "./volumeFixtures";

/** A cluster whose snapshots become ready at the second look after they were posted, or say what is wrong. */
class FakeCluster {
  readonly objects = new Map<string, ClusterObject>();
  readonly events: string[] = [];
  inFlight = 0;
  most = 0;
  private looks = 0;

  constructor(
    private readonly errors: Readonly<Record<string, string>> = {},
    private readonly refused: readonly string[] = [],
  ) {}

  create = async (object: ClusterObject): Promise<ClusterObject> => {
    this.inFlight += 1;
    this.most = Math.max(this.most, this.inFlight);
    await new Promise((resolve) => setImmediate(resolve));
    this.inFlight -= 1;
    const { name } = object.metadata;
    if (this.refused.includes(name)) {
      throw new Error("exceeded quota.");
    }
    this.events.push("post");
    this.objects.set(name, object);
    return object;
  };

  list = (): Promise<ClusterObject[]> => {
    this.looks += 1;
    this.events.push("look");
    const ready = this.looks > 1;
    return Promise.resolve(
      [...this.objects.values()].map((object) => {
        const error = this.errors[object.metadata.name];
        return {
          ...object,
          status: {
            readyToUse: ready && error === undefined,
            boundVolumeSnapshotContentName: `content-of-${object.metadata.name}`,
            ...(error === undefined ? {} : { error: { message: error, time: "t" } }),
          },
        };
      }),
    );
  };
}

const names = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `data-${String(index).padStart(3, "0")}`);
const nameOf = (claim: string): string => String(liveVolumeSnapshot(claim).metadata.name);

describe("cutting volumes", () => {
  let labDir: string;
  let hooked: string[];

  beforeEach(() => {
    labDir = mkdtempSync(join(tmpdir(), "atom-cut-test-"));
    hooked = [];
  });

  afterEach(() => rmSync(labDir, { recursive: true, force: true }));

  const open = (): LabStore => LabStore.open({ labDir, stack: "lab" });
  const record: Hook = hook("record", false, ({ name }) => void hooked.push(name));

  function declare(claims: readonly string[]): Registration[] {
    return claims.map((claim) => volumeSnapshot(claim, { hooks: { afterCreate: ["record"] } }));
  }

  async function taken(
    cluster: FakeCluster,
    claims: readonly string[],
    there: readonly string[] = [],
  ): Promise<void> {
    const desired = desiredOf(declare(claims), [record]);
    const objects = [
      ...claims.map((claim) => liveClaim(claim)),
      ...there.map((claim) => liveVolumeSnapshot(claim)),
    ];
    const steps = planSteps({
      desired,
      deployed: deployedOf([]),
      live: liveOf({ objects }),
      points: [point({ volumes: claims.map(volume) })],
    });
    ok(steps.every((step) => isTakeStep(desired, step)));
    await takenVolumes(
      {
        desired,
        store: open(),
        cluster: { state: "open", client: cluster as unknown as ClusterClient },
        progress: silentReporter.progress(""),
        now: () => new Date("2026-11-23T12:00:00Z"),
        onStep: () => {},
      },
      steps,
    );
  }

  it("posts all before it looks at any, at most 64 at a time, and records and hooks each once", async () => {
    const cluster = new FakeCluster();
    const claims = names(200);
    await taken(cluster, claims);
    equal(cluster.events.lastIndexOf("post"), 199);
    equal(cluster.most, 64);
    const wanted = declare(claims);
    deepStrictEqual(
      hooked.toSorted(),
      wanted.map(({ name }) => name),
    );
    deepStrictEqual(open().load(), {
      way: "lab",
      resources: wanted.map((one) => recorded(one)),
    });
    const lines = readFileSync(join(labDir, "state.journal"), "utf8").trim().split("\n");
    deepStrictEqual(
      lines.map((line) => (JSON.parse(line) as { readonly op: string }).op),
      [...Array<string>(200).fill("begin"), ...Array<string>(200).fill("record")],
    );
  });

  it("does not post again what a killed run has posted, and calls its hook", async () => {
    const cluster = new FakeCluster();
    cluster.objects.set(nameOf("data-000"), liveVolumeSnapshot("data-000") as ClusterObject);
    await taken(cluster, names(2), ["data-000"]);
    equal(cluster.events.filter((event) => event === "post").length, 1);
    deepStrictEqual(hooked.length, 2);
  });

  it("fails with the driver's words as soon as one fails, and leaves the others open in the journal", async () => {
    const message = "rpc error: code = FailedPrecondition desc = the volume is degraded";
    const cluster = new FakeCluster({ [nameOf("data-001")]: message });
    await rejects(taken(cluster, names(3)), (error: unknown) => {
      ok(error instanceof TakeFailed);
      equal(
        error.message,
        `VolumeSnapshot atom/${nameOf("data-001")}: The storage driver reports FailedPrecondition: the volume is degraded`,
      );
      return true;
    });
    deepStrictEqual(hooked, []);
    deepStrictEqual(open().load().pending?.length, 3);
  });

  it("fails with the API server's words when one is not taken", async () => {
    const cluster = new FakeCluster({}, [nameOf("data-001")]);
    await rejects(taken(cluster, names(3)), {
      name: "CutFailed",
      message: `VolumeSnapshot atom/${nameOf("data-001")}: exceeded quota.`,
    });
    ok(!cluster.events.includes("look"));
  });

  it("has nothing to do with what was cut before", () => {
    const declared = volumeSnapshot("data-0", { ignoreChanges: ["*"] });
    const step = { kind: "adopt", urn: declared.urn, type: declared.type } as const;
    const whole = { ...step, object: "", changes: [], reason: "", command: undefined, id: "x" };
    equal(isTakeStep(desiredOf([declared]), whole), false);
  });
});
