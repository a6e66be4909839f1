import { setTimeout as pause } from "node:timers/promises";

import type { ClusterClient } from "../../clients/kubernetes/client";
import { ClusterError } from "../../clients/kubernetes/error";
import {
  describeObject,
  referenceOf,
  type ClusterObject,
  type ObjectReference,
} from "../../clients/kubernetes/object";
import { FIELD_MANAGER } from "../../clients/kubernetes/ownObjects";
import { volumeSnapshotOf } from "../../drift/volumeObjects";
import {
  judgeTaken,
  type TakeGoal,
  type TakeHistory,
  type TakeLimits,
  type TakeVerdict,
} from "./judge";
import { requireGoingOn, TakeError } from "./takeError";

export interface WatchOptions {
  readonly client: Pick<ClusterClient, "list" | "get" | "modify">;
  /** Snapshots and group snapshots that were posted. */
  readonly subjects: readonly ClusterObject[];
  /** Selects them in their namespaces; undefined: by name alone. */
  readonly labelSelector: string | undefined;
  /** What each is called in messages; default kind, namespace and name. */
  readonly title?: (subject: ClusterObject) => string;
  readonly limits: TakeLimits;
  /** Called after every look. */
  readonly onLook?: (done: number, of: number) => void;
  /** Abandons the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds between two looks; default 100. */
  readonly everyMs?: number;
  /** Milliseconds since any fixed moment; for tests. */
  readonly clock?: () => number;
}

/** How long an API server that does not answer is borne, in seconds. */
const SILENCE = 30;

/** Contents that are read, or nudged, for one look: they only say why something takes long. */
const CONTENTS_AT_ONCE = 16;

/** How often the contents of what takes long are read, and nudged while something is not ready, in seconds. */
const CONTENTS_EVERY = 2;
const NUDGE_EVERY = 5;

const NUDGED = "atom-backup/nudged";

/**
 * Watches all snapshots of a point together: it is taken whole or not at all, so that nothing is waited for beside a
 * failure. One LIST for each namespace and look, however many snapshots there are.
 */
export class TakeWatch {
  private readonly begin: number;
  private readonly clock: () => number;
  private readonly histories = new Map<string, TakeHistory | undefined>();
  private readonly contents = new Map<string, ClusterObject>();
  /** How far all have come together, and when that last changed. */
  private heard = 0;
  private heardAt: number;
  private contentsAt: number;
  private nudgedAt: number;

  constructor(private readonly options: WatchOptions) {
    this.clock = options.clock ?? (() => performance.now());
    this.begin = this.heardAt = this.contentsAt = this.nudgedAt = this.clock();
  }

