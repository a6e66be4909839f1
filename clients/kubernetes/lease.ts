import { randomUUID } from "node:crypto";

import { labels, NAME_LIMITS, takenName } from "../../planning/names";
import { hasEnded, operator, processIdentity } from "../process";
import { pause, waitFor, within } from "../wait";
import type { ClusterClient } from "./client";
import {
  claimed,
  durationOf,
  heldError,
  holdingOf,
  LEASE_SECONDS,
  LeaseLostError,
  renewed,
  specOf,
} from "./leaseRecord";
import { fullName, type ClusterObject, type ObjectReference } from "./object";
import { createOwn, FIELD_MANAGER } from "./ownObjects";
import { isAlreadyExists } from "./error";

interface LeaseRequest {
  /** `site.cluster.namespace`; made where it is missing. */
  readonly namespace: string;
  readonly stack: string;
  /** Who is named to others. Default: `user@host pid 4711`. */
  readonly holder?: string | undefined;
  /** At least 3, whole. Default: `LEASE_SECONDS`. */
  readonly seconds?: number | undefined;
  /** Ends the wait for a holder that seems to be dead, and is part of the signal that the work gets. */
  readonly signal?: AbortSignal | undefined;
  /** Told once when a holder seems to be dead and is watched, for up to its lease's duration. */
  readonly onWait?: ((text: string) => void) | undefined;
}

/**
 * Does some work while no other command of any machine does such work on the stack. The lease is renewed while the
 * work goes on and given back at its end. A holder that died is succeeded: at once where it was a process of this
 * machine, else when its lease was not renewed for its duration by the clock of this process.
 *
 * @param work gets a signal that is aborted when the lease is lost
 * @throws LeaseHeldError when another command holds the lease
 * @throws LeaseLostError when the work was done but the lease was lost before its end
 * @throws ClusterError when the lease cannot be read or written
 */
export async function withLease<T>(
  client: ClusterClient,
  request: LeaseRequest,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lease = new Lease(client, request);
  await lease.acquire();
  const ended = new AbortController();
  const lost = new AbortController();
  const renewals = lease.keep(ended.signal, lost);
  try {
    const signals = request.signal === undefined ? [] : [request.signal];
    const result = await work(AbortSignal.any([lost.signal, ...signals]));
    lost.signal.throwIfAborted();
    return result;
  } finally {
    ended.abort();
    await renewals;
    await lease.release();
  }
}

class Lease {
  private readonly reference: ObjectReference & { readonly namespace: string };
  private readonly holding = `${processIdentity()}/${randomUUID()}`;
  private readonly seconds: number;
  /** The renewal that was the last when we looked first, and when that was. */
  private watched: { readonly renewal: string; readonly since: number } | undefined;

  constructor(
    private readonly client: ClusterClient,
    private readonly request: LeaseRequest,
  ) {
    const { namespace, stack, seconds = LEASE_SECONDS } = request;
    const name = takenName(`atom-backup-${stack}`, NAME_LIMITS.object);
    this.reference = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", namespace, name };
    this.seconds = seconds;
  }

  async acquire(): Promise<void> {
    const { signal } = this.request;
    const attempt = async (): Promise<true | undefined> =>
      (await this.create()) || (await this.takeOver()) || undefined;
    await waitFor(attempt, { pauseMs: this.seconds * 30, signal });
  }

  /** Renews until `ended`; aborts `lost` early enough that the work can stop before anybody else begins. */
  async keep(ended: AbortSignal, lost: AbortController): Promise<void> {
    const interval = this.seconds * 333;
    let last = performance.now();
    let wait = interval;
    while (!(await isAborted(pause(wait, ended)))) {
      const begun = performance.now();
      const end = last + 2 * interval;
      try {
        const late = (): Error => this.lostError("it was not renewed in time");
        await within(end - begun, this.renew(), late);
        last = begun;
        wait = interval;
      } catch (error) {
        if (error instanceof LeaseLostError) {
          lost.abort(error);
          return;
        }
        wait = Math.max(0, Math.min(interval / 10, end - performance.now()));
      }
    }
  }

