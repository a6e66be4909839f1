import type { Problem } from "../problem";
import type { Site } from "../site";
import { listed, shown } from "../words";
import type { StorageRequest } from "./backend";
import { fsTypeProblems } from "./common";
import { listOption, textOption } from "./options";
import {
  cephLayout,
  counts,
  CRUSH_LABELS,
  isStretch,
  STRETCH_COPIES,
  stretchMonitors,
} from "./rookCephLayout";
import { isBlock } from "./rookCephOptions";

/** Rule of two copies, which a waiver may pass: `{rule: ceph-size-two, subject: replicationFactor}`. */
export const CEPH_SIZE_TWO = "ceph-size-two";

/** Rule of XFS on nodes that hold copies too: `{rule: ceph-xfs, subject: "classes[0].fsType"}`. */
export const CEPH_XFS = "ceph-xfs";

/** What Ceph or Rook cannot hold hard, or at all, for a site. */
export function checkRookCeph(request: StorageRequest): readonly Problem[] {
  return [
    ...labelProblems(request),
    ...copyProblems(request),
    ...arbiterProblems(request),
    ...monitorProblems(request),
    ...kindProblems(request.site),
    ...encryptionProblems(request.site),
    ...fileSystemProblems(request.site),
  ];
}

function labelProblems(request: StorageRequest): readonly Problem[] {
  const { siteLabel } = request.topology;
  return cephLayout(request).failureDomain === undefined
    ? [
        {
          path: "topology.siteLabel",
          value: shown(siteLabel),
          message:
            "Rook does not read this label when it makes an OSD, so Ceph would not know the sites",
          allowed: `Allowed: ${listed(CRUSH_LABELS, "or")}`,
        },
      ]
    : [];
}

function copyProblems({ site, topology }: StorageRequest): readonly Problem[] {
  const factor = site.replicationFactor;
  const sites = topology.dataSites.length;
  const refuse = (message: string, allowed: string, rule?: string): readonly Problem[] => [
    {
      path: "replicationFactor",
      value: String(factor),
      message,
      allowed: `Allowed: ${allowed}`,
      ...(rule === undefined ? {} : { rule }),
    },
  ];
  if (isStretch(topology)) {
    return factor === STRETCH_COPIES
      ? []
      : refuse(
          "two data sites and an arbiter are a stretch cluster, where Rook accepts pools of two copies in each data site only",
          String(STRETCH_COPIES),
        );
  }
  if (topology.spread === "sites" && topology.maxPerSite > 1) {
    if (sites === 2 && factor === STRETCH_COPIES) {
      return [];
    }
    return refuse(
      sites === 2
        ? `over two sites Rook can hold one copy in each hard, or two in each, but not ${factor} copies`
        : `Rook can hold one copy per site hard, but not ${topology.maxPerSite} per site over ${sites} sites`,
      sites === 2 ? String(STRETCH_COPIES) : sites === 3 ? "3" : `3 to ${sites}`,
    );
  }
  return factor === 2
    ? refuse(
        "2 copies go on after a loss only with min_size 1: a write is then acknowledged that lies on one copy alone, and " +
          "is lost with it",
        sites === 2
          ? `${STRETCH_COPIES}, two in each site`
          : sites === 1
            ? "3 or more"
            : sites === 3
              ? "3"
              : `3 to ${sites}`,
        CEPH_SIZE_TWO,
      )
    : [];
}

function arbiterProblems({ topology }: StorageRequest): readonly Problem[] {
  const { witnessSites } = topology;
  return isStretch(topology) && witnessSites.length > 1
    ? [
        {
          path: "topology.sites",
          value: undefined,
          message: `a stretch cluster has one arbiter, and there are ${witnessSites.length} witnesses (${listed(witnessSites.map((site) => site.name))})`,
          allowed: "Allowed: two sites with role: data and one with role: witness",
        },
      ]
    : [];
}