  /**
   * Waits until every snapshot has come as far as the goal.
   *
   * @param leaseEnds milliseconds since 1970: when the product is no longer still, so that waiting on is of no use
   * @returns the snapshots as they were seen last, in the order of the subjects
   * @throws TakeError naming those that failed, with the driver's own words, as soon as one has
   */
  async until(goal: TakeGoal, leaseEnds?: number): Promise<readonly ClusterObject[]> {
    const { subjects, onLook, everyMs = 100, signal } = this.options;
    let answered = this.clock();
    for (;;) {
      requireGoingOn(signal);
      try {
        const live = await this.look();
        answered = this.clock();
        const verdicts = this.judge(goal, live);
        const open = subjects.filter((one) => verdicts.get(keyOf(one))?.state !== "done");
        onLook?.(subjects.length - open.length, subjects.length);
        this.requireNoFailure(verdicts);
        this.requireStill(leaseEnds, open);
        if (open.length === 0) {
          return subjects.map((one) => live.get(keyOf(one)) ?? one);
        }
        await this.readContents(open.flatMap((one) => live.get(keyOf(one)) ?? []));
        if (goal === "ready") {
          await this.nudge();
        }
      } catch (error) {
        const silent = Math.round((this.clock() - answered) / 1000);
        if (!(error instanceof ClusterError) || silent >= SILENCE) {
          throw error;
        }
      }
      await pause(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async look(): Promise<ReadonlyMap<string, ClusterObject>> {
    const { client, subjects, labelSelector } = this.options;
    const places = new Map(
      subjects.map((one) => [`${one.kind} ${one.metadata.namespace ?? ""}`, one]),
    );
    const lists = await Promise.all(
      [...places.values()].map(({ apiVersion, kind, metadata: { namespace } }) =>
        client.list(apiVersion, kind, { namespace, labelSelector }),
      ),
    );
    return new Map(lists.flat().map((live) => [keyOf(live), live]));
  }

  private judge(
    goal: TakeGoal,
    live: ReadonlyMap<string, ClusterObject>,
  ): ReadonlyMap<string, TakeVerdict> {
    const elapsed = (this.clock() - this.begin) / 1000;
    const heard = [...live.values()].reduce((sum, one) => sum + stepsOf(one), 0);
    if (heard > this.heard) {
      this.heard = heard;
      this.heardAt = this.clock();
    }
    const silent = (this.clock() - this.heardAt) / 1000;
    const verdicts = new Map<string, TakeVerdict>();
    for (const subject of this.options.subjects) {
      const key = keyOf(subject);
      const found = live.get(key);
      const snapshot = found && volumeSnapshotOf(found);
      const content = this.contents.get(snapshot?.content ?? "");
      const seen = { snapshot, content, silent };
      const history = this.histories.get(key);
      const judged = judgeTaken(goal, seen, elapsed, history, this.options.limits);
      this.histories.set(key, judged.history);
      verdicts.set(key, judged.verdict);
    }
    return verdicts;
  }

  private title(subject: ClusterObject): string {
    return this.options.title?.(subject) ?? keyOf(subject);
  }

  private requireNoFailure(verdicts: ReadonlyMap<string, TakeVerdict>): void {
    const failed = this.options.subjects.flatMap((one) => {
      const verdict = verdicts.get(keyOf(one));
      return verdict?.state === "failed" ? [`${this.title(one)}: ${verdict.why}`] : [];
    });
    const [first] = failed;
    if (first !== undefined) {
      const more = failed.length > 1 ? ` (${failed.length} of the snapshots failed)` : "";
      throw new TakeError(`${first}${more}`);
    }
  }

  /** @throws TakeError when the freeze has ended, and the product may have written */
  private requireStill(leaseEnds: number | undefined, [open]: readonly ClusterObject[]): void {
    if (leaseEnds !== undefined && Date.now() >= leaseEnds) {
      throw new TakeError(
        `The freeze ended at ${new Date(leaseEnds).toISOString()}, before every volume was seen to be taken` +
          `${open === undefined ? "" : ` (${this.title(open)} for one)`}: give the hooks of product.hooks a longer leaseSeconds.`,
      );
    }
  }

  /** Reads the contents of some that take long. */
  private async readContents(open: readonly ClusterObject[]): Promise<void> {
    if ((this.clock() - this.contentsAt) / 1000 < CONTENTS_EVERY) {
      return;
    }
    this.contentsAt = this.clock();
    this.contents.clear();
    const some = open.slice(0, CONTENTS_AT_ONCE).flatMap((live) => contentOf(live) ?? []);
    for (const content of await Promise.all(some.map((one) => this.options.client.get(one)))) {
      if (content !== undefined) {
        this.contents.set(content.metadata.name, content);
      }
    }
  }

  /** Makes the sidecar look again: one that has met a snapshot that was not ready may come back only after minutes. */
  private async nudge(): Promise<void> {
    if ((this.clock() - this.nudgedAt) / 1000 >= NUDGE_EVERY) {
      this.nudgedAt = this.clock();
      const { client } = this.options;
      await Promise.all([...this.contents.values()].map((one) => nudge(client, referenceOf(one))));
    }
  }
}

/** Changes a content, so that its sidecar looks at it. @param more annotations that it is to have as well */
export async function nudge(
  client: Pick<ClusterClient, "modify">,
  content: ObjectReference,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const now = new Date().toISOString();
  await client.modify(content, FIELD_MANAGER, (live) =>
    annotated(live, { ...more, [NUDGED]: now }),
  );
}

/** An object with more annotations. */
export function annotated(
  object: ClusterObject,
  more: Readonly<Record<string, string>>,
): ClusterObject {
  const { metadata } = object;
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...metadata.annotations, ...more } },
  };
}

/** The content that a snapshot or a group's is bound to. */
export function contentOf(live: ClusterObject): ObjectReference | undefined {
  const { content } = volumeSnapshotOf(live);
  return content === ""
    ? undefined
    : { apiVersion: live.apiVersion, kind: `${live.kind}Content`, name: content };
}

/** Of bound, taken and ready, as many as a snapshot has come to. */
function stepsOf(live: ClusterObject): number {
  const { content, takenAt, ready } = volumeSnapshotOf(live);
  return [content !== "", takenAt !== undefined, ready === true].filter(Boolean).length;
}

function keyOf(object: ClusterObject): string {
  return describeObject(referenceOf(object));
}
