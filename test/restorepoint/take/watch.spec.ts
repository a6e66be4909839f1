import { deepStrictEqual, equal, rejects } from "node:assert/strict";

import { ClusterError } from "../../../clients/kubernetes/error";
import type { ClusterObject, ObjectReference } from "../../../clients/kubernetes/object";
import { snapshotObjects } from "../../../planning/volumeSnapshots";
import { takeLimits, type TakeGoal } from "../../../restorepoint/take/judge";
import { postSnapshots } from "../../../restorepoint/take/takeMembers";
import { TakeError } from "../../../restorepoint/take/takeError";
import { TakeWatch } from "../../../restorepoint/take/watch";

const subject = (claim: string): ClusterObject => {
  const volumes = [{ namespace: "atom", claim, uid: "uid" }];
  const take = { stack: "north", point: "p", className: "c", groupVersion: undefined, volumes };
  return snapshotObjects(take)[0] as ClusterObject;
};
const live = (claim: string, status: object): ClusterObject => ({ ...subject(claim), status });
const bound = { boundVolumeSnapshotContentName: "content", readyToUse: false };
const taken = { ...bound, creationTime: "2026-11-20T10:00:00Z" };
const ready = { ...taken, readyToUse: true };

/** What the API server answers at each look; the last answer stays. A second goes by for each. */
class FakeCluster {
  looks = 0;
  readonly selectors = new Set<string>();
  readonly nudged: string[] = [];

  constructor(private readonly answers: readonly (readonly ClusterObject[] | Error)[]) {}

  list = (
    _: string,
    kind: string,
    options: { readonly labelSelector?: string | undefined } = {},
  ): Promise<ClusterObject[]> => {
    equal(kind, "VolumeSnapshot");
    this.selectors.add(options.labelSelector ?? "");
    const answer = this.answers[Math.min(this.looks, this.answers.length - 1)] ?? [];
    this.looks += 1;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve([...answer]);
  };

  get = ({ name }: ObjectReference): Promise<ClusterObject> =>
    Promise.resolve({ apiVersion: "v", kind: "k", metadata: { name }, status: { bytes: 1 } });

  modify = ({ name }: ObjectReference): Promise<undefined> => {
    this.nudged.push(name);
    return Promise.resolve(undefined);
  };
}

interface Watched {
  readonly client: FakeCluster;
  readonly until: (goal: TakeGoal, leaseEnds?: number) => Promise<readonly ClusterObject[]>;
}

function watch(
  answers: readonly (readonly ClusterObject[] | Error)[],
  claims = ["data-0", "data-1"],
  signal?: AbortSignal,
): Watched {
  const client = new FakeCluster(answers);
  const one = new TakeWatch({
    client,
    subjects: claims.map(subject),
    labelSelector: "atom-backup/restore-point=p",
    limits: takeLimits,
    everyMs: 0,
    signal,
    clock: () => client.looks * 1000,
  });
  return { client, until: (goal, leaseEnds) => one.until(goal, leaseEnds) };
}

describe("the watch over a take", () => {
  it("ends at the moment of all, and then at the readiness of all, by one LIST for a look", async () => {
    const { client, until } = watch([
      [live("data-0", bound), live("data-1", taken)],
      [live("data-0", taken), live("data-1", taken)],
      [live("data-0", ready), live("data-1", taken)],
      [live("data-0", ready), live("data-1", ready)],
    ]);
    await until("taken");
    equal(client.looks, 2);
    const last = await until("ready");
    deepStrictEqual(
      last.map(({ metadata, ...one }) => [metadata.name, one["status"]]),
      [
        ["p.data-0", ready],
        ["p.data-1", ready],
      ],
    );
    deepStrictEqual([client.looks, [...client.selectors]], [4, ["atom-backup/restore-point=p"]]);
  });

  it("waits for nothing beside a failure, and names it with the driver's words", async () => {
    const error = { message: "rpc error: code = NotFound desc = no such volume" };
    const { client, until } = watch([[live("data-0", bound), live("data-1", { ...bound, error })]]);
    await rejects(until("taken"), {
      name: "TakeError",
      message: "VolumeSnapshot atom/p.data-1: The storage driver reports NotFound: no such volume",
    });
    equal(client.looks, 1);
  });

  it("gives up when the freeze has ended although all were taken by the look after it", async () => {
    const { until } = watch([[live("data-0", taken)]], ["data-0"]);
    await rejects(until("taken", Date.now() - 1), /leaseSeconds/);
  });

  it("makes the sidecar look again at what is not ready", async () => {
    const late = [live("data-0", taken)];
    const { client, until } = watch(
      [...Array<typeof late>(8).fill(late), [live("data-0", ready)]],
      ["data-0"],
    );
    await until("ready");
    deepStrictEqual(client.nudged, ["content"]);
  });

  it("waits for the last of many while others are answered, and no longer", async () => {
    const claims = Array.from({ length: 4 }, (_, index) => `data-${index}`);
    /** Every 20 seconds one more of them is taken. */
    const looks = Array.from({ length: 80 }, (_, look) =>
      claims.map((claim, index) => live(claim, look >= 20 * index ? taken : {})),
    );
    await watch(looks, claims).until("taken");
    const { client, until } = watch(looks.slice(0, 59), claims);
    await rejects(until("taken"), /data-3.*The snapshot controller does not answer/);
    equal(client.looks, 71);
  });

  it("is abandoned at once", async () => {
    const stop = new AbortController();
    const { until } = watch([[live("data-0", bound)]], ["data-0"], stop.signal);
    setTimeout(() => stop.abort(), 20);
    await rejects(until("taken"), TakeError);
  });

  const silent = new ClusterError("unreachable", "It is silent.");

  it("bears an API server that is away for a moment, and not for long", async () => {
    await watch([silent, silent, [live("data-0", ready)]], ["data-0"]).until("ready");
    const { client, until } = watch([silent], ["data-0"]);
    await rejects(until("ready"), { message: "It is silent." });
    equal(client.looks, 30);
  });
});

describe("posting snapshots", () => {
  const exists = new ClusterError("answer", "It is there.", 409, "AlreadyExists");
  const post = (there: ClusterObject): Promise<void> =>
    postSnapshots(
      { create: () => Promise.reject(exists), get: () => Promise.resolve(there) },
      [subject("data-0")],
      () => {},
    );

  it("takes what an interrupted run posted, and no object of somebody else", async () => {
    await post(subject("data-0"));
    const { name } = subject("data-0").metadata;
    await rejects(post({ ...subject("data-0"), metadata: { name, namespace: "atom" } }), {
      name: "TakeError",
      message: /VolumeSnapshot atom\/p\.data-0 is there already/,
    });
  });
});
