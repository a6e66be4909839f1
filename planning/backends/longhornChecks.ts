import type { Problem } from "../problem";
import type { StorageRequest } from "./backend";
import { fsTypeProblems, oneEach } from "./common";
import { textOption } from "./options";
import { isAtLeast } from "./version";
import { shown } from "../words";

/** The one label that Longhorn reads as a zone. */
const ZONE_LABEL = "topology.kubernetes.io/zone";

/** First release whose classes carry anti-affinity of their own; before, only a global setting did. */
const CLASS_ANTI_AFFINITY = "1.5";

/** What Longhorn cannot hold hard, or at all, for a site. */
export function checkLonghorn(request: StorageRequest): readonly Problem[] {
  const { site, topology } = request;
  const problems: Problem[] = [];
  if (!isAtLeast(site.backendVersion, CLASS_ANTI_AFFINITY)) {
    problems.push({
      path: "backendVersion",
      value: site.backendVersion === undefined ? undefined : shown(site.backendVersion),
      message: "before 1.5 a Longhorn class cannot say that its copies must be spread",
      allowed: `Allowed: ${CLASS_ANTI_AFFINITY} or newer`,
    });
  }
  if (topology.spread === "sites" && topology.siteLabel !== ZONE_LABEL) {
    problems.push({
      path: "topology.siteLabel",
      value: shown(topology.siteLabel),
      message: "Longhorn knows no other zone label, so it would take all nodes for one zone",
      allowed: `Allowed: ${ZONE_LABEL}`,
    });
  }
  if (topology.spread === "sites" && topology.maxPerSite > 1) {
    problems.push({
      path: "replicationFactor",
      value: String(site.replicationFactor),
      message:
        `Longhorn can hold one copy per site hard, or leave the spread soft, but not ${topology.maxPerSite} per site: ` +
        `${site.replicationFactor} copies over ${topology.dataSites.length} sites might all stand in one`,
      allowed: `Allowed: ${oneEach(topology)}, or more data sites`,
    });
  }
  site.classes.forEach((spec, index) => {
    if (spec.encryption && textOption(site.backendOptions, "encryptionSecretName") === undefined) {
      problems.push({
        path: `classes[${index}].encryption`,
        value: "true",
        message: "an encrypted volume stays pending until its secret is named",
        allowed: "Allowed: false, or backendOptions.encryptionSecretName",
      });
    }
  });
  return [...problems, ...fsTypeProblems(site, ["ext4", "xfs"])];
}
