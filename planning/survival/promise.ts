import type { Loss, TopologyPlan, Verdict, VmLost } from "../plan";
import { type Rule, brokenRules, type Problem } from "../problem";
import type { Site, SiteTopology, Survive } from "../site";
import { independentSites, runsControlPlane } from "../topology";
import { listed } from "../words";
import { buildings, vmLosses } from "./losses";
import type { StorageBackend, StorageRequest } from "../backends/backend";
import { controlPlaneAfter } from "./controlPlane";

/** Sites that have to fall independently before the loss of one can be survived: with two, nobody can tell which is cut off. */
const SITES_TO_SURVIVE_ONE = 3;

/** Default of `survive`: `site` with three independent sites or more, else `node`. */
export function defaultSurvive(topology: SiteTopology): Survive {
  return independentSites(topology) >= SITES_TO_SURVIVE_ONE ? "site" : "node";
}

/** Refuses `survive: site` where there are fewer than three independent sites, whatever the backend. */
export function siteCountRule(site: Site, topology: TopologyPlan): Rule {
  const located = topology.witnessSites.filter((witness) => witness.locatedIn !== undefined);
  const names = buildings(topology);
  const inside = located.map((witness) => `${witness.name} stands in ${String(witness.locatedIn)}`);
  return [
    site.survive === "site" && topology.independentSites < SITES_TO_SURVIVE_ONE,
    "survive",
    `the loss of a site is survived only where three sites or more fall independently; there ` +
      `${names.length === 1 ? "is" : "are"} ${names.length} (${listed(names)})` +
      (inside.length === 0 ? "" : `; ${listed(inside)} and falls with it`) +
      lostAlone(names),
    "node, or a third site (a witness in a building of its own is enough)",
  ];
}

function lostAlone(names: readonly string[]): string {
  const [one, two] = names;
  return two === undefined
    ? ""
    : `. When ${String(two)} no longer sees ${String(one)}, it cannot tell a lost site from a cut link`;
}

/**
 * Whether `survive` speaks of a loss: `node` of every node, `site` of every node, site and witness. Hosts have a rule of
 * their own, see `shared-host`; datastores, links and pairs are shown and never promised.
 */
export function isPromised(loss: Loss, survive: Survive): boolean {
  const promised: readonly Loss["kind"][] =
    survive === "site" ? ["node", "site", "witness"] : ["node"];
  return promised.includes(loss.kind);
}

/**
 * Whether a verdict keeps the promise to survive its loss.
 *
 * @param withPerson Whether a loss may be survived with a person's help (`failover: manual`).
 */
export function keepsPromise(verdict: Verdict, withPerson: boolean): boolean {
  return verdict.survived && (withPerson || verdict.unattended);
}

/**
 * Rule of node VMs that share an ESXi host although the promise holds only if they do not fall together, which a waiver
 * may pass: `{rule: shared-host, subject: host NAME}`.
 */
const SHARED_HOST = "shared-host";

type HostLoss = Extract<Loss, { readonly kind: "host" }>;

/**
 * Hosts whose loss is not survived although the loss of each node VM on it would be: a worker node's failure is
 * promised, and the failure of its host is what makes it fail. A host that would break the promise with a single VM is
 * no matter of sharing, and is left to the promise itself.
 *
 * @param kept Whether a verdict keeps the promise: whether a person's help counts depends on the fail-over.
 */
export function sharedHostProblems(
  backend: StorageBackend,
  request: StorageRequest,
  kept: (verdict: Verdict) => boolean,
): readonly Problem[] {
  const nodes = request.site.virtualMachines?.nodes ?? [];
  return vmLosses(request.topology, nodes).flatMap((loss) => {
    if (loss.kind !== "host" || loss.vms.length < 2) {
      return [];
    }
    const together = fallTogether(backend, request, kept, loss);
    const first = nodes.findIndex(({ name }) => name === together?.vms[0]?.name);
    return together === undefined
      ? []
      : brokenRules(request.site, [
          [
            true,
            `virtualMachines.nodes[${first}].host`,
            `host ${loss.host} carries ${names(together.vms)}, and with it ${together.why}`,
            `Allowed: ${names(together.vms)} on different hosts (move ${names(together.vms.slice(1))}, and keep ` +
              "them apart with a DRS anti-affinity rule)",
            { rule: SHARED_HOST, subject: `host ${loss.host}` },
          ],
        ]);
  });
}

interface Together {
  readonly vms: readonly VmLost[];
  /** What happens when they fall at once. */
  readonly why: string;
}

/** The storage is asked first: a lost copy is worse than an API server that waits. */
function fallTogether(
  backend: StorageBackend,
  request: StorageRequest,
  kept: (verdict: Verdict) => boolean,
  loss: HostLoss,
): Together | undefined {
  const judge = (vms: readonly VmLost[]): Verdict =>
    backend.survival(request, { ...loss, vms, all: false });
  const storage = loss.vms.filter(({ role }) => role !== "controlPlane");
  const verdict = judge(storage);
  if (!kept(verdict) && storage.every((vm) => kept(judge([vm])))) {
    const concerned = alike(
      request,
      storage,
      smallest(storage, (vms) => !kept(judge(vms))),
    );
    return { vms: concerned, why: judge(concerned).rule };
  }
  const control = loss.vms.filter(runsControlPlane);
  const after = controlPlaneAfter(request.topology, { ...loss, vms: control }, []);
  const alone = controlPlaneAfter(request.topology, { ...loss, vms: control.slice(0, 1) }, []);
  return !after.majority && alone.majority ? { vms: control, why: after.words ?? "" } : undefined;
}

/** As few of the machines as still break the promise together. */
function smallest(
  vms: readonly VmLost[],
  breaks: (vms: readonly VmLost[]) => boolean,
): readonly VmLost[] {
  return vms.reduce<readonly VmLost[]>((left, vm) => {
    const without = left.filter((other) => other !== vm);
    return breaks(without) ? without : left;
  }, vms);
}

/** All machines that are to the rules like one of the few: any of them could have been among those. */
function alike(
  { topology }: StorageRequest,
  vms: readonly VmLost[],
  few: readonly VmLost[],
): readonly VmLost[] {
  const storage = new Set(
    [...topology.dataSites, ...topology.witnessSites].flatMap((site) => site.storageNodes),
  );
  const kind = ({ name, site }: VmLost): string => `${String(storage.has(name))} ${site}`;
  const kinds = new Set(few.map(kind));
  return vms.filter((vm) => kinds.has(kind(vm)));
}

function names(vms: readonly VmLost[]): string {
  return listed(vms.map(({ name }) => name));
}
