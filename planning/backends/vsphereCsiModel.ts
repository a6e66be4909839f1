import type { Options, Loss, TopologyPlan } from "../plan";
import type { StorageClassSpec } from "../site";
import type { OptionSpec } from "./backend";
import { flag, text, textOption, texts, wholeNumber } from "./options";
import type { Arrangement } from "../survival/placements";
import { allGone, replicasLeft } from "../survival/models";
import {
  type PartitionSides,
  follow,
  gone,
  type Outcome,
  serves,
  stops,
  worst,
} from "../survival/partition";
import { type Fall, fallIn, building } from "../survival/losses";
import type { Leftovers, StorageModel } from "../survival/verdict";

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

/** Votes of a mirror over two sites: one each, and one at the witness. */
const VOTES = 3;
const NEEDED = 2;

/**
 * vSAN, as far as the policy is stated: copies stand on different hosts, and a mirror over two sites goes on with two
 * of the three votes of both sites and the witness. A node VM stands for its host here: it takes one copy at most.
 *
 * @param preferred The data site that vSAN keeps when the sites lose each other; undefined where nothing states it.
 */
export function vsanModel(
  topology: TopologyPlan,
  policy: StatedPolicy,
  preferred: string | undefined,
): StorageModel {
  function lost({ replicasLost, place, fall, loss }: Leftovers): Outcome {
    if (loss.kind === "datastore") {
      return gone(
        `on which datastores the storage policy keeps the volumes is not known: all copies of a volume may be on ${loss.datastore}`,
      );
    }
    if (replicasLost >= policy.replicas) {
      return gone(allGone(policy.replicas, place));
    }
    const left = replicasLeft(policy.replicas, replicasLost);
    // Where the hosts are known, a copy that is lost with one moves nothing: it is read from another one.
    const moves = replicasLost > 0 && loss.kind !== "host";
    if (!policy.stretched) {
      return serves(`${left}, as the storage policy is stated`, moves);
    }
    const votes = VOTES - votesLost(topology, fall, loss);
    const tally = `${votes} of ${VOTES} votes ${votes === 1 ? "stays" : "stay"} (${NEEDED} needed)`;
    return votes < NEEDED
      ? stops(`${left}; ${tally}, so reads and writes stop`)
      : serves(`${left}; ${tally}`, moves);
  }

  function impact(loss: Loss, fall: Fall): readonly Fall[] {
    return hostFalls(topology, loss, fall);
  }

  function partition(way: Arrangement, sides: PartitionSides): Outcome {
    const { first, second } = sides;
    if (!policy.stretched || way.first === 0 || way.second === 0) {
      const works = { first: way.second === 0, second: way.first === 0 };
      return follow(
        sides,
        policy.stretched ? { first: true, second: true } : works,
        policy.stretched
          ? "both data sites see each other"
          : "the copies stand together, as the storage policy is stated",
      );
    }
    const winners = sitesKept(topology, sides, preferred);
    const why = `${first.name} and ${second.name} no longer see each other, and vSAN goes on with`;
    return worst(
      winners.map((name) =>
        follow(
          sides,
          { first: name === first.name, second: name === second.name },
          winners.length === 1
            ? `${why} ${name}`
            : `${why} one of them (backendOptions.preferredSite is not stated)`,
        ),
      ),
    );
  }

  return { tieBreaker: false, snapshots: "copies", impact, lost, partition };
}

/** The site in whose building the witness stands, else the preferred one, else either. */
function sitesKept(
  topology: TopologyPlan,
  { first, second }: PartitionSides,
  preferred: string | undefined,
): readonly string[] {
  const names = [first.name, second.name];
  const withWitness = names.filter((name) => building(topology, name).witnesses.length > 0);
  if (withWitness.length > 0) {
    return withWitness;
  }
  return preferred !== undefined && names.includes(preferred) ? [preferred] : names;
}

/**
 * A host that is lost takes what vSAN keeps on it, not what its node VMs would: one copy at most, whatever their number,
 * and maybe the witness where it carries VMs of the witness's site.
 */
function hostFalls(topology: TopologyPlan, loss: Loss, fall: Fall): readonly Fall[] {
  if (loss.kind !== "host") {
    return [fall];
  }
  // Its control-plane VMs say where it stands as well as any other.
  const names = new Set(loss.vms.map(({ site }) => site));
  const fallen = fallIn(
    { dataSites: topology.dataSites, witnesses: topology.witnessSites },
    ({ name }) => names.has(name) && { storage: 1 },
  );
  const data = fallen.filter(({ role }) => role === "data");
  const witnesses = fallen.filter(({ role }) => role === "witness");
  // A host stands in one site: VMs of several say that one of them is wrong, and not which.
  return data.length === 0 ? [witnesses] : data.map((part) => [part, ...witnesses]);
}

function votesLost(topology: TopologyPlan, fall: Fall, loss: Loss): number {
  return fall.filter((part) => {
    if (part.whole) {
      return true;
    }
    // Hosts take the vote of their site with all the copies that it holds; of a witness's nodes one may be the witness
    // only where it is said which host they run on.
    return part.role === "data" ? part.storage >= topology.maxPerSite : loss.kind === "host";
  }).length;
}
