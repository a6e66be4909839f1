import type { AccessRule, ClusterClient } from "./client";

/** What a right is needed for: looking (`drift`), deploying (`up`, `preview`, `adopt`, `down`), or a command on points. */
export type Use = "drift" | "deploy" | "create" | "verify" | "hold" | "expire" | "rollback";

/** Where a right holds: in the whole cluster, `cluster.namespace`, each of `product.namespaces`, or a named namespace. */
export type Place = "cluster" | "own" | "product" | { readonly namespace: string };

/** What the code calls. */
export interface Right {
  readonly place: Place;
  /** API group; the empty string for the core group. */
  readonly group: string;
  /** Plural names, e.g. `storageclasses`. */
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly uses: readonly Use[];
}

/** Namespaces that the places stand for. */
export interface Places {
  /** `cluster.namespace`. */
  readonly own: string;
  /** `product.namespaces`. */
  readonly product: readonly string[];
}

const POINTS: readonly Use[] = ["create", "verify", "expire", "rollback"];
const RECORD: readonly Use[] = [...POINTS, "hold"];
/** What is only read. */
export const LOOK: readonly Use[] = ["drift", "deploy"];
const ALL: readonly Use[] = [...LOOK, ...RECORD];
const TAKE: readonly Use[] = ["create", "rollback"];
const END: readonly Use[] = ["create", "expire", "rollback"];
const SCRATCH: readonly Use[] = ["verify", "expire", "rollback"];
const BACK: readonly Use[] = ["rollback"];

export const READ = ["get", "list"];
/** What a deployment does with an object of ours. */
export const DECLARE = ["get", "list", "create", "update", "patch", "delete"];
const WRITE = ["get", "create", "update", "delete"];
const PAUSE = ["get", "list", "update"];
/** What a release consists of, by API group. */
const RELEASE: readonly (readonly [string, readonly string[]])[] = [
  ["", ["configmaps", "limitranges", "resourcequotas", "secrets", "serviceaccounts", "services"]],
  ["apps", ["daemonsets", "deployments", "statefulsets"]],
  ["autoscaling", ["horizontalpodautoscalers"]],
  ["batch", ["cronjobs"]],
  ["networking.k8s.io", ["ingresses", "networkpolicies"]],
  ["policy", ["poddisruptionbudgets"]],
  ["rbac.authorization.k8s.io", ["roles", "rolebindings"]],
];
const SNAPSHOTS = "snapshot.storage.k8s.io";
const GROUPS = "groupsnapshot.storage.k8s.io";

/**
 * The one table of what the code asks of a cluster, besides what a site's backend adds. Preflight asks for it, the
 * published roles are made from it, and the lab tests of the commands run with nothing else, so that a call that is
 * missing here fails there.
 */
export const RIGHTS: readonly Right[] = (
  [
    ["cluster", "", ["namespaces"], ["get"], ALL],
    ["cluster", "", ["nodes"], ["get"], ["deploy", ...RECORD]],
    ["cluster", "", ["nodes"], ["list"], ALL],
    ["cluster", "", ["persistentvolumes"], ["list"], ALL],
    ["cluster", "", ["persistentvolumes"], ["get", "update"], SCRATCH],
    ["cluster", "", ["persistentvolumeclaims"], ["list"], [...LOOK, ...POINTS]],
    ["cluster", "storage.k8s.io", ["storageclasses"], DECLARE, ["deploy"]],
    ["cluster", "storage.k8s.io", ["storageclasses"], ["list"], ["drift", ...POINTS]],
    ["cluster", "storage.k8s.io", ["csidrivers"], ["get"], LOOK],
    ["cluster", "storage.k8s.io", ["csinodes"], ["list"], [...LOOK, "verify"]],
    ["cluster", "storage.k8s.io", ["volumeattachments"], ["list"], TAKE],
    ["cluster", "apiextensions.k8s.io", ["customresourcedefinitions"], READ, ["deploy"]],
    // A snapshot controller may run anywhere; its Lease tells that it works.
    ["cluster", "apps", ["deployments"], ["list"], [...LOOK, "create"]],
    ["cluster", "coordination.k8s.io", ["leases"], ["list"], [...LOOK, "create"]],
    ["cluster", SNAPSHOTS, ["volumesnapshotclasses"], DECLARE, ["deploy"]],
    ["cluster", SNAPSHOTS, ["volumesnapshotclasses"], ["get"], POINTS],
    ["cluster", SNAPSHOTS, ["volumesnapshots", "volumesnapshotcontents"], ["list"], ALL],
    ["cluster", SNAPSHOTS, ["volumesnapshotcontents"], ["get", "update", "delete"], POINTS],
    ["cluster", SNAPSHOTS, ["volumesnapshotcontents"], ["create"], ["verify", "rollback"]],
    ["cluster", GROUPS, ["volumegroupsnapshotclasses"], DECLARE, ["deploy"]],
    ["cluster", GROUPS, ["volumegroupsnapshotclasses"], ["get"], POINTS],
    [
      "cluster",
      GROUPS,
      ["volumegroupsnapshots", "volumegroupsnapshotcontents"],
      ["list"],
      [...LOOK, ...POINTS],
    ],
    ["cluster", GROUPS, ["volumegroupsnapshotcontents"], ["get", "update", "delete"], POINTS],
    ["cluster", GROUPS, ["volumegroupsnapshotcontents"], ["create"], ["verify", "rollback"]],
    ["product", SNAPSHOTS, ["volumesnapshots"], ["get", "create", "delete"], END],
    ["product", GROUPS, ["volumegroupsnapshots"], ["get", "create", "delete"], END],
    ["product", "", ["persistentvolumeclaims"], PAUSE, TAKE],
    ["product", "apps", ["deployments", "statefulsets"], PAUSE, TAKE],
    ["product", "batch", ["cronjobs"], PAUSE, TAKE],
    // Pods of hooks, which freeze the product.
    ["product", "batch", ["jobs"], ["get", "list", "create", "delete"], TAKE],
    ["product", "", ["pods"], ["list", "delete"], TAKE],
    // Of a release; other kinds that may not be listed are recorded as unread.
    ...RELEASE.map(([group, kinds]) => ["product", group, kinds, ["list"], TAKE] as const),
    ["own", "", ["configmaps"], ["get"], ["deploy"]],
    ["own", "", ["configmaps"], ["list"], LOOK],
    ["own", "", ["configmaps"], [...READ, "create", "update", "delete"], RECORD],
    ["own", "", ["secrets"], [...READ, "create", "delete"], POINTS],
    ["own", "coordination.k8s.io", ["leases"], ["get", "create", "update", "delete"], RECORD],
    ["own", "batch", ["jobs"], ["get", "list", "create", "delete"], POINTS],
    ["own", "", ["pods"], ["list", "delete"], POINTS],
    ["own", "", ["persistentvolumeclaims"], [...READ, "create", "delete"], SCRATCH],
    ["own", SNAPSHOTS, ["volumesnapshots"], ["get", "create", "update", "delete"], SCRATCH],
    ["own", "", ["events"], ["list"], ["verify", "rollback"]],
    // A rollback makes claims anew and writes the release's objects back; custom resources need rights of their own.
    ["cluster", "storage.k8s.io", ["csistoragecapacities"], ["list"], ["deploy", "rollback"]],
    ["product", "", ["persistentvolumeclaims"], ["create", "delete"], BACK],
    ...RELEASE.map(([group, kinds]) => ["product", group, kinds, WRITE, BACK] as const),
    // What scales the product or sets it back is paused.
    ["cluster", "keda.sh", ["scaledobjects"], PAUSE, BACK],
    ["cluster", "argoproj.io", ["applications"], PAUSE, BACK],
    ["cluster", "kustomize.toolkit.fluxcd.io", ["kustomizations"], PAUSE, BACK],
    ["cluster", "helm.toolkit.fluxcd.io", ["helmreleases"], PAUSE, BACK],
  ] satisfies readonly (readonly [
    Place,
    string,
    readonly string[],
    readonly string[],
    readonly Use[],
  ])[]
).map(([place, group, resources, verbs, uses]) => ({ place, group, resources, verbs, uses }));

