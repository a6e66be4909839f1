import type { ClusterClient } from "../../clients/kubernetes/client";
import { ClusterError } from "../../clients/kubernetes/error";
import type { ClusterObject } from "../../clients/kubernetes/object";
import type { SitePlan } from "../../planning/plan";
import { SNAPSHOT_API } from "../../drift/volumeObjects";
import type { Finding } from "./finding";
import { isRenewed, LEASE } from "./snapshotController";

const CHECK = "snapshot-controller";

/** The controller writes a status within seconds of seeing a snapshot, an error too. */
const UNSEEN_MS = 60_000;

/** How long a status that was written counts as a sign of life. */
const RECENT_MS = 600_000;

const REMEDY =
  "Have it run before a restore point is cut; where the cluster has none, set snapshots.installController: true and snapshots.controllerImage.";

type Reader = Pick<ClusterClient, "list" | "resource">;

interface Evidence {
  readonly deployments: readonly ClusterObject[];
  readonly leases: readonly ClusterObject[];
  readonly snapshots: readonly ClusterObject[];
  readonly now: Date;
}

type Answer = "runs" | Pick<Finding, "severity" | "object" | "message" | "remedy">;

/**
 * Whether a snapshot controller runs: without one a snapshot stays without a status and without an event, and a cut
 * ends minutes later by its time limit. It stops only where a point is about to be cut; else it warns, as a deployment
 * of classes needs no controller.
 */
export async function checkRunningController(
  client: Reader,
  plan: SitePlan,
  now: Date,
): Promise<Finding[]> {
  // The lab's is a process without Deployment and lease, which every command that needs it starts and asks for health.
  if (
    plan.site.backend === "lab" ||
    (await client.resource(SNAPSHOT_API, "VolumeSnapshot")) === undefined
  ) {
    return [];
  }
  const answer = await ask(client, plan, now);
  if (answer === "runs") {
    return [];
  }
  const takes = plan.restorePoints.some(({ state, volumes }) => state === "taking" && volumes);
  return [{ check: CHECK, ...answer, ...(takes ? {} : { severity: "warning" as const }) }];
}

async function ask(client: Reader, plan: SitePlan, now: Date): Promise<Answer> {
  try {
    const [deployments, leases, snapshots] = await Promise.all([
      client.list("apps/v1", "Deployment"),
      client.list("coordination.k8s.io/v1", "Lease"),
      client.list(SNAPSHOT_API, "VolumeSnapshot"),
    ]);
    const found = deployments.filter(isController);
    // Not installed yet, it cannot run yet.
    return plan.snapshotController !== undefined && found.length === 0
      ? "runs"
      : judge({ deployments: found, leases: leases.filter(isLease), snapshots, now });
  } catch (error) {
    if (error instanceof ClusterError && error.failure !== "unreachable") {
      return { severity: "unknown", object: "cluster", message: error.message };
    }
    throw error;
  }
}

function judge({ deployments, leases, snapshots, now }: Evidence): Answer {
  const asked = snapshots.filter((one) => one.metadata["deletionTimestamp"] === undefined);
  const unseen = asked.find(
    (one) => one["status"] === undefined && age(one.metadata["creationTimestamp"], now) > UNSEEN_MS,
  );
  if (
    deployments.some((one) => readyPods(one) > 0) ||
    leases.some((lease) => isRenewed(lease, now)) ||
    snapshots.some((one) => age(lastStatus(one), now) < RECENT_MS)
  ) {
    return "runs";
  }
  const [idle] = deployments;
  if (idle !== undefined) {
    const object = `Deployment ${nameOf(idle)}`;
    return notThere(object, `${object} is the snapshot controller and has no ready pod`);
  }
  if (unseen !== undefined) {
    const object = `VolumeSnapshot ${nameOf(unseen)}`;
    const since = String(unseen.metadata["creationTimestamp"]);
    return notThere(
      object,
      `${object} waits since ${since}, and no snapshot controller has looked at it`,
    );
  }
  const [silent] = leases;
  if (silent !== undefined) {
    const object = `Lease ${nameOf(silent)}`;
    return notThere(object, `${object} is not renewed any more: no snapshot controller leads`);
  }
  return {
    severity: "unknown",
    object: "snapshot controller",
    message:
      "No snapshot controller is seen: no Deployment of one, no lease, and no snapshot whose status was written in the last 10 minutes.",
    remedy:
      "If it runs under another name, make a VolumeSnapshot of any claim: once that has a status, this check is satisfied for 10 minutes. Where the cluster has none, set snapshots.installController: true and snapshots.controllerImage.",
  };
}

function notThere(object: string, what: string): Answer {
  const message = `${what}; no snapshot becomes ready without it.`;
  return { severity: "error", object, message, remedy: REMEDY };
}

function nameOf({ metadata }: ClusterObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}

interface DeploymentSpec {
  readonly template?: {
    readonly spec?: { readonly containers?: readonly { readonly image?: string }[] };
  };
}

/** By its name, which distributions only put something before, or by the name of its image. */
function isController(deployment: ClusterObject): boolean {
  const { template } = deployment["spec"] as DeploymentSpec;
  const images = (template?.spec?.containers ?? []).map(({ image = "" }) => image);
  return (
    deployment.metadata.name.endsWith("snapshot-controller") ||
    images.some((image) => /(^|[/-])snapshot-controller([:@]|$)/.test(image))
  );
}

function isLease({ metadata, spec }: ClusterObject): boolean {
  return metadata.name === LEASE && spec !== undefined;
}

function readyPods(deployment: ClusterObject): number {
  const status = deployment["status"] as { readonly readyReplicas?: number } | undefined;
  return status?.readyReplicas ?? 0;
}

interface ManagedFields {
  readonly subresource?: string;
  readonly time?: string;
}

function lastStatus({ metadata }: ClusterObject): string | undefined {
  const entries = (metadata["managedFields"] ?? []) as readonly ManagedFields[];
  return entries
    .filter(({ subresource }) => subresource === "status")
    .map(({ time = "" }) => time)
    .sort()
    .at(-1);
}

/** Milliseconds since a date-time; without one since ever. */
function age(time: unknown, now: Date): number {
  const parsed = typeof time === "string" ? Date.parse(time) : Number.NaN;
  return Number.isNaN(parsed) ? Number.POSITIVE_INFINITY : now.getTime() - parsed;
}
