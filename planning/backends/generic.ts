import type { ClassPlan, FailoverPlan, Loss, Verdict } from "../plan";
import type { Problem } from "../problem";
import type { StorageClassSpec } from "../site";
import { statedModel } from "../survival/stated";
import { verdict } from "../survival/verdict";
import type { OptionSpec, StorageBackend, StorageRequest } from "./backend";
import { fsTypeParameter } from "./common";
import { checkGeneric, splitParameter } from "./genericChecks";
import { listOption, textOption } from "./options";
import { notObserved } from "./observation";
import { siteLabelChecks } from "./siteLabels";
import { shown } from "../words";

const PARAMETERS: OptionSpec = {
  type: "strings",
  description: "further class parameters of the driver, each as key=value, passed on as they are",
};

const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  provisioner: { type: "string", description: "name of the CSI driver", required: true },
  replicaKey: {
    type: "string",
    description: "class parameter with which the driver is told the number of copies",
  },
  arrayReplicates: {
    type: "boolean",
    description:
      "true: the array keeps the copies by itself, as its own configuration or policy says, and the class names no number",
  },
  copies: {
    type: "integer",
    description: "copies that the array keeps of each volume, with arrayReplicates",
    minimum: 1,
    maximum: 16,
  },
  spread: {
    type: "string",
    description:
      "what the storage guarantees without exception: copies on different nodes, or on different sites with at most ceil(replicationFactor / data sites) in each",
    allowed: ["nodes", "sites"],
  },
  survives: {
    type: "strings",
    description:
      "losses after which the storage serves reads and writes with no acknowledged write lost, by its maker's word or your own test",
    allowed: ["node", "host", "datastore", "site", "witness", "link"],
    default: "none",
  },
  snapshots: {
    type: "boolean",
    description: "true: the driver has CSI snapshots; restore points need them",
    required: true,
  },
  groupSnapshots: {
    type: "boolean",
    description: "true: the driver has CSI group snapshots",
    default: "false",
  },
  snapshotsWithCopies: {
    type: "boolean",
    description: "true: a snapshot can be read as long as one copy of its volume can",
    default: "false",
  },
  failoverMechanism: {
    type: "string",
    description: "what moves a workload from a lost node without a person, in your words",
  },
  parameters: PARAMETERS,
  volumeBindingMode: {
    type: "string",
    description: "when a volume is made",
    allowed: ["WaitForFirstConsumer", "Immediate"],
    default: "WaitForFirstConsumer",
  },
};

/** Any other CSI driver. Nothing can be inferred about it, so nothing is claimed that was not stated. */
export const generic: StorageBackend = {
  id: "generic",
  title: "Any other CSI driver",
  options: OPTIONS,
  classOptions: { parameters: PARAMETERS },
  limits: {
    replicas: 16,
    snapshotsPerVolume: undefined,
    // The careful answers: both are true of every driver that is more generous.
    restoreSize: "equal",
    expandWithSnapshots: false,
  },
  unverified: [
    "Everything about this driver is its operator's statement; nothing of it is checked but that the driver is installed.",
  ],
  check: checkGeneric,
  provisioner: (options) => textOption(options, "provisioner") ?? "",
  storageClass,
  companions: () => [],
  snapshotClass: (request) => snapshotClassOf(request),
  groupSnapshotClass: (request) =>
    request.site.backendOptions["groupSnapshots"] === true ? snapshotClassOf(request) : undefined,
  failover,
  survival,
  raiseFactor: () => ({ existingVolumes: "unchanged", command: undefined }),
  observation: () => notObserved("nothing is known of this storage but what its operator states"),
  clusterChecks: (request) => [
    {
      id: "driver",
      title: `the CSI driver ${generic.provisioner(request.site.backendOptions)} is installed`,
      requires: { kind: "csiDriver", name: generic.provisioner(request.site.backendOptions) },
      severity: "error",
      remedy: "install the driver, or correct backendOptions.provisioner",
    },
    ...siteLabelChecks(request, false),
  ],
};

function storageClass({ site }: StorageRequest, spec: StorageClassSpec): ClassPlan {
  const options = site.backendOptions;
  const replicaKey = textOption(options, "replicaKey");
  const further = [...listOption(options, "parameters"), ...listOption(spec.options, "parameters")];
  return {
    spec,
    provisioner: generic.provisioner(options),
    parameters: {
      ...Object.fromEntries(further.map(splitParameter)),
      ...(replicaKey === undefined ? {} : { [replicaKey]: String(site.replicationFactor) }),
      ...fsTypeParameter(spec),
    },
    allowedTopologies: undefined,
    volumeBindingMode:
      textOption(options, "volumeBindingMode") === "Immediate"
        ? "Immediate"
        : "WaitForFirstConsumer",
    mountOptions: spec.mountOptions,
  };
}

function snapshotClassOf({ site }: StorageRequest): ReturnType<StorageBackend["snapshotClass"]> {
  return {
    name: site.snapshots.className,
    driver: generic.provisioner(site.backendOptions),
    deletionPolicy: site.snapshots.deletionPolicy,
    parameters: {},
  };
}

function failover({ site }: StorageRequest): FailoverPlan | { readonly refused: Problem } {
  const mechanism = textOption(site.backendOptions, "failoverMechanism");
  if (site.failover === "manual") {
    return {
      mode: "manual",
      why: "failover: manual is configured",
      steps: [
        "kubectl taint node NODE node.kubernetes.io/out-of-service=nodeshutdown:NoExecute",
        "wait until the pods run on another node",
        "check in the storage's own tools that every volume has all its copies again",
        "kubectl taint node NODE node.kubernetes.io/out-of-service- once the node is back",
      ],
    };
  }
  return mechanism === undefined
    ? {
        refused: {
          path: "failover",
          value: shown("automatic"),
          message: "nothing is stated that moves a workload from a lost node",
          allowed: "Allowed: manual, or backendOptions.failoverMechanism with what does",
        },
      }
    : {
        mode: "automatic",
        mechanism: `as stated: ${mechanism}`,
        rebuilds: "not stated: ask the storage's own documentation",
      };
}

function survival({ site, topology }: StorageRequest, loss: Loss): Verdict {
  const options = site.backendOptions;
  return verdict(
    {
      topology,
      factor: site.replicationFactor,
      automatic:
        site.failover === "automatic" && textOption(options, "failoverMechanism") !== undefined,
    },
    statedModel(
      site.replicationFactor,
      listOption(options, "survives"),
      options["snapshotsWithCopies"] === true ? "copies" : "notStated",
    ),
    loss,
  );
}
