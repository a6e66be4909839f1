import type { ClusterClient } from "../../clients/kubernetes/client";
import type { ClusterObject } from "../../clients/kubernetes/object";
import {
  DECLARE,
  GRANT,
  LOOK,
  missingRights,
  READ,
  RIGHTS,
  rightsAt,
} from "../../clients/kubernetes/rights";
import type { Place, Right, Use } from "../../clients/kubernetes/rights";
import { isKubernetes, referenceFrom } from "../../drift/resources";
import { VELERO_KINDS } from "../../drift/veleroBackup";
import type { DesiredState } from "../../engine/program/desiredState";
import { backendOf } from "../../planning/backends/registry";
import type { SitePlan } from "../../planning/plan";
import type { Site } from "../../planning/site";
import { finding, type Finding } from "./finding";

/** The user of the kubeconfig has to be allowed everything that a deployment asks of the cluster. */
export async function checkPermissions(
  client: ClusterClient,
  plan: SitePlan,
  { registrations }: DesiredState,
): Promise<Finding[]> {
  const declared = registrations
    .filter(({ type }) => isKubernetes(type))
    .map(({ inputs }) => rightOf(referenceFrom(inputs), DECLARE));
  const rights = [...siteRights(plan).filter(({ uses }) => uses.includes("deploy")), ...declared];
  const missing = await missingRights(client, rightsAt(rights, placesOf(plan.site)));
  return missing.map((message) => finding("permission", "cluster", ["error", message, GRANT]));
}

/** All that the code asks of a site's cluster: the table, and what its backend adds. */
export function siteRights({ site, topology, ...plan }: SitePlan): readonly Right[] {
  const { companions, velero, alerts } = plan;
  const declared = [...companions, ...velero, ...(alerts === undefined ? [] : [alerts])];
  const backend = backendOf(site.backend);
  const observation = backend.observation({ site, topology });
  const sources = observation.state === "observed" ? Object.values(observation.sources) : [];
  return [
    ...RIGHTS,
    ...declared.map(({ object, hold }) =>
      rightOf({ ...object, ...object.metadata }, hold === "own" ? DECLARE : PATCH),
    ),
    ...(site.nodeBackups.controlPlane === undefined
      ? []
      : [rightOf({ ...CRON_JOB, ...site.nodeBackups.controlPlane }, DECLARE)]),
    ...(site.nodeBackups.velero === undefined ? [] : VELERO_KINDS).map((kind) =>
      rightOf(kind, ["list"], LOOK),
    ),
    ...sources.flatMap((source) =>
      source.kind === "list" ? [rightOf({ ...source, kind: source.object }, ["list"], LOOK)] : [],
    ),
    ...backend.clusterChecks({ site, topology }).flatMap(({ requires }) => {
      switch (requires.kind) {
        case "object":
          return [rightOf({ ...requires, kind: requires.object }, ["get"], LOOK)];
        case "crd":
          return [rightOf(CRD, ["get"], LOOK)];
        default:
          return [];
      }
    }),
  ];
}

const CRD = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };

const CRON_JOB = { apiVersion: "batch/v1", kind: "CronJob" };

const PATCH = [...READ, "patch"];

interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
}

function rightOf(kind: Kind, verbs: readonly string[], uses: readonly Use[] = ["deploy"]): Right {
  const { apiVersion, namespace } = kind;
  const place: Place = namespace === undefined ? "cluster" : { namespace };
  const group = apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
  return { place, group, resources: [plural(kind.kind)], verbs, uses };
}

/** As the kinds that are declared here are named in paths. */
function plural(kind: string): string {
  const name = kind.toLowerCase();
  return /y$/.test(name) ? name.replace(/y$/, "ies") : `${name}${name.endsWith("s") ? "es" : "s"}`;
}

function placesOf({ cluster, product }: Pick<Site, "cluster" | "product">) {
  return { own: cluster.namespace, product: product.namespaces };
}

const AUTHORIZATION = "rbac.authorization.k8s.io";

/** Roles with all that a site's commands ask of its cluster and nothing else, and their bindings to a user. */
export function rolesOf(plan: SitePlan, name: string): readonly ClusterObject[] {
  return bound("atom-backup", plan.site, siteRights(plan), {
    apiGroup: AUTHORIZATION,
    kind: "User",
    name,
  });
}

/** Name of the ServiceAccount in the site's own namespace that only looks, and of its roles. */
export const LOOKER = "atom-backup-drift";

/** That account, and roles with all that `drift --only cluster` asks of a site's cluster and nothing else. */
export function lookerOf(plan: SitePlan, { registrations }: DesiredState): ClusterObject[] {
  const { namespace } = plan.site.cluster;
  const metadata = { name: LOOKER, namespace };
  const declared = registrations
    .filter(({ type }) => isKubernetes(type))
    .map(({ inputs }) => rightOf(referenceFrom(inputs), ["list"], ["drift"]));
  const rights = [...siteRights(plan).filter(({ uses }) => uses.includes("drift")), ...declared];
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    ...bound(LOOKER, plan.site, rights, { kind: "ServiceAccount", ...metadata }),
  ];
}

/** A role in the whole cluster and one in each namespace, bound to somebody. */
function bound(
  name: string,
  site: Pick<Site, "cluster" | "product">,
  table: readonly Right[],
  subject: object,
): ClusterObject[] {
  const rights = rightsAt(table, placesOf(site));
  const scopes = [...new Set(rights.map(({ namespace }) => namespace))];
  return scopes.flatMap((namespace) => {
    const kind = namespace === undefined ? "ClusterRole" : "Role";
    const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
    const rules = rights
      .filter((right) => right.namespace === namespace)
      .map(({ group, resource, verbs }) => ({ apiGroups: [group], resources: [resource], verbs }));
    const common = { apiVersion: `${AUTHORIZATION}/v1`, metadata };
    const roleRef = { apiGroup: AUTHORIZATION, kind, name };
    return [
      { ...common, kind, rules },
      { ...common, kind: `${kind}Binding`, roleRef, subjects: [subject] },
    ];
  });
}
