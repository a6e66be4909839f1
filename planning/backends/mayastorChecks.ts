import type { Problem } from "../problem";
import { shown } from "../words";
import { apiProblems } from "./apiOptions";
import type { StorageRequest } from "./backend";
import { encryptionRefusals, fsTypeProblems, oneEach } from "./common";
import { REPLICATED_SNAPSHOTS, SPREAD_HELD } from "./mayastorOptions";
import { memberProblems } from "./members";
import { textOption } from "./options";
import { isAtLeast } from "./version";

/** What Mayastor cannot hold hard, or at all, for a site. */
export function checkMayastor(request: StorageRequest): readonly Problem[] {
  const { site } = request;
  return [
    ...versionProblems(request),
    ...spreadProblems(request),
    ...memberProblems(request, "etcdMembers", "Mayastor's etcd"),
    ...encryptionProblems(request),
    ...fsTypeProblems(site, ["ext4", "xfs", "btrfs"]),
    ...apiProblems(request),
  ];
}

function versionProblems({ site, topology }: StorageRequest): readonly Problem[] {
  const { backendVersion } = site;
  const refuse = (message: string, least: string): readonly Problem[] => [
    {
      path: "backendVersion",
      value: shown(String(backendVersion)),
      message,
      allowed: `Allowed: ${least} or newer`,
    },
  ];
  if (topology.spread === "sites" && !isAtLeast(backendVersion, SPREAD_HELD)) {
    return refuse(
      "an older release may build a lost copy again in a site that holds one already (openebs/mayastor#1799)",
      SPREAD_HELD,
    );
  }
  return isAtLeast(backendVersion, REPLICATED_SNAPSHOTS)
    ? []
    : refuse(
        `before ${REPLICATED_SNAPSHOTS} Mayastor cuts no snapshot of a volume that has several copies`,
        REPLICATED_SNAPSHOTS,
      );
}

function spreadProblems({ site, topology }: StorageRequest): readonly Problem[] {
  const key = textOption(site.backendOptions, "nodeSpreadKey");
  const path = "backendOptions.nodeSpreadKey";
  if (topology.spread === "nodes") {
    return key === undefined
      ? []
      : [
          {
            path,
            value: shown(key),
            message:
              "with one data site all copies have the same value there, and no two could be placed",
            allowed: "Allowed: no such key, or more data sites",
          },
        ];
  }
  const missing: readonly Problem[] =
    key === undefined
      ? [
          {
            path,
            value: undefined,
            message:
              "Mayastor places by labels of its own nodes and reads no Kubernetes label, so without this one all copies might stand in one site",
            allowed:
              "Allowed: the key that kubectl mayastor label node NODE KEY=SITE has set on every storage node",
          },
        ]
      : key.trim() !== key || key.includes("\n") || key.includes(":")
        ? [
            {
              path,
              value: shown(key),
              message: "this is not one label key; each line would be taken for another key",
              allowed: "Allowed: one key, such as zone",
            },
          ]
        : [];
  return topology.maxPerSite > 1
    ? [
        {
          path: "replicationFactor",
          value: String(site.replicationFactor),
          message: `Mayastor keeps all copies in different sites or lets them stand anywhere, but does not hold ${topology.maxPerSite} per site`,
          allowed: `Allowed: ${oneEach(topology)}, or more data sites`,
        },
        ...missing,
      ]
    : missing;
}

function encryptionProblems({ site }: StorageRequest): readonly Problem[] {
  if (site.backendOptions["encryptedPools"] === true) {
    return [];
  }
  return encryptionRefusals(
    site,
    () => "Mayastor encrypts in its pools, and nothing states that there are encrypted ones",
    "Allowed: false, or backendOptions.encryptedPools: true",
  );
}
