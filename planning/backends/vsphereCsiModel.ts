import type { Loss, TopologyPlan } from "../plan";
import type { Arrangement } from "../survival/arrangements";
import { allGone, copiesLeft } from "../survival/copies";
import { type CutSides, follow } from "../survival/cut";
import { building } from "../survival/losses";
import { gone, type Outcome, serves, stops, worst } from "../survival/outcome";
import type { Remains, StorageModel } from "../survival/verdict";
import type { StatedPolicy } from "./vsphereCsiOptions";

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
  loss: Loss,
): StorageModel {
  function lost({ copiesLost, place }: Remains): Outcome {
    if (copiesLost >= policy.copies) {
      return gone(allGone(policy.copies, place));
    }
    const left = copiesLeft(policy.copies, copiesLost);
    if (!policy.stretched) {
      return serves(`${left}, as the storage policy is stated`, copiesLost > 0);
    }
    const votes = VOTES - votesLost(topology, loss);
    const tally = `${votes} of ${VOTES} votes ${votes === 1 ? "stays" : "stay"} (${NEEDED} needed)`;
    return votes < NEEDED
      ? stops(`${left}; ${tally}, so reads and writes stop`)
      : serves(`${left}; ${tally}`, copiesLost > 0);
  }

  function cut(way: Arrangement, sides: CutSides): Outcome {
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

  return { tieBreaker: false, lost, cut };
}

/** The site in whose building the witness stands, else the preferred one, else either. */
function sitesKept(
  topology: TopologyPlan,
  { first, second }: CutSides,
  preferred: string | undefined,
): readonly string[] {
  const names = [first.name, second.name];
  const withWitness = names.filter((name) => building(topology, name).witnesses.length > 0);
  if (withWitness.length > 0) {
    return withWitness;
  }
  return preferred !== undefined && names.includes(preferred) ? [preferred] : names;
}

function votesLost(topology: TopologyPlan, loss: Loss): number {
  const inBuilding = (name: string): number => {
    const place = building(topology, name);
    return place.dataSites.length + place.witnesses.length;
  };
  switch (loss.kind) {
    case "site":
      return inBuilding(loss.site);
    case "sites":
      return loss.sites.reduce((sum, site) => sum + inBuilding(site), 0);
    case "witness":
      return 1;
    // A host takes one copy of its site, and no vote of another one: with one copy per site it takes the site's vote.
    case "node":
      return topology.dataSites.some((site) => site.name === loss.site)
        ? Number(topology.maxPerSite === 1)
        : 0;
    case "link":
      return 0;
  }
}
