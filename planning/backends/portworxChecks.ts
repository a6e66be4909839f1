import type { Problem } from "../problem";
import { shown } from "../words";
import type { StorageRequest } from "./backend";
import { encryptionRefusals, fsTypeProblems, oneEach } from "./common";
import { memberProblems } from "./members";
import { textOption } from "./options";
import { STRATEGIES } from "./portworxOptions";
import { isAtLeast } from "./version";

/** Name of a Kubernetes object, as RFC 1123 has it. */
const OBJECT_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/** What Portworx cannot hold hard, or at all, for a site. */
export function checkPortworx(request: StorageRequest): readonly Problem[] {
  const { site } = request;
  return [
    ...versionProblems(request),
    ...strategyProblems(request),
    ...spreadProblems(request),
    ...memberProblems(request, "kvdbMembers", "Portworx's key-value database"),
    ...encryptionProblems(request),
    ...fsTypeProblems(site, ["ext4", "xfs"]),
  ];
}

function versionProblems({ site }: StorageRequest): readonly Problem[] {
  return isAtLeast(site.backendVersion, STRATEGIES)
    ? []
    : [
        {
          path: "backendVersion",
          value: shown(String(site.backendVersion)),
          message: `before ${STRATEGIES} Portworx does not read the VolumePlacementStrategy that keeps copies apart`,
          allowed: `Allowed: ${STRATEGIES} or newer`,
        },
      ];
}

function strategyProblems({ site }: StorageRequest): readonly Problem[] {
  const name = textOption(site.backendOptions, "strategy");
  return name === undefined || name === "" || OBJECT_NAME.test(name)
    ? []
    : [
        {
          path: "backendOptions.strategy",
          value: shown(name),
          message: "not a name of a Kubernetes object",
          allowed: "Allowed: lower-case letters, digits, - and ., such as atom-spread",
        },
      ];
}

function spreadProblems({ site, topology }: StorageRequest): readonly Problem[] {
  return topology.spread === "sites" && topology.maxPerSite > 1
    ? [
        {
          path: "replicationFactor",
          value: String(site.replicationFactor),
          message: `a hard anti-affinity of Portworx puts one copy into each site; ${topology.maxPerSite} per site it does not hold`,
          allowed: `Allowed: ${oneEach(topology)}, or more data sites`,
        },
      ]
    : [];
}

function encryptionProblems({ site }: StorageRequest): readonly Problem[] {
  if (site.backendOptions["clusterKey"] === true) {
    return [];
  }
  return encryptionRefusals(
    site,
    () => "Portworx encrypts with its cluster-wide secret, and nothing states that one is set",
    "Allowed: false, or backendOptions.clusterKey: true",
  );
}
