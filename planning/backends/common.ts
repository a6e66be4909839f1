import type { TopologyPlan } from "../plan";
import type { Rule } from "../problem";
import type { Site, StorageClassSpec } from "../site";
import { listed } from "../words";
import { isAtLeast } from "./version";

/** Node label whose values the copies are spread over. */
export function spreadKey(topology: TopologyPlan): string {
  return topology.spread === "sites" ? topology.siteLabel : "kubernetes.io/hostname";
}

/** Refuses releases older than the least one. */
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
