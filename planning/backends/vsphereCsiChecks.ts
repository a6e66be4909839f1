import type { Problem } from "../problem";
import { isOpen } from "../checks/points";
import type { PointFile, Site } from "../site";
import { listed, shown } from "../words";
import type { StorageRequest } from "./backend";
import { fsTypeProblems } from "./common";
import { splitParameter } from "./genericChecks";
import { listOption, textOption } from "./options";
import { isAtLeast } from "./version";
import { policyEncrypts, statedPolicy } from "./vsphereCsiOptions";

/**
 * Rule of VM snapshots of nodes that use volumes, which a waiver may pass:
 * `{rule: vm-snapshot-locks-volumes, subject: virtualMachines}`.
 */
export const VM_SNAPSHOT_LOCKS = "vm-snapshot-locks-volumes";

/** First release of the driver whose snapshots are switched on. */
const SNAPSHOTS = "2.5";

/** What the stated policy contradicts, and what vSphere cannot hold at all. */
export function checkVsphereCsi(request: StorageRequest): readonly Problem[] {
  return [
    ...versionProblems(request.site),
    ...policyProblems(request.site),
    ...spreadProblems(request),
    ...witnessProblems(request),
    ...preferredProblems(request),
    ...categoryProblems(request),
    ...encryptionProblems(request.site),
    ...fsTypeProblems(request.site, ["ext4", "xfs"]),
    ...snapshotProblems(request.site),
  ];
}

function versionProblems({ backendVersion }: Site): readonly Problem[] {
  return backendVersion === undefined || isAtLeast(backendVersion, SNAPSHOTS)
    ? []
    : [
        {
          path: "backendVersion",
          value: shown(backendVersion),
          message:
            "before 2.5 the driver's snapshots are switched off, and without them there is no way back to the state before an upgrade",
          allowed: `Allowed: ${SNAPSHOTS} or newer`,
        },
      ];
}

function policyProblems(site: Site): readonly Problem[] {
  const policy = statedPolicy(site.backendOptions);
  if (policy.erasureCoding && !policy.stretched) {
    return [
      {
        path: "backendOptions.failureMethod",
        value: shown("erasureCoding"),
        message:
          "erasure coding keeps one copy in parts over several hosts, and replicationFactor counts full copies",
        allowed: "Allowed: mirroring",
      },
    ];
  }
  return policy.replicas === site.replicationFactor
    ? []
    : [
        {
          path: "replicationFactor",
          value: String(site.replicationFactor),
          message:
            `the storage policy, as stated, keeps ${policy.replicas} (failuresToTolerate: ${policy.failuresToTolerate}, ` +
            `siteDisasterTolerance: ${policy.stretched ? "mirror" : "none"})`,
          allowed: `Allowed: ${policy.replicas}, or a policy that keeps ${site.replicationFactor}`,
        },
      ];
}

function spreadProblems({ site, topology }: StorageRequest): readonly Problem[] {
  const { stretched } = statedPolicy(site.backendOptions);
  const sites = topology.dataSites.length;
  if (sites > 2) {
    return [
      {
        path: "topology.sites",
        value: undefined,
        message: `a storage policy mirrors over two sites, and ${sites} are to hold data`,
        allowed: "Allowed: one or two sites with role: data",
      },
    ];
  }
  if (stretched === (sites === 2)) {
    return [];
  }
  const stated = textOption(site.backendOptions, "siteDisasterTolerance");
  return [
    {
      path: "backendOptions.siteDisasterTolerance",
      value: stated === undefined ? undefined : shown(stated),
      message: stretched
        ? "the policy mirrors over two sites, and one site is to hold data"
        : "the cluster spans two data sites, and nothing is stated that keeps the copies on different ones",
      allowed: `Allowed: ${stretched ? "none, or a second site with role: data" : "mirror"}`,
    },
  ];
}

function witnessProblems({ site, topology }: StorageRequest): readonly Problem[] {
  const witnesses = topology.witnessSites.map((place) => place.name);
  if (!statedPolicy(site.backendOptions).stretched || witnesses.length === 1) {
    return [];
  }
  return [
    {
      path: "topology.sites",
      value: undefined,
      message:
        witnesses.length === 0
          ? "a stretched cluster has a witness host, and no site says where it stands"
          : `a stretched cluster has one witness host, and there are ${witnesses.length} witnesses (${listed(witnesses)})`,
      allowed:
        "Allowed: one site with role: witness, with locatedIn where it stands in the building of a data site",
    },
  ];
}

function preferredProblems({ site, topology }: StorageRequest): readonly Problem[] {
  const preferred = textOption(site.backendOptions, "preferredSite");
  const names = topology.dataSites.map((place) => place.name);
  return preferred === undefined || names.includes(preferred)
    ? []
    : [
        {
          path: "backendOptions.preferredSite",
          value: shown(preferred),
          message: "there is no data site of this name",
          allowed: `Allowed: ${listed(names, "or")}`,
          candidates: names,
        },
      ];
}

function categoryProblems({ site, topology }: StorageRequest): readonly Problem[] {
  const categories = listOption(site.backendOptions, "topologyCategories");
  if (categories.length > 0 && topology.spread === "sites") {
    return [
      {
        path: "backendOptions.topologyCategories",
        value: shown(categories),
        message:
          "in a stretched cluster tags choose no site, and volumes confined to one would not be usable in the other",
        allowed: "Allowed: no such key",
      },
    ];
  }
  return categories.flatMap((text, index) => {
    const [category, tag] = splitParameter(text);
    return category !== "" && tag !== "" && text.includes("=")
      ? []
      : [
          {
            path: `backendOptions.topologyCategories[${index}]`,
            value: shown(text),
            message: "a category is written with its tag",
            allowed: "Allowed: category=tag, e.g. k8s-zone=a",
          },
        ];
  });
}

function encryptionProblems(site: Site): readonly Problem[] {
  return site.classes.flatMap((spec, index) =>
    spec.encryption && !policyEncrypts(site.backendOptions, spec)
      ? [
          {
            path: `classes[${index}].encryption`,
            value: "true",
            message: "it is the storage policy that encrypts, and nothing states that it does",
            allowed: "Allowed: false, or policyEncrypts: true beside the policy's name",
          },
        ]
      : [],
  );
}

/** A snapshot of a node VM holds the disks of its volumes fast: they can be neither detached nor grown meanwhile. */
function snapshotProblems(site: Site): readonly Problem[] {
  return site.restorePoints
    .filter((point) => isOpen(point) && takesWorkloads(site, point))
    .map((point) => ({
      path: "virtualMachines",
      value: shown(point.virtualMachines),
      message:
        `restore point ${point.name} takes VMs whose nodes use volumes: while such a snapshot is kept, those volumes ` +
        "cannot be detached, so no pod with one can move",
      allowed:
        "Allowed: none, or control-plane nodes by name; a waiver where every node is drained first",
      file: `${site.restorePointsDir}/${site.stack}/${point.name}.yaml`,
      rule: VM_SNAPSHOT_LOCKS,
    }));
}

function takesWorkloads(site: Site, { virtualMachines: named }: PointFile): boolean {
  return (site.virtualMachines?.nodes ?? []).some(
    ({ name, role }) =>
      role !== "controlPlane" &&
      (named === "all" || (typeof named === "object" && named.includes(name))),
  );
}
