import type { StorageBackend, StorageRequest } from "../backends/backend";
import type { Loss, MachineLost, Verdict } from "../plan";
import type { Problem } from "../problem";
import { listed, shown } from "../words";
import { controlPlaneAfter } from "./controlPlane";
import { machineLosses } from "./machineLosses";

/**
 * Rule of node VMs that share an ESXi host although the promise holds only if they do not fall together, which a waiver
 * may pass: `{rule: shared-host, subject: host NAME}`.
 */
export const SHARED_HOST = "shared-host";

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
  return machineLosses(request.topology, nodes).flatMap((loss) => {
    if (loss.kind !== "host" || loss.machines.length < 2) {
      return [];
    }
    const together = fallTogether(backend, request, kept, loss);
    const first = nodes.findIndex(({ name }) => name === together?.machines[0]?.name);
    return together === undefined
      ? []
      : [
          {
            path: `virtualMachines.nodes[${first}].host`,
            value: shown(loss.host),
            message: `host ${loss.host} carries ${names(together.machines)}, and with it ${together.why}`,
            allowed:
              `Allowed: ${names(together.machines)} on different hosts (move ${names(together.machines.slice(1))}, and keep ` +
              "them apart with a DRS anti-affinity rule)",
            rule: SHARED_HOST,
            subject: `host ${loss.host}`,
          },
        ];
  });
}

interface Together {
  readonly machines: readonly MachineLost[];
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
  const judge = (machines: readonly MachineLost[]): Verdict =>
    backend.survival(request, { ...loss, machines, all: false });
  const storage = loss.machines.filter(({ role }) => role !== "controlPlane");
  const verdict = judge(storage);
  if (!kept(verdict) && storage.every((machine) => kept(judge([machine])))) {
    const concerned = alike(
      request,
      storage,
      smallest(storage, (machines) => !kept(judge(machines))),
    );
    return { machines: concerned, why: judge(concerned).rule };
  }
  const control = loss.machines.filter(({ role }) => role === "controlPlane");
  const after = controlPlaneAfter(request.topology, { ...loss, machines: control }, []);
  const alone = controlPlaneAfter(request.topology, { ...loss, machines: control.slice(0, 1) }, []);
  return !after.majority && alone.majority
    ? { machines: control, why: `${after.words ?? ""}, so no pod can be started elsewhere` }
    : undefined;
}

/** As few of the machines as still break the promise together. */
function smallest(
  machines: readonly MachineLost[],
  breaks: (machines: readonly MachineLost[]) => boolean,
): readonly MachineLost[] {
  return machines.reduce<readonly MachineLost[]>((left, machine) => {
    const without = left.filter((other) => other !== machine);
    return breaks(without) ? without : left;
  }, machines);
}

/** All machines that are to the rules like one of the few: any of them could have been among those. */
function alike(
  { topology }: StorageRequest,
  machines: readonly MachineLost[],
  few: readonly MachineLost[],
): readonly MachineLost[] {
  const storage = new Set(
    [...topology.dataSites, ...topology.witnessSites].flatMap((site) => site.storageNodes),
  );
  const kind = ({ name, site }: MachineLost): string => `${String(storage.has(name))} ${site}`;
  const kinds = new Set(few.map(kind));
  return machines.filter((machine) => kinds.has(kind(machine)));
}

function names(machines: readonly MachineLost[]): string {
  return listed(machines.map(({ name }) => name));
}
