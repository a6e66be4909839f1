import type { Rule } from "../problem";
import type { PointFile, Site } from "../site";
import { listed, shown } from "../words";
import type { StorageRequest } from "./backend";
import { encryptionRules, fsTypeRules, tooOld, driverCheck, labelCheck } from "./common";
import { listOption, textOption, pairRules, topologyTerms } from "./options";
import { isOpen, pointFile } from "../checks/restorePoints";
import { policyEncrypts, statedPolicy, vsanModel, CLASS_OPTIONS, OPTIONS } from "./vsphereCsiModel";
import type { ClassPlan } from "../plan";
import { BY_HAND, defineBackend } from "./define";
import { notObserved } from "./observation";

/**
 * Rule of VM snapshots of nodes that use volumes, which a waiver may pass:
 * `{rule: vm-snapshot-locks-volumes, subject: virtualMachines}`.
 */
export const VM_SNAPSHOT_LOCKS = "vm-snapshot-locks-volumes";

/** What the stated policy contradicts, and what vSphere cannot hold at all. */
function vsphereRules(request: StorageRequest): readonly Rule[] {
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

const PROVISIONER = "csi.vsphere.vmware.com";

/** Beginning of the node label that the driver sets from a tag category of vSphere. */
const LABEL = "topology.csi.vmware.com/";

/** vSphere's own volumes: the storage policy in vCenter keeps the copies, and only what is stated of it is claimed. */
export const vsphereCsi = defineBackend({
  id: "vsphere-csi",
  title: "vSphere CSI",
  options: OPTIONS,
  classOptions: CLASS_OPTIONS,
  limits: {
    // Three failures to tolerate by mirroring, in each of two sites.
    replicas: 8,
    // The driver's own limit (global-max-snapshots-per-block-volume), where its configuration sets no other.
    snapshotsPerVolume: 3,
    restoreSize: "equal",
    expandWithSnapshots: false,
  },
  unverified: [
    "What the storage policy does is the operator's statement: the policy is not read from vCenter.",
    "Losses are judged by vSAN's documentation; a node VM stands for the host that it runs on, and no vSAN cluster was run.",
    "That vSphere HA and DRS are on, and that DRS keeps the node VMs on different hosts and sites, is the operator's statement.",
    "Existing volumes follow another policy only where vCenter applies it to them; no command for it was tried.",
    "Lost copies are made again after 60 minutes: vSAN's default, which a cluster may change.",
    "Three snapshots per volume are the driver's default; a higher limit in its configuration is not read.",
  ],
  rules: vsphereRules,
  provisioner: PROVISIONER,
  harmless: {},
  parameters: ({ site }, spec) => {
    const datastore = textOption({ ...site.backendOptions, ...spec.options }, "datastoreUrl");
    return {
      storagepolicyname:
        textOption(spec.options, "storagePolicy") ?? statedPolicy(site.backendOptions).name,
      ...(datastore === undefined ? {} : { datastoreurl: datastore }),
    };
  },
  allowedTopologies: categories,
  automatic: ({ site }) => {
    const missing = ["highAvailability", "drs"].filter((key) => site.backendOptions[key] !== true);
    return missing.length > 0
      ? {
          missing:
            "it is vSphere HA that starts the VM of a lost host elsewhere, and DRS that finds it a place; nothing states that " +
            "both are on",
          instead: `, or ${listed(missing.map((key) => `backendOptions.${key}: true`))}`,
        }
      : {
          mechanism:
            "as stated: vSphere HA starts the VM of a lost host or site again where its volumes can be reached, DRS places it, and " +
            "its pods come back with it",
          rebuilds:
            "yes: after 60 minutes vSAN makes lost copies again where a host without one is left; those of a whole lost site wait for its return",
        };
  },
  manualSteps: () => [
    "in vCenter, power the VM of NODE off, or see that it is off",
    BY_HAND.taint,
    `${BY_HAND.wait}; a volume that stays attached is detached from the VM in vCenter`,
    BY_HAND.untaint,
  ],
  model: ({ site, topology }) =>
    vsanModel(
      topology,
      statedPolicy(site.backendOptions),
      textOption(site.backendOptions, "preferredSite"),
    ),
  observation: () =>
    notObserved(
      "the vSAN service of vCenter knows where the components of a disk stand, and it is not asked",
      "look in the vSphere Client: cluster, Monitor, vSAN, Virtual Objects",
    ),
  clusterChecks: (request) => [
    driverCheck("vSphere CSI driver", PROVISIONER, "install the vSphere CSI driver"),
    ...(categories(request)?.[0] ?? []).map(({ key, values }) =>
      labelCheck(
        `category-${key.slice(LABEL.length)}`,
        `the storage nodes are labelled ${key}=${listed(values, "or")}`,
        {
          key,
          nodes: request.topology.dataSites.flatMap((site) => site.storageNodes),
          ...(values.length === 1 ? { value: values[0] ?? "" } : {}),
        },
        `assign the tag ${listed(values, "or")} of category ${key.slice(LABEL.length)} in vCenter and name the category in the driver's topology-categories`,
      ),
    ),
  ],
});

function categories({ site }: StorageRequest): ClassPlan["allowedTopologies"] {
  const stated = listOption(site.backendOptions, "topologyCategories");
  return topologyTerms(stated.map((category) => `${LABEL}${category}`));
}
