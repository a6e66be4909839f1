import type { Options } from "../plan";
import type { StorageClassSpec } from "../site";
import type { OptionSpec } from "./backend";
import { flag, text, textOption, texts, wholeNumber } from "./options";

const POLICY_ENCRYPTS = flag(
  "true: the policy encrypts, by its rule of VM encryption; needed for encrypted classes",
  { default: "false" },
);

const DATASTORE = text(
  "the one datastore that the volumes lie on, as ds:///vmfs/volumes/...; it has to keep the copies that the policy is stated to keep",
);

/** Options of the site, `backendOptions`. What a policy does stands in vCenter: here it is stated, and believed. */
export const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  storagePolicy: text("name of the storage policy (SPBM) in vCenter, as it is written there", {
    required: true,
  }),
  failuresToTolerate: wholeNumber(
    "failures to tolerate, as the policy's vSAN rules say (inside each site, where the policy mirrors over sites)",
    { minimum: 0, maximum: 3, required: true },
  ),
  failureMethod: text(
    "how the policy tolerates failures; erasure coding keeps one copy in parts, not several copies",
    { allowed: ["mirroring", "erasureCoding"], default: "mirroring" },
  ),
  siteDisasterTolerance: text(
    "site disaster tolerance, as the policy's vSAN rules say; mirror is the one of a stretched cluster",
    { allowed: ["none", "mirror"], default: "none" },
  ),
  preferredSite: text("data site that vSAN keeps when the link between the two is cut", {
    default: "not stated: either of them",
  }),
  highAvailability: flag(
    "true: vSphere HA is on for the cluster and for the node VMs; needed for failover: automatic",
    { default: "false" },
  ),
  drs: flag(
    "true: DRS is on and keeps node VMs on different hosts; needed for failover: automatic",
    { default: "false" },
  ),
  policyEncrypts: POLICY_ENCRYPTS,
  topologyCategories: texts(
    "vSphere tag categories to which volumes are confined, each as category=tag, e.g. k8s-zone=a; a category that occurs again allows each of its tags; not in a stretched cluster",
    { default: "none" },
  ),
  datastoreUrl: DATASTORE,
};

/** Options of a class, `classes[].options`; they win over the site's. */
export const CLASS_OPTIONS = {
  storagePolicy: text(
    "another storage policy, for which everything stated of the site's holds too",
  ),
  policyEncrypts: POLICY_ENCRYPTS,
  datastoreUrl: DATASTORE,
};

/** What is stated of the storage policy. */
export interface StatedPolicy {
  readonly name: string;
  readonly failuresToTolerate: number;
  /** Whether the tolerance is one of erasure coding, which keeps no further copies. */
  readonly erasureCoding: boolean;
  /** Whether the policy mirrors over the two sites of a stretched cluster. */
  readonly stretched: boolean;
  /** Full copies that follow from the rest. */
  readonly replicas: number;
}

export function statedPolicy(options: Options): StatedPolicy {
  const stated = options["failuresToTolerate"];
  const failuresToTolerate = typeof stated === "number" ? stated : 0;
  const erasureCoding = textOption(options, "failureMethod") === "erasureCoding";
  const stretched = textOption(options, "siteDisasterTolerance") === "mirror";
  return {
    name: textOption(options, "storagePolicy") ?? "",
    failuresToTolerate,
    erasureCoding,
    stretched,
    replicas: (erasureCoding ? 1 : failuresToTolerate + 1) * (stretched ? 2 : 1),
  };
}

export function policyEncrypts(options: Options, spec: StorageClassSpec): boolean {
  return (spec.options["policyEncrypts"] ?? options["policyEncrypts"]) === true;
}
