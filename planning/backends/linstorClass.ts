import type { TopologyPlan } from "../plan";
import { shortHash } from "../names";
import type { Site, StorageClassSpec } from "../site";
import type { StorageRequest } from "./backend";
import { quorumOption, remoteAccess } from "./linstorOptions";
import { textOption } from "./options";
import { isAtLeast } from "./version";

/** Without the prefix a key may be mistaken for another driver's; with any other prefix LINSTOR ignores it silently. */
const PARAMETER = "linstor.csi.linbit.com/";
const PROPERTY = "property.linstor.csi.linbit.com/DrbdOptions/";

/** Longest name of a LINSTOR resource group. */
const GROUP_NAME_LIMIT = 48;

/** A class of LINSTOR: hard spread, quorum by suspension, a resource group of its own. */
export function linstorParameters(
  { site, topology }: StorageRequest,
  spec: StorageClassSpec,
): Readonly<Record<string, string>> {
  const parameters = {
    [`${PARAMETER}placementCount`]: String(site.replicationFactor),
    [`${PARAMETER}storagePool`]:
      textOption({ ...site.backendOptions, ...spec.options }, "storagePool") ?? "",
    // What encrypts is the LUKS layer in the list; the driver only reads the flag beside it.
    [`${PARAMETER}layerList`]: spec.encryption ? "drbd luks storage" : "drbd storage",
    ...(spec.encryption ? { [`${PARAMETER}encryption`]: "true" } : {}),
    [`${PARAMETER}allowRemoteVolumeAccess`]: String(remoteAccess(site, spec)),
    ...spreadParameters(site, topology),
    ...quorumParameters(site),
  };
  const hashed = { ...parameters, ...fsType(spec) };
  return { ...parameters, [`${PARAMETER}resourceGroup`]: resourceGroup(spec.name, hashed) };
}

/** Counts for the group's name: the driver is given it with the other parameters. */
function fsType({ fsType: type }: StorageClassSpec): Record<string, string> {
  return type === undefined ? {} : { "csi.storage.k8s.io/fstype": type };
}

function spreadParameters(site: Site, topology: TopologyPlan): Record<string, string> {
  // Copies always stand on different nodes; over nodes alone there is nothing to add.
  if (topology.spread === "nodes") {
    return {};
  }
  const key = textOption(site.backendOptions, "siteProperty") ?? topology.siteLabel;
  return topology.maxPerSite === 1
    ? { [`${PARAMETER}replicasOnDifferent`]: key }
    : { [`${PARAMETER}xReplicasOnDifferent`]: `${key}: ${topology.maxPerSite}` };
}

/**
 * What DRBD does without a majority: it suspends I/O, so that a volume goes on by itself once the others are back, and
 * it gives the device up where it can only be outdated. The fail-over controller builds on these.
 */
function quorumParameters(site: Site): Record<string, string> {
  return {
    // LINSTOR 1.31 took auto-quorum away: since then quorum is managed unless it is set, and this says what follows.
    [isAtLeast(site.backendVersion, "1.31")
      ? `${PROPERTY}Resource/on-no-quorum`
      : `${PROPERTY}auto-quorum`]: "suspend-io",
    ...(quorumOption(site.backendOptions) === "majority"
      ? { [`${PROPERTY}Resource/quorum`]: "majority" }
      : {}),
    [`${PROPERTY}Resource/on-no-data-accessible`]: "suspend-io",
    [`${PROPERTY}Resource/on-suspended-primary-outdated`]: "force-secondary",
    [`${PROPERTY}Net/rr-conflict`]: "retry-connect",
  };
}

/**
 * One resource group per class and set of parameters. A group keeps the properties it was made with ("cannot change
 * existing property value") while counts of a shared group change under the volumes that are already in it, so other
 * parameters get another group: its name carries their hash.
 */
function resourceGroup(className: string, parameters: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(parameters).sort(([one], [two]) => (one < two ? -1 : 1));
  const hash = shortHash(JSON.stringify([className, sorted]));
  const plain = className.replace(/[^A-Za-z0-9_-]+/g, "-");
  const readable = plain.startsWith("atom-") ? plain : `atom-${plain}`;
  return `${readable.slice(0, GROUP_NAME_LIMIT - hash.length - 1).replace(/-+$/, "")}-${hash}`;
}
