import type { StorageBackend, StorageRequest } from "../backends/backend";
import type { Loss, VmLost, Verdict } from "../plan";
import type { Problem } from "../problem";
import { runsControlPlane } from "../topology";
import { listed, shown } from "../words";
import { controlPlaneAfter } from "./controlPlane";
import { vmLosses } from "./losses";

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
      : [
          {
            path: `virtualMachines.nodes[${first}].host`,
            value: shown(loss.host),
            message: `host ${loss.host} carries ${names(together.vms)}, and with it ${together.why}`,
            allowed:
              `Allowed: ${names(together.vms)} on different hosts (move ${names(together.vms.slice(1))}, and keep ` +
              "them apart with a DRS anti-affinity rule)",
            rule: SHARED_HOST,
            subject: `host ${loss.host}`,
          },
        ];
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
