import type { ClusterClient } from "../../clients/kubernetes/client";
import { field, fieldText, fullName, type ClusterObject } from "../../clients/kubernetes/object";
import { carries } from "../../clients/kubernetes/ownObjects";
import { snapshotCrds } from "../../components/snapshotCrds";
import { SNAPSHOT_API } from "../../drift/volumeObjects";
import { labels } from "../../planning/names";
import type { SitePlan } from "../../planning/plan";
import { attempt, finding, findings, type Finding, type Told } from "./finding";

const CHECK = "snapshot-controller";

/** Name of the Deployment in the makers' own manifests and in those of the distributions. */
const DEPLOYMENT = "snapshot-controller";

/** The lease by which replicas agree on a leader; each namespace has its own, so that two controllers never meet. */
const LEASE = "snapshot-controller-leader";

/** A lease lasts 15 seconds; this much later nobody renews it any more. */
const SILENT_MS = 60_000;

/** The controller writes a status within seconds of seeing a snapshot, an error too. */
const UNSEEN_MS = 60_000;

/** How long a status that was written counts as a sign of life. */
const RECENT_MS = 600_000;

type Reader = Pick<ClusterClient, "list" | "resource">;

async function listDeploymentsAndLeases(
  client: Reader,
): Promise<readonly [deployments: ClusterObject[], leases: ClusterObject[]]> {
  const [deployments, leases] = await Promise.all([
    client.list("apps/v1", "Deployment"),
    client.list("coordination.k8s.io/v1", "Lease"),
  ]);
  return [deployments, leases.filter((one) => one.metadata.name === LEASE && "spec" in one)];
}

/**
 * Whether the snapshot controller can be installed: two controllers in different namespaces both lead, and take or
 * remove the same snapshot twice; and CRDs that somebody else brings are updated by them.
 */