function monitorProblems({ site, topology }: StorageRequest): readonly Problem[] {
  const stated = listOption(site.backendOptions, "monitors");
  const names = [...topology.dataSites, ...topology.witnessSites].map((place) => place.name);
  const path = "backendOptions.monitors";
  const unknown = stated.flatMap((name, index) =>
    names.includes(name)
      ? []
      : [
          {
            path: `${path}[${index}]`,
            value: shown(name),
            message: "there is no site of this name",
            allowed: `Allowed: ${listed(names, "or")}`,
            candidates: names,
          },
        ],
  );
  if (unknown.length > 0) {
    return unknown;
  }
  const refuse = (message: string, allowed: string): readonly Problem[] => [
    { path, value: stated.length === 0 ? undefined : shown(stated), message, allowed },
  ];
  if (isStretch(topology)) {
    const wanted = [...stretchMonitors(topology)].flatMap(([name, count]) =>
      Array.from({ length: count }, () => name),
    );
    const found = counts(stated);
    const same =
      stated.length === wanted.length &&
      wanted.every((name) => found.get(name) === counts(wanted).get(name));
    return stated.length === 0 || same
      ? []
      : refuse(
          "a stretch cluster has five monitors, two in each data site and one at the arbiter",
          `Allowed: ${shown(wanted)}, or no such key`,
        );
  }
  if (stated.length === 0) {
    return topology.spread === "nodes"
      ? []
      : refuse(
          "nothing states in which sites Ceph's monitors run, and without their majority no copy is of use",
          `Allowed: the site of each monitor, such as ${shown(names.slice(0, 3))}`,
        );
  }
  return stated.length < 3 || stated.length % 2 === 0
    ? refuse(
        "monitors decide by majority: an even number survives no more than one less, and one or two survive nothing",
        "Allowed: an odd number of three or more",
      )
    : [];
}

/** An option of the other kind of volume would say nothing. */
function kindProblems(site: Site): readonly Problem[] {
  const block = isBlock(site.backendOptions);
  const idle = block ? ["filesystem"] : ["pool", "imageFeatures"];
  return idle.flatMap((key) => {
    const value = site.backendOptions[key];
    return value === undefined
      ? []
      : [
          {
            path: `backendOptions.${key}`,
            value: shown(value),
            message: `this option says nothing with storage: ${block ? "rbd" : "cephfs"}`,
            allowed: `Allowed: no such key, or storage: ${block ? "cephfs" : "rbd"}`,
          },
        ];
  });
}

function encryptionProblems(site: Site): readonly Problem[] {
  const options = site.backendOptions;
  const named = textOption(options, "encryptionKmsId") !== undefined;
  if (isBlock(options) && named) {
    return [];
  }
  return site.classes.flatMap((spec, index) =>
    spec.encryption
      ? [
          {
            path: `classes[${index}].encryption`,
            value: "true",
            message: isBlock(options)
              ? "the driver encrypts a volume with a key from a key management service, and none is named"
              : "the driver encrypts a shared file system only with kernels from 6.6, which nothing here can see",
            allowed: `Allowed: false, or ${isBlock(options) ? "backendOptions.encryptionKmsId" : "storage: rbd with backendOptions.encryptionKmsId"}`,
          },
        ]
      : [],
  );
}

function fileSystemProblems(site: Site): readonly Problem[] {
  if (isBlock(site.backendOptions)) {
    return [
      ...fsTypeProblems(site, ["ext4", "xfs"]),
      ...site.classes.flatMap((spec, index) =>
        spec.fsType === "xfs"
          ? [
              {
                path: `classes[${index}].fsType`,
                value: shown(spec.fsType),
                message:
                  "XFS may lock up where a volume is mounted on a node that holds copies, and here the storage nodes run the workloads",
                allowed: "Allowed: ext4",
                rule: CEPH_XFS,
              },
            ]
          : [],
      ),
    ];
  }
  return site.classes.flatMap((spec, index) =>
    spec.fsType === undefined
      ? []
      : [
          {
            path: `classes[${index}].fsType`,
            value: shown(spec.fsType),
            message: "CephFS is a file system itself, and makes no other",
            allowed: "Allowed: no such key",
          },
        ],
  );
}
