import type { Rule } from "../problem";
import type { PointFile, Site } from "../site";
import { listed, shown } from "../words";
import type { StorageRequest } from "./backend";
import { encryptionRules, fsTypeRules, tooOld } from "./common";
import { listOption, textOption } from "./options";
import { pairRules } from "./parameters";
import { isOpen, pointFile } from "../checks/points";
import { policyEncrypts, statedPolicy } from "./vsphereCsiOptions";

/**
 * Rule of VM snapshots of nodes that use volumes, which a waiver may pass:
 * `{rule: vm-snapshot-locks-volumes, subject: virtualMachines}`.
 */
export const VM_SNAPSHOT_LOCKS = "vm-snapshot-locks-volumes";

/** What the stated policy contradicts, and what vSphere cannot hold at all. */
export function vsphereRules(request: StorageRequest): readonly Rule[] {
  const { site } = request;
  return [
    tooOld(
      site,
      "2.5",
      "before 2.5 the driver's snapshots are switched off, and without them there is no way back to the state before an upgrade",
    ),
    ...policyRules(request),
    ...categoryRules(request),
    ...encryptionRules(
      site,
      (spec) => policyEncrypts(site.backendOptions, spec),
      () => "it is the storage policy that encrypts, and nothing states that it does",
      "policyEncrypts: true beside the policy's name",
    ),
    ...fsTypeRules(site, ["ext4", "xfs"]),
    ...snapshotRules(site),
  ];
}

function policyRules({ site, topology }: StorageRequest): readonly Rule[] {
  const options = site.backendOptions;
  const { erasureCoding, stretched, replicas, failuresToTolerate } = statedPolicy(options);
  const parts = erasureCoding && !stretched;
  // One copy mirrors over nothing; its own rule says what that costs.
  const single = replicas === 1 && site.replicationFactor === 1;
  const names = topology.dataSites.map(({ name }) => name);
  const sites = names.length;
  const witnesses = topology.witnessSites.map(({ name }) => name);
  const preferred = textOption(options, "preferredSite");
  return [
    [
      parts,
      "backendOptions.failureMethod",
      "erasure coding keeps one copy in parts over several hosts, and replicationFactor counts full copies",
      "mirroring",
    ],
    [
      !parts && replicas !== site.replicationFactor,
      "replicationFactor",
      `the storage policy, as stated, keeps ${replicas} (failuresToTolerate: ${failuresToTolerate}, ` +
        `siteDisasterTolerance: ${stretched ? "mirror" : "none"})`,
      `${replicas}, or a policy that keeps ${site.replicationFactor}`,
    ],
    [
      sites > 2 && !single,
      "topology.sites",
      `a storage policy mirrors over two sites, and ${sites} are to hold data`,
      "one or two sites with role: data",
    ],
    [
      sites <= 2 && stretched !== (sites === 2) && !single,
      "backendOptions.siteDisasterTolerance",
      stretched
        ? "the policy mirrors over two sites, and one site is to hold data"
        : "the cluster spans two data sites, and nothing is stated that keeps the copies on different ones",
      stretched ? "none, or a second site with role: data" : "mirror",
    ],
    [
      stretched && witnesses.length !== 1,
      "topology.sites",
      witnesses.length === 0
        ? "a stretched cluster has a witness host, and no site says where it stands"
        : `a stretched cluster has one witness host, and there are ${witnesses.length} witnesses (${listed(witnesses)})`,
      "one site with role: witness, with locatedIn where it stands in the building of a data site",
    ],
    [
      preferred !== undefined && !names.includes(preferred),
      "backendOptions.preferredSite",
      "there is no data site of this name",
      listed(names, "or"),
      { candidates: names },
    ],
  ];
}

function categoryRules({ site, topology }: StorageRequest): readonly Rule[] {
  const categories = listOption(site.backendOptions, "topologyCategories");
  const path = "backendOptions.topologyCategories";
  return [
    [
      categories.length > 0 && topology.spread === "sites" && site.replicationFactor > 1,
      path,
      "in a stretched cluster tags choose no site, and volumes confined to one would not be usable in the other",
      "no such key",
    ],
    ...pairRules(path, categories, "k8s-zone=a"),
  ];
}

/** A snapshot of a node VM holds the disks of its volumes fast: they can be neither detached nor grown meanwhile. */
function snapshotRules(site: Site): readonly Rule[] {
  return site.restorePoints.map((point) => [
    isOpen(point) && takesWorkloads(site, point),
    "virtualMachines",
    `restore point ${point.name} takes VMs whose nodes use volumes: while such a snapshot is kept, those volumes ` +
      "cannot be detached, so no pod with one can move",
    "none, or control-plane nodes by name; a waiver where every node is drained first",
    {
      value: shown(point.virtualMachines),
      file: pointFile(site, point),
      rule: VM_SNAPSHOT_LOCKS,
    },
  ]);
}

function takesWorkloads(site: Site, { virtualMachines: named }: PointFile): boolean {
  return (site.virtualMachines?.nodes ?? []).some(
    ({ name, role }) =>
      role !== "controlPlane" &&
      (named === "all" || (typeof named === "object" && named.includes(name))),
  );
}
