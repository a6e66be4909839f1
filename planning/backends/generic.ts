import { statedModel } from "../survival/stated";
import { driverCheck } from "./clusterChecks";
import { BY_HAND, defineBackend } from "./define";
import { genericRules, splitParameter } from "./genericChecks";
import { notObserved } from "./observation";
import { flag, listOption, text, textOption, texts, wholeNumber } from "./options";

const PARAMETERS = texts(
  "further class parameters of the driver, each as key=value, passed on as they are",
);

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
    snapshots: flag("true: the driver has CSI snapshots; restore points need them", {
      required: true,
    }),
    groupSnapshots: flag("true: the driver has CSI group snapshots", { default: "false" }),
    snapshotsWithCopies: flag(
      "true: a snapshot can be read as long as one copy of its volume can",
      { default: "false" },
    ),
    failoverMechanism: text(
      "what moves a workload from a lost node without a person, in your words",
    ),
    parameters: PARAMETERS,
    volumeBindingMode: text("when a volume is made", {
      allowed: ["WaitForFirstConsumer", "Immediate"],
      default: "WaitForFirstConsumer",
    }),
  },
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
  rules: genericRules,
  provisioner: (options) => textOption(options, "provisioner") ?? "",
  parameters: ({ site }, spec) => {
    const replicaKey = textOption(site.backendOptions, "replicaKey");
    const further = [site.backendOptions, spec.options].flatMap((options) =>
      listOption(options, "parameters").map(splitParameter),
    );
    return {
      ...Object.fromEntries(further),
      ...(replicaKey === undefined ? {} : { [replicaKey]: String(site.replicationFactor) }),
    };
  },
  bindingMode: (options) =>
    options["volumeBindingMode"] === "Immediate" ? "Immediate" : "WaitForFirstConsumer",
  groupParameters: ({ site }) => (site.backendOptions["groupSnapshots"] === true ? {} : undefined),
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
      site.backendOptions["snapshotsWithCopies"] === true ? "copies" : "notStated",
    ),
  clusterChecks: (request) => {
    const name = textOption(request.site.backendOptions, "provisioner") ?? "";
    const remedy = "install the driver, or correct backendOptions.provisioner";
    return [driverCheck(`CSI driver ${name}`, name, remedy)];
  },
  observation: () => notObserved("nothing is known of this storage but what its operator states"),
});