export async function checkSnapshotController(
  client: ClusterClient,
  plan: SitePlan,
  now: Date,
): Promise<Finding[]> {
  const { snapshotController: wanted, site } = plan;
  if (wanted === undefined) {
    return [];
  }
  const ours = (object: ClusterObject): boolean => carries(object, labels(site.stack));
  const [namespace, [deployments, leases], crds] = await Promise.all([
    client.get({ apiVersion: "v1", kind: "Namespace", name: wanted.namespace }),
    listDeploymentsAndLeases(client),
    client.list("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
  ]);
  const foreign = deployments.filter((one) => one.metadata.name === DEPLOYMENT && !ours(one));
  const places = new Set([wanted.namespace, ...foreign.map(({ metadata }) => metadata.namespace)]);
  const led = leases.filter(
    (lease) => !places.has(lease.metadata.namespace) && isRenewed(lease, now),
  );
  const missing: Told = [
    "error",
    `There is no namespace ${wanted.namespace} to put the snapshot controller in.`,
    "Make it, or name another one in snapshots.controllerNamespace.",
  ];
  const names = snapshotCrds(wanted.groups).map(({ metadata }) => metadata.name);
  const running = (object: ClusterObject, does: string): Finding =>
    finding(CHECK, `${object.kind} ${fullName(object)}`, [
      "error",
      `A snapshot controller that is not ours ${does} in the namespace ${object.metadata.namespace ?? ""}; two of ` +
        "them would both act on every snapshot.",
      "Set snapshots.installController: false where the cluster brings a snapshot controller, or remove the other one first.",
    ]);
  return [
    ...findings(
      CHECK,
      `namespace ${wanted.namespace}`,
      namespace === undefined ? missing : undefined,
    ),
    ...foreign.map((one) => running(one, "is installed")),
    ...led.map((one) => running(one, "leads")),
    ...crds
      .filter((crd) => names.includes(crd.metadata.name) && !ours(crd))
      .map(({ metadata: { name } }) =>
        finding(CHECK, `CRD ${name}`, [
          "error",
          `${name} is installed already and is not ours; every snapshot is an object of it or refers to one.`,
          `Set snapshots.installController: false where the cluster brings the CRDs, or take them over: ./atom adopt --stack ${site.stack}`,
        ]),
      ),
  ];
}

/**
 * Whether a snapshot controller runs: without one a snapshot stays without a status and without an event, and taking a
 * restore point ends minutes later by its time limit. It stops only where a point is being taken; else it warns, as a
 * deployment of classes needs no controller.
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
  const takes = plan.restorePoints.some(({ state, volumes }) => state === "taking" && volumes);
  // Outside, so that what may not be read stays unknown whatever is taken.
  return attempt(CHECK, "", async () => {
    const [[deployments, leases], snapshots] = await Promise.all([
      listDeploymentsAndLeases(client),
      client.list(SNAPSHOT_API, "VolumeSnapshot"),
    ]);
    const controllers = deployments.filter(isController);
    // Not installed yet, it cannot run yet.
    const found =
      plan.snapshotController !== undefined && controllers.length === 0
        ? []
        : judge(controllers, leases, snapshots, now);
    return takes ? found : found.map((one) => ({ ...one, severity: "warning" }));
  });
}

function judge(
  deployments: readonly ClusterObject[],
  leases: readonly ClusterObject[],
  snapshots: readonly ClusterObject[],
  now: Date,
): Finding[] {
  if (
    deployments.some((one) => Number(field(one, "status", "readyReplicas") ?? 0) > 0) ||
    leases.some((lease) => isRenewed(lease, now)) ||
    snapshots.some((one) => age(lastStatus(one), now) < RECENT_MS)
  ) {
    return [];
  }
  const missing = (one: ClusterObject, what: string): Finding[] => {
    const object = `${one.kind} ${fullName(one)}`;
    return [
      finding(CHECK, object, [
        "error",
        `${object} ${what}; no snapshot becomes ready without it.`,
        "Have it run before a restore point is taken; where the cluster has none, set snapshots.installController: true and snapshots.controllerImage.",
      ]),
    ];
  };
  const [idle] = deployments;
  if (idle !== undefined) {
    return missing(idle, "is the snapshot controller and has no ready pod");
  }
  const unseen = snapshots.find(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined &&
      status === undefined &&
      age(metadata.creationTimestamp, now) > UNSEEN_MS,
  );
  if (unseen !== undefined) {
    const since = String(unseen.metadata.creationTimestamp);
    return missing(unseen, `waits since ${since}, and no snapshot controller has looked at it`);
  }
  const [silent] = leases;
  if (silent !== undefined) {
    return missing(silent, "is not renewed any more: no snapshot controller leads");
  }
  return [finding(CHECK, "snapshot controller", NOTHING_SEEN)];
}

const NOTHING_SEEN: Told = [
  "unknown",
  "No snapshot controller is seen: no Deployment of one, no lease, and no snapshot whose status was written in the last 10 minutes.",
  "If it runs under another name, make a VolumeSnapshot of any claim: once that has a status, this check is satisfied for 10 minutes. Where the cluster has none, set snapshots.installController: true and snapshots.controllerImage.",
];

function isRenewed(lease: ClusterObject, now: Date): boolean {
  return age(fieldText(lease, "spec", "renewTime"), now) < SILENT_MS;
}

/** By its name, which distributions only put something before, or by the name of its image. */
function isController(deployment: ClusterObject): boolean {
  const containers = field(deployment, "spec", "template", "spec", "containers") ?? [];
  return (
    deployment.metadata.name.endsWith(DEPLOYMENT) ||
    (containers as readonly { readonly image?: string }[]).some(({ image = "" }) =>
      /(^|[/-])snapshot-controller([:@]|$)/.test(image),
    )
  );
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
function age(time: string | undefined, now: Date): number {
  const parsed = Date.parse(time ?? "");
  return Number.isNaN(parsed) ? Number.POSITIVE_INFINITY : now.getTime() - parsed;
}