  /** Never throws: what cannot be given back runs out. */
  async release(): Promise<void> {
    try {
      const live = await this.client.get(this.reference);
      if (live !== undefined && this.isOurs(live)) {
        const { uid, resourceVersion } = live.metadata;
        await this.client.delete(this.reference, uid, resourceVersion);
      }
    } catch {
      // The next command on this machine sees that the process has ended, one elsewhere that nobody renews.
    }
  }

  /** @returns whether there was none and this one is ours now */
  private async create(): Promise<boolean> {
    const { client } = this;
    const { stack, namespace } = this.request;
    const { apiVersion, kind, name } = this.reference;
    const fresh = { apiVersion, kind, metadata: { name, namespace, labels: labels(stack) } };
    try {
      // What the client finds after an attempt without an answer may be somebody else's.
      return this.isOurs(await createOwn({ client, stack, namespace }, this.claim(fresh)));
    } catch (error) {
      if (isAlreadyExists(error)) {
        return false;
      }
      throw error;
    }
  }

  /** @returns false when it is not known yet whether the holder lives */
  private async takeOver(): Promise<boolean> {
    const live = await this.client.get(this.reference);
    if (live === undefined || !this.mayTake(live)) {
      return false;
    }
    const taken = await this.client.modify(this.reference, FIELD_MANAGER, (now) => {
      if (now.metadata.resourceVersion !== live.metadata.resourceVersion && !this.isOurs(now)) {
        // Whoever wrote it since we looked lives.
        throw heldError(this.request.stack, now);
      }
      return this.claim(now);
    });
    return taken !== undefined;
  }

  /** @throws LeaseHeldError */
  private mayTake(live: ClusterObject): boolean {
    const { holderIdentity = "", renewTime = "" } = specOf(live);
    const holding = holdingOf(live);
    if (holderIdentity === "" || hasEnded(holding) || this.isOurs(live)) {
      return true;
    }
    const renewal = `${holding} ${renewTime}`;
    const isFresh = Math.abs(Date.now() - Date.parse(renewTime)) < durationOf(live);
    if (isFresh || (this.watched !== undefined && this.watched.renewal !== renewal)) {
      throw heldError(this.request.stack, live);
    }
    if (this.watched === undefined) {
      // Its clock, or ours, may be wrong: only that nobody renews tells that it is dead.
      this.watched = { renewal, since: performance.now() };
      this.request.onWait?.(
        `${holderIdentity} seems to have died holding the lease ${fullName(live)}; the lease is taken over unless it ` +
          `is renewed within ${durationOf(live) / 1000} s.`,
      );
    }
    return performance.now() - this.watched.since >= durationOf(live);
  }

  private async renew(): Promise<void> {
    const live = await this.client.modify(this.reference, FIELD_MANAGER, (now) => {
      if (!this.isOurs(now)) {
        throw this.lostError(`${specOf(now).holderIdentity ?? "nobody"} holds it`);
      }
      return renewed(now);
    });
    if (live === undefined) {
      throw this.lostError("it was deleted");
    }
  }

  private claim(lease: ClusterObject): ClusterObject {
    const { seconds, holding } = this;
    const { holder = `${operator()} pid ${process.pid}` } = this.request;
    return claimed(lease, { holder, holding, seconds });
  }

  private isOurs(live: ClusterObject): boolean {
    return holdingOf(live) === this.holding;
  }

  private lostError(why: string): LeaseLostError {
    const { namespace, name } = this.reference;
    return new LeaseLostError(
      `The lease ${namespace}/${name} was lost (${why}): another command may work on the stack ` +
        `${this.request.stack}. Wait until no other command does, and run this one again.`,
    );
  }
}

async function isAborted(wait: Promise<void>): Promise<boolean> {
  return wait.then(
    () => false,
    () => true,
  );
}
