import type { TopologyPlan } from "../plan";
import type { Rule } from "../problem";
import type { Site } from "../site";
import { listed, shown } from "../words";
import type { StorageRequest } from "./backend";
import { encryptionRules, fsTypeRules, memberRules } from "./common";
import { listOption, textOption } from "./options";
import {
  cephLayout,
  CRUSH_LABELS,
  isStretch,
  STRETCH_COPIES,
  stretchMonitors,
  isBlock,
} from "./rookCephOptions";

/** Rule of two copies, which a waiver may pass: `{rule: ceph-size-two, subject: replicationFactor}`. */
const CEPH_SIZE_TWO = "ceph-size-two";

/** Rule of XFS on nodes that hold copies too: `{rule: ceph-xfs, subject: "classes[0].fsType"}`. */
const CEPH_XFS = "ceph-xfs";

/** Features that the driver takes only with others. */
const NEEDED_FEATURES: Readonly<Record<string, string>> = {
  "object-map": "exclusive-lock",
  "fast-diff": "object-map",
};

/** What Ceph or Rook cannot hold hard, or at all, for a site. */
export function cephRules(request: StorageRequest): readonly Rule[] {
  const { site, topology } = request;
  const { witnessSites } = topology;
  return [
    [
      cephLayout(request).failureDomain === undefined,
      "topology.siteLabel",
      "Rook does not read this label when it makes an OSD, so Ceph would not know the sites",
      listed(CRUSH_LABELS, "or"),
    ],
    ...factorRules(request),
    [
      isStretch(topology) && witnessSites.length > 1,
      "topology.sites",
      `a stretch cluster has one arbiter, and there are ${witnessSites.length} witnesses (${listed(witnessSites.map(({ name }) => name))})`,
      "two sites with role: data and one with role: witness",
    ],
    ...memberRules(
      request,
      "monitors",
      "Ceph's monitors",
      isStretch(topology) ? (stated, path) => stretchRule(topology, stated, path) : undefined,
    ),
    ...optionRules(site),
    ...fileSystemRules(site),
  ];
}

function factorRules({ site, topology }: StorageRequest): readonly Rule[] {
  const factor = site.replicationFactor;
  const sites = topology.dataSites.length;
  const path = "replicationFactor";
  const stretch = isStretch(topology);
  const several = !stretch && topology.spread === "sites" && topology.maxPerSite > 1;
  const oneInEach = sites === 3 ? "3" : `3 to ${sites}`;
  return [
    [
      stretch && factor !== STRETCH_COPIES,
      path,
      "two data sites and an arbiter are a stretch cluster, where Rook accepts pools of two copies in each data site only",
      String(STRETCH_COPIES),
    ],
    [
      several && sites === 2 && factor !== STRETCH_COPIES,
      path,
      `over two sites Rook can hold one copy in each hard, or two in each, but not ${factor} copies`,
      String(STRETCH_COPIES),
    ],
    [
      several && sites !== 2,
      path,
      `Rook can hold one copy per site hard, but not ${topology.maxPerSite} per site over ${sites} sites`,
      oneInEach,
    ],
    [
      !stretch && !several && factor === 2,
      path,
      "2 copies go on after a loss only with min_size 1: a write is then acknowledged that lies on one copy alone, and " +
        "is lost with it",
      sites === 1 ? "3 or more" : sites === 2 ? `${STRETCH_COPIES}, two in each site` : oneInEach,
      { rule: CEPH_SIZE_TWO },
    ],
  ];
}

function stretchRule(topology: TopologyPlan, stated: readonly string[], path: string): Rule {
  const wanted = [...stretchMonitors(topology)].flatMap(([name, count]) =>
    Array.from({ length: count }, () => name),
  );
  return [
    stated.length > 0 && String([...stated].sort()) !== String([...wanted].sort()),
    path,
    "a stretch cluster has five monitors, two in each data site and one at the arbiter",
    `${shown(wanted)}, or no such key`,
  ];
}

function optionRules(site: Site): readonly Rule[] {
  const options = site.backendOptions;
  const block = isBlock(options);
  const features = listOption(options, "imageFeatures");
  const missing = features.flatMap((feature) => {
    const needed = NEEDED_FEATURES[feature];
    return needed === undefined || features.includes(needed) ? [] : [`${feature} needs ${needed}`];
  });
  return [
    // An option of the other kind of volume would say nothing.
    ...(block ? ["filesystem"] : ["pool", "imageFeatures"]).map((key): Rule => [
      options[key] !== undefined,
      `backendOptions.${key}`,
      `this option says nothing with storage: ${block ? "rbd" : "cephfs"}`,
      `no such key, or storage: ${block ? "cephfs" : "rbd"}`,
    ]),
    [
      missing.length > 0,
      "backendOptions.imageFeatures",
      `the driver makes no image with these: ${listed(missing)}`,
      "each feature with those that it needs",
    ],
    ...encryptionRules(
      site,
      () => block && textOption(options, "encryptionKmsId") !== undefined,
      () =>
        block
          ? "the driver encrypts a volume with a key from a key management service, and none is named"
          : "the driver encrypts a shared file system only with kernels from 6.6, which nothing here can see",
      `${block ? "" : "storage: rbd with "}backendOptions.encryptionKmsId`,
    ),
  ];
}

function fileSystemRules(site: Site): readonly Rule[] {
  const block = isBlock(site.backendOptions);
  return [
    ...(block ? fsTypeRules(site, ["ext4", "xfs"]) : []),
    ...site.classes.map(({ fsType }, index): Rule => {
      const path = `classes[${index}].fsType`;
      return block
        ? [
            fsType === "xfs",
            path,
            "XFS may lock up where a volume is mounted on a node that holds copies, and here the storage nodes run the workloads",
            "ext4",
            { rule: CEPH_XFS },
          ]
        : [
            fsType !== undefined,
            path,
            "CephFS is a file system itself, and makes no other",
            "no such key",
          ];
    }),
  ];
}
