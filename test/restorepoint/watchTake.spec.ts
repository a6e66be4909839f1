import { deepStrictEqual } from "node:assert/strict";

import { ClusterError } from "../../clients/kubernetes/error";
import type { ClusterObject } from "../../clients/kubernetes/object";
import type { TakeSubject } from "../../restorepoint/watchTake";
import { watchTake } from "../../restorepoint/watchTake";
import { POINT_LABEL } from "../../planning/names";
import { liveVolumeSnapshot } from "../drift/volumeFixtures";

const subject = (claim: string): TakeSubject => ({
  urn: `urn-${claim}`,
  apiVersion: "snapshot.storage.k8s.io/v1",
  kind: "VolumeSnapshot",
  namespace: "atom",
  name: String(liveVolumeSnapshot(claim).metadata.name),
  point: "pre-24.1",
});

const ready = (claim: string): ClusterObject => liveVolumeSnapshot(claim) as ClusterObject;
const unready = (claim: string, error?: string): ClusterObject =>
  liveVolumeSnapshot(claim, {
    ready: false,
    ...(error === undefined ? {} : { error }),
  }) as ClusterObject;

/** What the API server answers at each look; the last answer stays. A moment of a second goes by for each. */
class FakeCluster {
  looks = 0;
  readonly selectors = new Set<string>();

  constructor(private readonly answers: readonly (readonly ClusterObject[] | Error)[]) {}

  list = (
    _: string,
    kind: string,
    options: { readonly labelSelector?: string | undefined } = {},
  ): Promise<ClusterObject[]> => {
    if (kind === "VolumeSnapshotContent") {
      return Promise.resolve([]);
    }
    this.selectors.add(options.labelSelector ?? "");
    const answer = this.answers[Math.min(this.looks, this.answers.length - 1)] ?? [];
    this.looks += 1;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve([...answer]);
  };

  get = (): Promise<undefined> => Promise.resolve(undefined);
}

async function watch(
  answers: readonly (readonly ClusterObject[] | Error)[],
  { posted = true, claims = ["data-0", "data-1"] } = {},
) {
  const client = new FakeCluster(answers);
  const order: (readonly string[])[] = [];
  const verdicts = await watchTake({
    client,
    subjects: claims.map(subject),
    posted,
    everyMs: 0,
    clock: () => client.looks * 1000,
    onReady: (urns) => {
      order.push(urns);
      return Promise.resolve();
    },
  });
  return { client, order, verdicts: Object.fromEntries(verdicts) };
}

describe("the watch over a cut", () => {
  it("ends when all are ready, and tells of each once, in the looks that saw it", async () => {
    const { client, order, verdicts } = await watch([
      [unready("data-0"), unready("data-1")],
      [ready("data-0"), unready("data-1")],
      [ready("data-0"), ready("data-1")],
    ]);
    deepStrictEqual(order, [["urn-data-0"], ["urn-data-1"]]);
    deepStrictEqual(verdicts, {
      "urn-data-0": { state: "ready" },
      "urn-data-1": { state: "ready" },
    });
    deepStrictEqual([client.looks, [...client.selectors]], [3, [`${POINT_LABEL} in (pre-24.1)`]]);
  });

  it("waits for nothing beside a failure", async () => {
    const { client, verdicts } = await watch([
      [unready("data-0"), unready("data-1", "rpc error: code = NotFound desc = no such volume")],
    ]);
    deepStrictEqual(verdicts, {
      "urn-data-0": { state: "waiting", why: "the storage driver is at work" },
      "urn-data-1": { state: "failed", why: "The storage driver reports NotFound: no such volume" },
    });
    deepStrictEqual(client.looks, 1);
  });

  it("sees one that was deleted meanwhile", async () => {
    const { verdicts } = await watch([[unready("data-0")], []], { claims: ["data-0"] });
    deepStrictEqual(verdicts, {
      "urn-data-0": { state: "failed", why: "It was deleted while it was being cut." },
    });
  });

  it("waits for one that another program is about to make", async () => {
    const { verdicts } = await watch([[], [], [ready("data-0")]], {
      posted: false,
      claims: ["data-0"],
    });
    deepStrictEqual(verdicts, { "urn-data-0": { state: "ready" } });
  });

  const silent = new ClusterError("unreachable", "It is silent.");

  it("bears an API server that is away for a moment", async () => {
    const { verdicts } = await watch([silent, silent, [ready("data-0")]], { claims: ["data-0"] });
    deepStrictEqual(verdicts, { "urn-data-0": { state: "ready" } });
  });

  it("does not bear it for long", async () => {
    const { client, verdicts } = await watch([silent], { claims: ["data-0"] });
    deepStrictEqual(verdicts, {
      "urn-data-0": {
        state: "failed",
        why: "The cluster could not be asked for 30 s: It is silent.",
      },
    });
    deepStrictEqual(client.looks, 30);
  });
});
