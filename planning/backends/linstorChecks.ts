import type { Problem } from "../problem";
import type { Site } from "../site";
import { listed, shown } from "../words";
import { apiProblems } from "./apiOptions";
import type { StorageRequest } from "./backend";
import { encryptionRefusals, fsTypeProblems, oneEach } from "./common";
import { remoteAccess, VOTELESS_CLIENTS } from "./linstorOptions";
import { textOption } from "./options";
import { isAtLeast } from "./version";

/** Labels that Piraeus copies from a node to its satellite, so that LINSTOR can place by them. */
const COPIED_LABELS = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];

/** First release that holds `xReplicasOnDifferent` in every case; 1.28 brought it, 1.29.2 mended a way around it. */
const HARD_X_REPLICAS = "1.29.2";

/** What LINSTOR cannot hold hard, or at all, for a site. */
export function checkLinstor(request: StorageRequest): readonly Problem[] {
  const { site } = request;
  return [
    ...spreadProblems(request),
    ...witnessProblems(site),
    ...remoteProblems(request),
    ...encryptionProblems(site),
    ...fsTypeProblems(site, ["ext4", "xfs"]),
    ...apiProblems(request),
  ];
}

function spreadProblems({ site, topology }: StorageRequest): readonly Problem[] {
  if (topology.spread === "nodes") {
    return [];
  }
  const property = textOption(site.backendOptions, "siteProperty");
  const problems: Problem[] = [];
  if (property === undefined && !COPIED_LABELS.includes(topology.siteLabel)) {
    problems.push({
      path: "topology.siteLabel",
      value: shown(topology.siteLabel),
      message:
        "Piraeus does not copy this label to its satellites, so LINSTOR would take every node for a site of its own",
      allowed: `Allowed: ${listed(COPIED_LABELS, "or")}, or backendOptions.siteProperty with the property that carries the site`,
    });
  }
  if (property !== undefined && !property.startsWith("Aux/")) {
    problems.push({
      path: "backendOptions.siteProperty",
      value: shown(property),
      message: "LINSTOR places by auxiliary properties only",
      allowed: "Allowed: a property that starts with Aux/",
    });
  }
  if (topology.maxPerSite > 1 && !isAtLeast(site.backendVersion, HARD_X_REPLICAS)) {
    problems.push({
      path: "replicationFactor",
      value: String(site.replicationFactor),
      message:
        `${topology.maxPerSite} copies per site are held hard only with xReplicasOnDifferent, which LINSTOR ` +
        `${String(site.backendVersion)} lacks or can break`,
      allowed: `Allowed: ${oneEach(topology)}, or LINSTOR ${HARD_X_REPLICAS} or newer`,
    });
  }
  return problems;
}

function witnessProblems(site: Site): readonly Problem[] {
  return site.topology.sites.flatMap((place, index) =>
    place.role === "witness" && place.storageNodes.length === 0
      ? [
          {
            path: `topology.sites[${index}].storageNodes`,
            value: "[]",
            message: `the tie-breaker of witness ${place.name} needs a node that runs a LINSTOR satellite`,
            allowed: "Allowed: one node name or more (no storage pool is needed there)",
          },
        ]
      : [],
  );
}

/** A pod without a copy on its node took the tie-breaker's vote to its own site before 1.34. */
function remoteProblems({ site }: StorageRequest): readonly Problem[] {
  if (isAtLeast(site.backendVersion, VOTELESS_CLIENTS) || site.replicationFactor % 2 !== 0) {
    return [];
  }
  return site.classes
    .flatMap((spec, index) => {
      if (!remoteAccess(site, spec)) {
        return [];
      }
      const ofClass = spec.options["allowRemoteVolumeAccess"] !== undefined;
      return [
        {
          path: ofClass
            ? `classes[${index}].options.allowRemoteVolumeAccess`
            : "backendOptions.allowRemoteVolumeAccess",
          value: "true",
          message:
            `before LINSTOR ${VOTELESS_CLIENTS} a pod on a node without a copy takes the tie-breaker's place and ` +
            "gives its own site a second vote, so the loss of that site would stop the volume",
          allowed: `Allowed: false, or LINSTOR ${VOTELESS_CLIENTS} or newer`,
        },
      ];
    })
    .filter(
      (problem, index, all) => all.findIndex((other) => other.path === problem.path) === index,
    );
}

function encryptionProblems(site: Site): readonly Problem[] {
  if (textOption(site.backendOptions, "passphraseSecret") !== undefined) {
    return [];
  }
  return encryptionRefusals(
    site,
    () => "LINSTOR encrypts only when it has its passphrase",
    "Allowed: false, or backendOptions.passphraseSecret with the name of its secret",
  );
}