/** Verbs on one kind in one place. */
interface KindRight {
  readonly group: string;
  /** Plural name. */
  readonly resource: string;
  /** Undefined: in the whole cluster. */
  readonly namespace: string | undefined;
  readonly verbs: readonly string[];
}

/** What rows of the table come to at a site: each kind once for each namespace. */
export function rightsAt(rights: readonly Right[], { own, product }: Places): readonly KindRight[] {
  const merged = new Map<string, KindRight>();
  for (const { place, group, resources, verbs } of rights) {
    const namespaces =
      typeof place === "object"
        ? [place.namespace]
        : { cluster: [undefined], own: [own], product }[place];
    for (const namespace of namespaces) {
      for (const resource of resources) {
        const key = [namespace, group, resource].join("/");
        const all = new Set([...(merged.get(key)?.verbs ?? []), ...verbs]);
        merged.set(key, { group, resource, namespace, verbs: [...all] });
      }
    }
  }
  return [...merged.values()];
}

/** No namespace can have this name: what is allowed in it is allowed in the whole cluster. */
const NOWHERE = "_";

/**
 * Rights that the user of the kubeconfig lacks, a sentence for each kind and namespace: by one question for each namespace,
 * and by one for each right that its answer does not list. What is not served cannot be called, and is not asked for.
 */
export async function missingRights(
  client: ClusterClient,
  rights: readonly KindRight[],
): Promise<readonly string[]> {
  const groups = [...new Set(rights.map(({ group }) => group))].filter((group) => group !== "");
  const versions = await Promise.all(groups.map((group) => client.servedVersions(group)));
  const served = new Set(["", ...groups.filter((_, index) => (versions[index] ?? []).length > 0)]);
  const places = [...new Set(rights.map(({ namespace = NOWHERE }) => namespace))];
  const rules = await Promise.all(places.map((place) => client.myRules(place)));
  const answers = await Promise.all(
    rights
      .filter(({ group }) => served.has(group))
      .map(async ({ verbs, ...kind }) => {
        const known = rules[places.indexOf(kind.namespace ?? NOWHERE)] ?? [];
        const isListed = (verb: string): boolean => known.some((rule) => allows(rule, verb, kind));
        const may = await Promise.all(
          verbs.map(async (verb) => isListed(verb) || (await client.mayI({ verb, ...kind }))),
        );
        return { ...kind, denied: verbs.filter((_, index) => may[index] !== true) };
      }),
  );
  return answers.flatMap(({ group, resource, namespace, denied }) => {
    const named = group === "" ? resource : `${resource}.${group}`;
    const where = namespace === undefined ? "" : ` in namespace ${namespace}`;
    return denied.length === 0
      ? []
      : [`The user of context ${client.context} may not ${denied.join(", ")} ${named}${where}.`];
  });
}

function allows(
  { verbs, apiGroups = [], resources = [], resourceNames = [] }: AccessRule,
  verb: string,
  { group, resource }: Pick<KindRight, "group" | "resource">,
): boolean {
  const has = (list: readonly string[], one: string): boolean =>
    list.includes("*") || list.includes(one);
  const ofAll = resourceNames.length === 0;
  return ofAll && has(verbs, verb) && has(apiGroups, group) && has(resources, resource);
}

/** What to do about them. */
export const GRANT = "./atom rights prints the roles that it takes; or use another context.";
