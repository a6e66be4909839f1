import type { ClassPlan, FailoverPlan } from "../plan";
import type { Problem } from "../problem";
import type { StorageClassSpec } from "../site";
import { verdict } from "../survival/verdict";
import { listed, shown } from "../words";
import type { ClusterCheck, StorageBackend, StorageRequest } from "./backend";
import { fsTypeParameter } from "./common";
import { splitParameter } from "./genericChecks";
import { listOption, textOption } from "./options";
import { notObserved } from "./observation";
import { siteLabelChecks } from "./siteLabels";
import { checkVsphereCsi } from "./vsphereCsiChecks";
import { vsanModel } from "./vsphereCsiModel";
import { CLASS_OPTIONS, OPTIONS, PROVISIONER, statedPolicy } from "./vsphereCsiOptions";

/** Prefix of the node labels that the driver sets from vSphere's tags. */
const CATEGORY_LABEL = "topology.csi.vmware.com/";

/** vSphere's own volumes: the storage policy in vCenter keeps the copies, and only what is stated of it is claimed. */
export const vsphereCsi: StorageBackend = {
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
  check: checkVsphereCsi,
  provisioner: () => PROVISIONER,
  storageClass,
  companions: () => [],
  snapshotClass: ({ site }) => ({
    name: site.snapshots.className,
    driver: PROVISIONER,
    deletionPolicy: site.snapshots.deletionPolicy,
    // The driver knows no snapshot parameter.
    parameters: {},
  }),
  groupSnapshotClass: () => undefined,
  failover,
  survival: ({ site, topology }, loss) =>
    verdict(
      { topology, factor: site.replicationFactor, automatic: site.failover === "automatic" },
      vsanModel(
        topology,
        statedPolicy(site.backendOptions),
        textOption(site.backendOptions, "preferredSite"),
      ),
      loss,
    ),
  raiseFactor: () => ({ existingVolumes: "unchanged", command: undefined }),
  observation: () =>
    notObserved(
      "the vSAN service of vCenter knows where the components of a disk stand, and it is not asked",
      "look in the vSphere Client: cluster, Monitor, vSAN, Virtual Objects",
    ),
  clusterChecks: (request) => [
    {
      id: "driver",
      title: "the vSphere CSI driver is installed",
      requires: { kind: "csiDriver", name: PROVISIONER },
      severity: "error",
      remedy: "install the vSphere CSI driver",
    },
    ...siteLabelChecks(request, false),
    ...categories(request).map(([category, tag]): ClusterCheck => ({
      id: `category-${category}`,
      title: `the storage nodes are labelled ${CATEGORY_LABEL}${category}=${tag}`,
      requires: {
        kind: "nodeLabel",
        key: `${CATEGORY_LABEL}${category}`,
        nodes: request.topology.dataSites.flatMap((site) => site.storageNodes),
        value: tag,
      },
      severity: "error",
      remedy: `assign the tag ${tag} of category ${category} in vCenter and name the category in the driver's topology-categories`,
    })),
  ],
};

function storageClass(request: StorageRequest, spec: StorageClassSpec): ClassPlan {
  const { site } = request;
  const confined = categories(request);
  return {
    spec,
    provisioner: PROVISIONER,
    parameters: {
      storagepolicyname:
        textOption(spec.options, "storagePolicy") ?? statedPolicy(site.backendOptions).name,
      ...fsTypeParameter(spec),
    },
    allowedTopologies:
      confined.length === 0
        ? undefined
        : [
            confined.map(([category, tag]) => ({
              key: `${CATEGORY_LABEL}${category}`,
              values: [tag],
            })),
          ],
    volumeBindingMode: "WaitForFirstConsumer",
    mountOptions: spec.mountOptions,
  };
}

function categories({ site }: StorageRequest): readonly (readonly [string, string])[] {
  return listOption(site.backendOptions, "topologyCategories").map(splitParameter);
}

function failover({ site }: StorageRequest): FailoverPlan | { readonly refused: Problem } {
  if (site.failover === "manual") {
    return {
      mode: "manual",
      why: "failover: manual is configured",
      steps: [
        "in vCenter, power the VM of NODE off, or see that it is off",
        "kubectl taint node NODE node.kubernetes.io/out-of-service=nodeshutdown:NoExecute",
        "wait until the pods run on another node; a volume that stays attached is detached from the VM in vCenter",
        "kubectl taint node NODE node.kubernetes.io/out-of-service- once the node is back",
      ],
    };
  }
  const missing = ["highAvailability", "drs"].filter((key) => site.backendOptions[key] !== true);
  return missing.length > 0
    ? {
        refused: {
          path: "failover",
          value: shown("automatic"),
          message:
            "it is vSphere HA that starts the VM of a lost host elsewhere, and DRS that finds it a place; nothing states that " +
            "both are on",
          allowed: `Allowed: manual, or ${listed(missing.map((key) => `backendOptions.${key}: true`))}`,
        },
      }
    : {
        mode: "automatic",
        mechanism:
          "as stated: vSphere HA starts the VM of a lost host or site again where its volumes can be reached, DRS places it, and " +
          "its pods come back with it",
        rebuilds:
          "yes: after 60 minutes vSAN makes lost copies again where a host without one is left; those of a whole lost site wait for its return",
      };
}
