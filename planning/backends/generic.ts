import type { Rule } from "../problem";
import type { StorageRequest } from "./backend";
import { noEncryption, driverCheck } from "./common";
import {
  listOption,
  textOption,
  flag,
  text,
  texts,
  wholeNumber,
  pairRules,
  parametersOf,
  topologyTerms,
} from "./options";
import { statedModel } from "../survival/models";
import { BY_HAND, defineBackend } from "./define";
import { notObserved } from "./observation";

/** What has to be stated before anything can be promised of an unknown driver. */
function genericRules(request: StorageRequest): readonly Rule[] {
  const { site, topology } = request;
  const factor = site.replicationFactor;
  const { spread, snapshots, copies, arrayReplicates } = site.backendOptions;
  const keyed = textOption(site.backendOptions, "replicaKey") !== undefined;
  const array = arrayReplicates === true;
  const overSites = topology.spread === "sites";
  return [
    [
      keyed && array,
      "backendOptions.arrayReplicates",
      "either the class names the copies (replicaKey) or the array keeps them, not both",
      "one of replicaKey and arrayReplicates",
    ],
    [
      !keyed && !array && factor !== 1,
      "replicationFactor",
      `nothing is stated that makes this driver keep ${factor} copies`,
      "backendOptions.replicaKey (the class parameter with the number), or arrayReplicates: true with copies",
    ],
    [
      !keyed && array && copies !== factor,
      "backendOptions.copies",
      copies === undefined
        ? "with arrayReplicates the number of copies that the array keeps has to be stated"
        : `the array keeps other than replicationFactor copies (${factor})`,
      String(factor),
    ],
    [
      factor !== 1 && spread !== "sites" && (spread !== "nodes" || overSites),
      "backendOptions.spread",
      overSites
        ? `the cluster spans ${topology.dataSites.length} data sites, and nothing is stated that keeps the copies on different ones`
        : "nothing is stated that keeps the copies on different nodes",
      overSites ? "sites" : "nodes or sites",
    ],
    [
      snapshots === false && site.backendOptions["groupSnapshots"] === true,
      "backendOptions.groupSnapshots",
      "a driver without snapshots has none of groups",
      "false",
    ],
    ...["snapshotParameters", "groupSnapshotParameters", "allowedTopologies"].flatMap((key) =>
      pairRules(`backendOptions.${key}`, listOption(site.backendOptions, key), "clusterID=main"),
    ),
    ...noEncryption(
      site,
      "nothing is known of this driver's encryption (its keys go into backendOptions.parameters)",
    ),
  ];
}

/** Any other CSI driver. Nothing can be inferred about it, so nothing is claimed that was not stated. */
export const generic = defineBackend({
  id: "generic",
  title: "Any other CSI driver",
  options: {
    provisioner: text("name of the CSI driver", { required: true }),
    replicaKey: text("class parameter with which the driver is told the number of copies"),
    arrayReplicates: flag(
      "true: the array keeps the copies by itself, as its own configuration or policy says, and the class names no number",
    ),
    copies: wholeNumber("copies that the array keeps of each volume, with arrayReplicates", {
      minimum: 1,
      maximum: 16,
    }),
    spread: text(
      "what the storage guarantees without exception: copies on different nodes, or on different sites with at most ceil(replicationFactor / data sites) in each",
      { allowed: ["nodes", "sites"] },
    ),
    survives: texts(
      "losses after which the storage serves reads and writes with no acknowledged write lost, by its maker's word or your own test",
      { allowed: ["node", "host", "datastore", "site", "witness", "link"], default: "none" },
    ),
    snapshots: flag(
      "whether the driver has CSI snapshots; without them no restore point holds volumes, and there is no way back to the state before an upgrade",
      { required: true },
    ),
    groupSnapshots: flag("true: the driver has CSI group snapshots", { default: "false" }),
    snapshotsWithCopies: flag(
      "true: a snapshot can be read as long as one copy of its volume can",
      { default: "false" },
    ),
    failoverMechanism: text(
      "what moves a workload from a lost node without a person, in your words",
    ),
    snapshotParameters: texts(
      "parameters of the VolumeSnapshotClass, each as key=value; plain ceph-csi needs clusterID and its secret there",
    ),
    groupSnapshotParameters: texts("parameters of the VolumeGroupSnapshotClass, each as key=value"),
    allowedTopologies: texts(
      "topology terms of the classes, each as key=value with a key that the driver publishes; a key that occurs again allows each of its values",
      { default: "none" },
    ),
    volumeBindingMode: text("when a volume is made", {
      allowed: ["WaitForFirstConsumer", "Immediate"],
      default: "WaitForFirstConsumer",
    }),
  },
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
  harmless: undefined,
  rules: genericRules,
  provisioner: (options) => textOption(options, "provisioner") ?? "",
  parameters: ({ site }) => {
    const replicaKey = textOption(site.backendOptions, "replicaKey");
    return replicaKey === undefined ? {} : { [replicaKey]: String(site.replicationFactor) };
  },
  allowedTopologies: ({ site }) =>
    topologyTerms(listOption(site.backendOptions, "allowedTopologies")),
  hasSnapshots: (options) => options["snapshots"] !== false,
  snapshotParameters: ({ site }) => parametersOf(site.backendOptions, "snapshotParameters"),
  bindingMode: (options) =>
    options["volumeBindingMode"] === "Immediate" ? "Immediate" : "WaitForFirstConsumer",
  groupParameters: ({ site }) =>
    site.backendOptions["groupSnapshots"] === true
      ? parametersOf(site.backendOptions, "groupSnapshotParameters")
      : undefined,
  automatic: ({ site }) => {
    const mechanism = textOption(site.backendOptions, "failoverMechanism");
    return mechanism === undefined
      ? {
          missing: "nothing is stated that moves a workload from a lost node",
          instead: ", or backendOptions.failoverMechanism with what does",
        }
      : {
          mechanism: `as stated: ${mechanism}`,
          rebuilds: "not stated: ask the storage's own documentation",
        };
  },
  manualSteps: () => [
    BY_HAND.taint,
    BY_HAND.wait,
    "check in the storage's own tools that every volume has all its copies again",
    BY_HAND.untaint,
  ],
  model: ({ site }) =>
    statedModel(
      site.replicationFactor,
      listOption(site.backendOptions, "survives"),
      site.backendOptions["snapshots"] === false
        ? "none"
        : site.backendOptions["snapshotsWithCopies"] === true
          ? "copies"
          : "notStated",
    ),
  clusterChecks: (request) => {
    const name = textOption(request.site.backendOptions, "provisioner") ?? "";
    const remedy = "install the driver, or correct backendOptions.provisioner";
    return [driverCheck(`CSI driver ${name}`, name, remedy)];
  },
  observation: () => notObserved("nothing is known of this storage but what its operator states"),
});
