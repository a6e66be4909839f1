import type { ClassPlan } from "../plan";
import { listed } from "../words";
import type { StorageRequest } from "./backend";
import { driverCheck, labelCheck } from "./clusterChecks";
import { BY_HAND, defineBackend } from "./define";
import { listOption, textOption } from "./options";
import { notObserved } from "./observation";
import { topologyTerms } from "./parameters";
import { vsphereRules } from "./vsphereCsiChecks";
import { vsanModel } from "./vsphereCsiModel";
import { CLASS_OPTIONS, OPTIONS, statedPolicy } from "./vsphereCsiOptions";

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
