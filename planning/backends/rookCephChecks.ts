import type { Problem } from "../problem";
import { listed, shown } from "../words";
import type { StorageRequest } from "./backend";
import { siteNames, unknownSiteProblems } from "./members";
import { listOption } from "./options";
import {
  cephLayout,
  counts,
  CRUSH_LABELS,
  isStretch,
  STRETCH_COPIES,
  stretchMonitors,
} from "./rookCephLayout";
import { checkCephVolumes } from "./rookCephVolumeChecks";

/** Rule of two copies, which a waiver may pass: `{rule: ceph-size-two, subject: replicationFactor}`. */
export const CEPH_SIZE_TWO = "ceph-size-two";

/** What Ceph or Rook cannot hold hard, or at all, for a site. */
export function checkRookCeph(request: StorageRequest): readonly Problem[] {
  return [
    ...labelProblems(request),
    ...replicaProblems(request),
    ...arbiterProblems(request),
    ...monitorProblems(request),
    ...checkCephVolumes(request.site),
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

function replicaProblems({ site, topology }: StorageRequest): readonly Problem[] {
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

function monitorProblems(request: StorageRequest): readonly Problem[] {
  const { site, topology } = request;
  const stated = listOption(site.backendOptions, "monitors");
  const names = siteNames(topology);
  const path = "backendOptions.monitors";
  const unknown = unknownSiteProblems(request, "monitors");
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
