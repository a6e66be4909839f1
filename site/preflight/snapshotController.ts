import type { ClusterClient } from "../../clients/kubernetes/client";
import type { ClusterObject } from "../../clients/kubernetes/object";
import { snapshotCrds } from "../../components/snapshotCrds";
import { labels } from "../../planning/names";
import type { SitePlan } from "../../planning/plan";
import { carries } from "../../clients/kubernetes/ownObjects";
import type { Finding } from "./finding";

/** Name of the Deployment in the makers' own manifests and in those of the distributions. */
const DEPLOYMENT = "snapshot-controller";

/** The lease by which replicas agree on a leader; each namespace has its own, so that two controllers never meet. */
export const LEASE = "snapshot-controller-leader";

/** A lease lasts 15 seconds; this much later nobody renews it any more. */
const SILENT_MS = 60_000;

const REMEDY =
  "Set snapshots.installController: false where the cluster brings a snapshot controller, or remove the other one first.";

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
  const [namespace, deployments, leases, crds] = await Promise.all([
    client.get({ apiVersion: "v1", kind: "Namespace", name: wanted.namespace }),
    client.list("apps/v1", "Deployment"),
    client.list("coordination.k8s.io/v1", "Lease"),
    client.list("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
  ]);
  const foreign = deployments.filter((one) => one.metadata.name === DEPLOYMENT && !ours(one));
  const places = new Set(foreign.map(({ metadata }) => metadata.namespace));
  const led = leases.filter(
    (lease) =>
      lease.metadata.name === LEASE &&
      lease.metadata.namespace !== wanted.namespace &&
      !places.has(lease.metadata.namespace) &&
      isRenewed(lease, now),
  );
  const names = snapshotCrds(wanted.groups).map(({ metadata }) => metadata.name);
  return [
    ...(namespace === undefined ? [noNamespace(wanted.namespace)] : []),
    ...foreign.map(({ metadata }) =>
      running(
        `Deployment ${metadata.namespace ?? ""}/${metadata.name}`,
        `A snapshot controller that is not ours is installed in the namespace ${metadata.namespace ?? ""}`,
      ),
    ),
    ...led.map(({ metadata }) =>
      running(
        `Lease ${metadata.namespace ?? ""}/${metadata.name}`,
        `A snapshot controller that is not ours leads in the namespace ${metadata.namespace ?? ""}`,
      ),
    ),
    ...crds
      .filter((crd) => names.includes(crd.metadata.name) && !ours(crd))
      .map(({ metadata }) => foreignCrd(metadata.name, site.stack)),
  ];
}

export function isRenewed(lease: ClusterObject, now: Date): boolean {
  const spec = lease["spec"] as { readonly renewTime?: string } | undefined;
  return spec?.renewTime !== undefined && now.getTime() - Date.parse(spec.renewTime) < SILENT_MS;
}

function noNamespace(name: string): Finding {
  return {
    severity: "error",
    check: "snapshot-controller",
    object: `namespace ${name}`,
    message: `There is no namespace ${name} to put the snapshot controller in.`,
    remedy: "Make it, or name another one in snapshots.controllerNamespace.",
  };
}

function running(object: string, what: string): Finding {
  return {
    severity: "error",
    check: "snapshot-controller",
    object,
    message: `${what}; two of them would both act on every snapshot.`,
    remedy: REMEDY,
  };
}

function foreignCrd(name: string, stack: string): Finding {
  return {
    severity: "error",
    check: "snapshot-controller",
    object: `CRD ${name}`,
    message: `${name} is installed already and is not ours; every snapshot is an object of it or refers to one.`,
    remedy: `Set snapshots.installController: false where the cluster brings the CRDs, or take them over: ./atom adopt --stack ${stack}`,
  };
}
