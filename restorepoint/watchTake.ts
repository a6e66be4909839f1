import { setTimeout as pause } from "node:timers/promises";

import type { ClusterClient } from "../clients/kubernetes/client";
import { ClusterError } from "../clients/kubernetes/error";
import { POINT_LABEL } from "../planning/names";
import type { TakeHistory, TakeLimits, TakeSeen, TakeVerdict } from "./judgeTaken";
import { takeLimits, judgeTaken } from "./judgeTaken";
import { TakeReader } from "./readTaking";

/** A snapshot that is being cut: of one volume, or of a group. */
export interface TakeSubject {
  /** URN of its registration. */
  readonly urn: string;
  readonly apiVersion: string;
  readonly kind: "VolumeSnapshot" | "VolumeGroupSnapshot";
  readonly namespace: string;
  readonly name: string;
  /** Value of the label {@link POINT_LABEL}. */
  readonly point: string;
}

export interface WatchOptions {
  readonly client: Pick<ClusterClient, "list" | "get">;
  readonly subjects: readonly TakeSubject[];
  /** Whether all of them were posted; otherwise one that is not there yet is waited for. */
  readonly posted: boolean;
  readonly limits?: Partial<TakeLimits>;
  /** Called with those that became ready since the last look; the next look waits for it. */
  readonly onReady?: (urns: readonly string[]) => Promise<void>;
  /** Called after every look. */
  readonly onLook?: (ready: number, of: number) => void;
  /** Ends the watch with what is known. */
  readonly signal?: AbortSignal;
  /** Milliseconds between two looks; default 250. */
  readonly everyMs?: number;
  /** Milliseconds since any fixed moment; for tests. */
  readonly clock?: () => number;
}

/** How long an API server that does not answer is borne during a cut, in seconds. */
const SILENCE = 30;

/**
 * Watches all snapshots of a cut together until each is ready or one has failed: a point is cut whole or not at all, so
 * that nothing is waited for beside a failure. One or two LISTs for a look, however many there are.
 *
 * @returns the verdict on each, by URN
 */
export async function watchTake(options: WatchOptions): Promise<ReadonlyMap<string, TakeVerdict>> {
  const { subjects, posted, everyMs = 250, clock = () => performance.now() } = options;
  const limits = { ...takeLimits, ...options.limits };
  const reader = new TakeReader(options.client, POINT_LABEL);
  const verdicts = new Map<string, TakeVerdict>();
  const histories = new Map<string, TakeHistory | undefined>();
  const since = new Map<string, number>();
  const begin = clock();
  let answered = begin;
  const open = (): TakeSubject[] =>
    subjects.filter(({ urn }) => verdicts.get(urn)?.state !== "ready");
  while (open().length > 0 && options.signal?.aborted !== true) {
    let seen: ReadonlyMap<string, TakeSeen> | undefined;
    try {
      seen = await reader.look(open());
      answered = clock();
    } catch (error) {
      if (!(error instanceof ClusterError)) {
        throw error;
      }
      const silent = (clock() - answered) / 1000;
      const state = silent >= SILENCE ? "failed" : "waiting";
      const why = `The cluster could not be asked for ${Math.round(silent)} s: ${error.message}`;
      open().forEach(({ urn }) => verdicts.set(urn, { state, why }));
    }
    const ready: string[] = [];
    for (const { urn } of seen === undefined ? [] : open()) {
      const one = seen?.get(urn) ?? { snapshot: undefined, content: undefined };
      if (one.snapshot === undefined && !posted && !since.has(urn)) {
        verdicts.set(urn, { state: "waiting", why: "it is not made yet" });
        continue;
      }
      const first = since.get(urn) ?? (posted ? begin : clock());
      since.set(urn, first);
      const elapsed = (clock() - first) / 1000;
      const { verdict, history } = judgeTaken(one, elapsed, histories.get(urn), limits);
      verdicts.set(urn, verdict);
      histories.set(urn, history);
      if (verdict.state === "ready") {
        ready.push(urn);
      }
    }
    if (ready.length > 0) {
      await options.onReady?.(ready);
    }
    options.onLook?.(subjects.length - open().length, subjects.length);
    if (failures(verdicts).length > 0) {
      break;
    }
    if (open().length > 0) {
      await pause(everyMs);
    }
  }
  return verdicts;
}

/** URNs and reasons of those that failed. */
export function failures(
  verdicts: ReadonlyMap<string, TakeVerdict>,
): readonly { readonly urn: string; readonly why: string }[] {
  return [...verdicts].flatMap(([urn, verdict]) =>
    verdict.state === "failed" ? [{ urn, why: verdict.why }] : [],
  );
}
