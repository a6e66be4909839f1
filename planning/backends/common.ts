import type { TopologyPlan, Options } from "../plan";
import type { Rule } from "../problem";
import type { Site, StorageClassSpec } from "../site";
import { listed, countBy, shown } from "../words";
import { isAtLeast } from "./version";
import type { StorageRequest, ClusterCheck } from "./backend";
import { listOption, textOption } from "./options";

/** Node label whose values the copies are spread over. */
export function spreadKey(topology: TopologyPlan): string {
  return topology.spread === "sites" ? topology.siteLabel : "kubernetes.io/hostname";
}

export function tooOld({ backendVersion }: Site, least: string, message: string): Rule {
  return [!isAtLeast(backendVersion, least), "backendVersion", message, `${least} or newer`];
}

/** Refuses several copies per site, where the backend holds one in each hard or none. */
export function onePerSite(topology: TopologyPlan, message: string): Rule {
  const several = topology.spread === "sites" && topology.maxPerSite > 1;
  return [several, "replicationFactor", message, `${oneEach(topology)}, or more data sites`];
}

/** Refuses `encryption: true` on every class that nothing encrypts, with what the operator can do instead. */
export function encryptionRules(
  site: Site,
  encrypts: (spec: StorageClassSpec) => boolean,
  message: (spec: StorageClassSpec) => string,
  instead?: string,
): readonly Rule[] {
  return site.classes.map((spec, index) => [
    spec.encryption && !encrypts(spec),
    `classes[${index}].encryption`,
    message(spec),
    `false${instead === undefined ? "" : `, or ${instead}`}`,
  ]);
}

/** Refuses `encryption: true` where no option of the backend could bring it. */
export function noEncryption(site: Site, why: string): readonly Rule[] {
  return encryptionRules(
    site,
    () => false,
    ({ name }) => `${why}, so the volumes of class ${name} would not be encrypted`,
  );
}

/** Refuses file systems that the driver does not make. */
export function fsTypeRules(site: Site, allowed: readonly string[]): readonly Rule[] {
  return site.classes.map(({ fsType }, index) => [
    fsType !== undefined && !allowed.includes(fsType),
    `classes[${index}].fsType`,
    `the backend ${site.backend} does not make this file system`,
    listed(allowed, "or"),
    { candidates: allowed },
  ]);
}

/**
 * Refuses a file system that is not mounted twice with one UUID, where the driver leaves a restored volume that of its
 * original: beside the original on its node, as `restore-point verify` and a rollback of one claim need it.
 */
export function restoreBesideRules(
  { classes, backend }: Site,
  fileSystems: readonly string[],
  mended: (spec: StorageClassSpec) => boolean,
  remedy: string,
): readonly Rule[] {
  return classes.map((spec, index) => {
    const { fsType = "", mountOptions } = spec;
    const nouuid = fsType === "xfs" && mountOptions.includes("nouuid");
    return [
      fileSystems.includes(fsType) && !nouuid && !mended(spec),
      `classes[${index}].fsType`,
      `a restored ${fsType} of ${backend} has the UUID of its original, and both are not mounted on one node`,
      `ext4, or ${remedy}${fsType === "xfs" ? ", or mountOptions: [nouuid]" : ""}`,
    ];
  });
}

/** Factors that put at most one copy into each data site, in words. */
export function oneEach({ dataSites }: TopologyPlan): string {
  return dataSites.length === 2 ? "2" : `2 to ${dataSites.length}`;
}

/** Members of a store that decides by majority, by site; empty where nothing states them. */
export function membersBySite(
  options: Options,
  key: string,
  { dataSites }: TopologyPlan,
): ReadonlyMap<string, number> {
  const stated = listOption(options, key);
  const [only, ...others] = dataSites;
  return stated.length === 0 && only !== undefined && others.length === 0
    ? new Map([[only.name, 3]])
    : countBy(stated);
}

/**
 * Refuses members that no majority can be told of: in sites that do not exist, unnamed where copies spread over sites, an
 * even number, fewer than three.
 *
 * @param key Option that states the site of each member.
 * @param who Who they are, e.g. `the members of Mayastor's etcd`.
 * @param other What is asked instead of a majority of members in sites that exist.
 */
export function memberRules(
  { site, topology }: StorageRequest,
  key: string,
  who: string,
  other?: (stated: readonly string[], path: string) => Rule,
): readonly Rule[] {
  const names = [...topology.dataSites, ...topology.witnessSites].map(({ name }) => name);
  const stated = listOption(site.backendOptions, key);
  const path = `backendOptions.${key}`;
  const unknown = stated.map((name, index): Rule => [
    !names.includes(name),
    `${path}[${index}]`,
    "there is no site of this name",
    listed(names, "or"),
    { candidates: names },
  ]);
  if (unknown.some(([broken]) => broken)) {
    return unknown;
  }
  if (other !== undefined) {
    return [other(stated, path)];
  }
  const none = stated.length === 0;
  return [
    [
      none && topology.spread === "sites",
      path,
      `nothing states in which sites ${who} run, and without their majority no copy is of use`,
      `the site of each member, such as ${shown(names.slice(0, 3))}`,
      { value: undefined },
    ],
    [
      !none && (stated.length < 3 || stated.length % 2 === 0),
      path,
      `${who} decide by majority: an even number survives no more than one less, and one or two survive nothing`,
      "an odd number of three or more",
    ],
  ];
}

/** Parameters that name a secret for each stage of a volume's life. @param stages secret by stage */
export function secretParameters(
  namespace: string,
  stages: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(stages).flatMap(([stage, name]) => [
      [`csi.storage.k8s.io/${stage}-secret-name`, name],
      [`csi.storage.k8s.io/${stage}-secret-namespace`, namespace],
    ]),
  );
}

type Requires = ClusterCheck["requires"];

const check =
  <Kind extends Requires["kind"]>(kind: Kind) =>
  (
    id: string,
    title: string,
    what: Omit<Extract<Requires, { readonly kind: Kind }>, "kind">,
    remedy: string,
  ): ClusterCheck => ({ id, title, requires: { kind, ...what } as unknown as Requires, remedy });

export const crdCheck = check("crd");
export const objectCheck = check("object");
export const labelCheck = check("nodeLabel");

export function driverCheck(title: string, name: string, remedy: string): ClusterCheck {
  return check("csiDriver")("driver", `the ${title} is installed`, { name }, remedy);
}

/** The NodeHealthCheck that `backendOptions.nodeHealthCheck` names; none where it names none. */
export function healthCheck({ site }: StorageRequest): readonly ClusterCheck[] {
  const name = textOption(site.backendOptions, "nodeHealthCheck");
  const apiVersion = "remediation.medik8s.io/v1alpha1";
  return name === undefined
    ? []
    : [
        objectCheck(
          "failover",
          `the NodeHealthCheck ${name} is there`,
          { apiVersion, object: "NodeHealthCheck", name },
          "create it with a remediation that sets the out-of-service taint and a minHealthy that a lost site does not undercut, or set failover: manual",
        ),
      ];
}
