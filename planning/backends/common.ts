import type { TopologyPlan } from "../plan";
import type { Problem } from "../problem";
import type { Site, StorageClassSpec } from "../site";
import { listed, shown } from "../words";

/** File system of a class, under the key that the external provisioner reads; two keys at once are refused by it. */
export function fsTypeParameter(spec: StorageClassSpec): Record<string, string> {
  return spec.fsType === undefined ? {} : { "csi.storage.k8s.io/fstype": spec.fsType };
}

/** Node label whose values the copies are spread over. */
export function spreadKey(topology: TopologyPlan): string {
  return topology.spread === "sites" ? topology.siteLabel : "kubernetes.io/hostname";
}

/** Refuses `encryption: true` on every class, with what the operator can do instead. */
export function encryptionRefusals(
  site: Site,
  message: (spec: StorageClassSpec) => string,
  allowed: string,
): readonly Problem[] {
  return site.classes.flatMap((spec, index) =>
    spec.encryption
      ? [{ path: `classes[${index}].encryption`, value: "true", message: message(spec), allowed }]
      : [],
  );
}

/** Refuses `encryption: true` where no option of the backend could bring it. */
export function noEncryption(site: Site, why: string): readonly Problem[] {
  return encryptionRefusals(
    site,
    ({ name }) => `${why}, so the volumes of class ${name} would not be encrypted`,
    "Allowed: false",
  );
}

/** Refuses file systems that the driver does not make. */
export function fsTypeProblems(site: Site, allowed: readonly string[]): readonly Problem[] {
  return site.classes.flatMap((spec, index) =>
    spec.fsType === undefined || allowed.includes(spec.fsType)
      ? []
      : [
          {
            path: `classes[${index}].fsType`,
            value: shown(spec.fsType),
            message: `the backend ${site.backend} does not make this file system`,
            allowed: `Allowed: ${listed(allowed, "or")}`,
            candidates: allowed,
          },
        ],
  );
}

/** Factors that put at most one copy into each data site, in words. */
export function oneEach({ dataSites }: TopologyPlan): string {
  return dataSites.length === 2 ? "2" : `2 to ${dataSites.length}`;
}
