import { fullName, type ClusterObject } from "./object";

/** Seconds after which a holder that no longer renews has lost its lease. */
export const LEASE_SECONDS = 60;

/** Names one holding of the lease: two commands of one person on one machine are two. */
const HOLDING = "atom-backup/holding";

/** Another command works on the stack. */
export class LeaseHeldError extends Error {
  override readonly name = "LeaseHeldError";

  constructor(
    message: string,
    /** Who holds it, e.g. `alice@admin-1 pid 4711`. */
    readonly holder: string,
    /** RFC 3339. */
    readonly since: string,
    /** RFC 3339: when the lease runs out unless it is renewed. */
    readonly until: string,
  ) {
    super(message);
  }
}

/** The lease was lost while the work went on: another command may have begun meanwhile. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
}

/** The part of a Lease that is used. */
export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  /** RFC 3339, like the next. */
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

export function specOf(lease: ClusterObject): LeaseSpec {
  return (lease["spec"] ?? {}) as LeaseSpec;
}

/** Milliseconds for which it holds after each renewal. */
export function durationOf(lease: ClusterObject): number {
  return (specOf(lease).leaseDurationSeconds ?? LEASE_SECONDS) * 1000;
}

/** Empty where another program made it. */
export function holdingOf(lease: ClusterObject): string {
  return lease.metadata.annotations?.[HOLDING] ?? "";
}

/** The lease as it is when it was acquired now. */
export function claimed(
  lease: ClusterObject,
  claim: { readonly holder: string; readonly holding: string; readonly seconds: number },
): ClusterObject {
  const { holderIdentity, leaseTransitions = 0 } = specOf(lease);
  const spec: LeaseSpec = {
    holderIdentity: claim.holder,
    leaseDurationSeconds: claim.seconds,
    acquireTime: microTime(),
    renewTime: microTime(),
    leaseTransitions: holderIdentity === undefined ? 0 : leaseTransitions + 1,
  };
  const annotations = { ...lease.metadata.annotations, [HOLDING]: claim.holding };
  return { ...lease, metadata: { ...lease.metadata, annotations }, spec };
}

/** The lease as it is when it was renewed now. */
export function renewed(lease: ClusterObject): ClusterObject {
  return { ...lease, spec: { ...specOf(lease), renewTime: microTime() } };
}

export function heldError(stack: string, lease: ClusterObject): LeaseHeldError {
  const { holderIdentity = "", acquireTime = "", renewTime = "" } = specOf(lease);
  const last = Date.parse(renewTime);
  const end = (Number.isNaN(last) ? Date.now() : last) + durationOf(lease);
  const until = new Date(end).toISOString();
  const message =
    `Another command works on the stack ${stack}: ${holderIdentity} holds the lease ${fullName(lease)} since ` +
    `${acquireTime}, now until ${until}. Run this command again when that one has ended; if it died, its lease runs ` +
    "out by itself.";
  return new LeaseHeldError(message, holderIdentity, acquireTime, until);
}

/** RFC 3339 with the six digits that the API server insists on. */
function microTime(): string {
  return new Date().toISOString().replace("Z", "000Z");
}
