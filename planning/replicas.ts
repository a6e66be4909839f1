import type { Observation, SeenReplicas, SeenReplica } from "./backends/observation";
import type { TopologyPlan } from "./plan";
import { compareText, countBy, counted, listed } from "./words";

/** What the copies of a volume are held against. */
export interface ReplicaRule {
  /** Full copies that are planned, witnesses not counted. */
  readonly factor: number;
  readonly topology: TopologyPlan;
  /** Value of the site label on a node, as it is now; undefined where the node or its label is not there. */
  siteOf(node: string): string | undefined;
}

/**
 * - `unknown`: what is needed for a judgement was not read, or not understood
 * - `not-enough`: fewer copies up to date than planned
 * - `not-up-to-date`: a copy is being rebuilt or has failed
 * - `one-node`: a node holds two copies
 * - `one-site`: a site holds more copies than its share
 * - `trouble`: the backend itself says that something is wrong
 */
export type ReplicaProblemKind =
  "unknown" | "not-enough" | "not-up-to-date" | "one-node" | "one-site" | "trouble";

export interface ReplicaProblem {
  readonly kind: ReplicaProblemKind;
  /** One sentence. */
  readonly message: string;
}

/** What is known of the copies of one volume. No problem means that all of it was read and is as planned. */
export interface ReplicaJudgement {
  /** Copies that hold every acknowledged write; undefined where this is unknown. */
  readonly upToDate: number | undefined;
  /** Sites that hold one of these, by name; undefined where this is unknown. */
  readonly sites: readonly string[] | undefined;
  readonly problems: readonly ReplicaProblem[];
}

/** Holds what was seen of a volume against the plan. Whatever was not seen is a problem, never fine. */
export function judgeReplicas(rule: ReplicaRule, seen: Observation): ReplicaJudgement {
  if (seen.state === "unknown") {
    const problems = [{ kind: "unknown", message: seen.why }] as const;
    return { upToDate: undefined, sites: undefined, problems };
  }
  const certain = seen.replicas.every(({ state }) => state !== "unknown");
  const upToDate = seen.replicas.filter(({ state }) => state === "upToDate");
  const placed = judgePlacement(rule, seen);
  return {
    upToDate: certain ? upToDate.length : undefined,
    sites: placed.sites,
    problems: [
      ...judgeNumber(rule.factor, seen.replicas, upToDate.length),
      ...judgeStates(seen.replicas),
      ...placed.problems,
      ...seen.troubles.map((message): ReplicaProblem => ({ kind: "trouble", message })),
    ],
  };
}

function judgeNumber(
  factor: number,
  replicas: readonly SeenReplica[],
  upToDate: number,
): readonly ReplicaProblem[] {
  const unknown = replicas.filter(({ state }) => state === "unknown");
  if (upToDate >= factor) {
    // Those with a node are spoken of one by one.
    const nowhere = unknown.filter(({ node }) => node === undefined).length;
    const message = `Of ${counted(nowhere, "copy", "copies")} it is unknown whether it is up to date.`;
    return nowhere === 0 ? [] : [{ kind: "unknown", message }];
  }
  if (upToDate + unknown.length >= factor) {
    const known = counted(upToDate, "copy is", "copies are");
    const message = `${known} known to be up to date, ${factor} are planned; of ${unknown.length} it is unknown.`;
    return [{ kind: "unknown", message }];
  }
  const are = counted(upToDate, "copy is", "copies are");
  return [{ kind: "not-enough", message: `${are} up to date, ${factor} are planned.` }];
}

const STATE_WORDS: Record<Exclude<SeenReplica["state"], "upToDate">, string> = {
  rebuilding: "is not up to date yet",
  failed: "has failed",
  unknown: "is in an unknown state",
};

function judgeStates(replicas: readonly SeenReplica[]): readonly ReplicaProblem[] {
  return replicas.flatMap(({ node, state, detail }): readonly ReplicaProblem[] => {
    if (state === "upToDate" || (state === "unknown" && node === undefined)) {
      return [];
    }
    const where = node === undefined ? "A copy on no known node" : `The copy on ${node}`;
    const kind = state === "unknown" ? "unknown" : "not-up-to-date";
    return [{ kind, message: `${where} ${STATE_WORDS[state]} (${detail}).` }];
  });
}

interface Placed {
  readonly sites: readonly string[] | undefined;
  readonly problems: readonly ReplicaProblem[];
}

/** A copy that is being rebuilt counts as well: where it stands does not get better when it is done. */
function judgePlacement(rule: ReplicaRule, { replicas, rule: stated }: SeenReplicas): Placed {
  if (stated !== undefined) {
    return judgeStated(rule, stated);
  }
  const standing = replicas.filter(({ state }) => state !== "failed");
  const nodes = standing.flatMap(({ node }) => (node === undefined ? [] : [node]));
  const problems: ReplicaProblem[] = [];
  const say = (kind: ReplicaProblemKind, message: string) => problems.push({ kind, message });
  if (nodes.length < standing.length) {
    say("unknown", `The nodes of ${standing.length - nodes.length} of its copies are unknown.`);
  }
  for (const [node, count] of countBy([...nodes].sort(compareText))) {
    if (count > 1) {
      say("one-node", `${count} of its copies stand on node ${node}.`);
    }
  }
  const siteless = [...new Set(nodes)].filter((node) => rule.siteOf(node) === undefined);
  const sites = nodes.flatMap((node) => rule.siteOf(node) ?? []);
  if (rule.topology.spread === "sites") {
    if (siteless.length > 0) {
      const names = listed([...siteless].sort(compareText));
      say(
        "unknown",
        `Label ${rule.topology.siteLabel} of node ${names} cannot be read, so the sites of its copies are not known.`,
      );
    }
    for (const [site, count] of countBy([...sites].sort(compareText))) {
      if (count > rule.topology.maxPerSite) {
        const most = rule.topology.maxPerSite;
        say("one-site", `${count} of its copies stand in site ${site}, at most ${most} may.`);
      }
    }
  }
  const known = siteless.length === 0 && nodes.length === standing.length;
  return { sites: known ? [...new Set(sites)].sort(compareText) : undefined, problems };
}

/** Which copy stands where is not said; the rule that places them is judged instead. */
function judgeStated({ topology }: ReplicaRule, stated: NonNullable<SeenReplicas["rule"]>): Placed {
  const problem = (kind: ReplicaProblemKind, message: string): Placed => ({
    sites: undefined,
    problems: [{ kind, message }],
  });
  if (stated.apart === "unknown") {
    return problem("unknown", `What keeps its copies apart is not known here: ${stated.text}.`);
  }
  if (topology.spread === "nodes") {
    return { sites: undefined, problems: [] };
  }
  if (stated.apart === "nodes") {
    const message = `Nothing keeps its copies in different sites: ${stated.text}.`;
    return problem("one-site", message);
  }
  return stated.perSite === undefined || stated.perSite > topology.maxPerSite
    ? problem("one-site", `${stated.text}; at most ${topology.maxPerSite} may stand in one site.`)
    : { sites: undefined, problems: [] };
}
