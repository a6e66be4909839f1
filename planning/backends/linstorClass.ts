import type { TopologyPlan } from "../plan";
import { shortHash } from "../names";
import type { Site, StorageClassSpec } from "../site";
import type { StorageRequest } from "./backend";
import { quorumOption, remoteAccessPolicy } from "./linstorOptions";
import { textOption } from "./options";
import { isAtLeast } from "./version";

/** Without the prefix a key may be mistaken for another driver's; with any other prefix LINSTOR ignores it silently. */
const PARAMETER = "linstor.csi.linbit.com/";
const PROPERTY = "property.linstor.csi.linbit.com/DrbdOptions/";

/** Longest name of a LINSTOR resource group. */
const GROUP_NAME_LIMIT = 48;

/** A class of LINSTOR: hard spread, quorum by suspension. */
export function linstorParameters(
  { site, topology }: StorageRequest,
  spec: StorageClassSpec,
): Readonly<Record<string, string>> {
  const same = textOption(site.backendOptions, "replicasOnSame");
  return {
    [`${PARAMETER}placementCount`]: String(site.replicationFactor),
    [`${PARAMETER}storagePool`]:
      textOption({ ...site.backendOptions, ...spec.options }, "storagePool") ?? "",
    // What encrypts is the LUKS layer in the list; the driver only reads the flag beside it.
    [`${PARAMETER}layerList`]: spec.encryption ? "drbd luks storage" : "drbd storage",
    ...(spec.encryption ? { [`${PARAMETER}encryption`]: "true" } : {}),
    [`${PARAMETER}allowRemoteVolumeAccess`]: remoteAccessPolicy(site, spec),
    ...(same === undefined ? {} : { [`${PARAMETER}replicasOnSame`]: same }),
    ...spreadParameters(site, topology),
    ...quorumParameters(site),
  };
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
  if (quorumOption(site.backendOptions) === "off") {
    return {
      ...(isAtLeast(site.backendVersion, "1.31") ? {} : { [`${PROPERTY}auto-quorum`]: "disabled" }),
      [`${PROPERTY}Resource/quorum`]: "off",
      [`${PROPERTY}Net/rr-conflict`]: "retry-connect",
    };
  }
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
export function resourceGroup(
  parameters: Readonly<Record<string, string>>,
  { name: className }: StorageClassSpec,
): Readonly<Record<string, string>> {
  const sorted = Object.entries(parameters).sort(([one], [two]) => (one < two ? -1 : 1));
  const hash = shortHash(JSON.stringify([className, sorted]));
  const plain = className.replace(/[^A-Za-z0-9_-]+/g, "-");
  const readable = plain.startsWith("atom-") ? plain : `atom-${plain}`;
  const start = readable.slice(0, GROUP_NAME_LIMIT - hash.length - 1).replace(/-+$/, "");
  return { [`${PARAMETER}resourceGroup`]: `${start}-${hash}` };
}
