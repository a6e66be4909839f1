import { parseOwnerMark, snapshotName } from "../../planning/names";
import type { ExpiryDecision, ExpiryScope } from "../../planning/expiry";
import { isLiving, machineMembers } from "../../planning/pointMembers";
import type { EtcdMember, RestorePointFile } from "../../planning/site";
import type { Machine } from "../../clients/vcenter/machines";
import type { Read } from "../../drift/types";
import type { CutRemains } from "../findCut";
import type { Holdings } from "../holdings";
import { planVolumeRemoval } from "./planVolumes";

/** A VM snapshot that is removed by its recorded reference. */
export interface MachineRemoval {
  /** Kubernetes node name. */
  readonly node: string;
  /** BIOS UUID. */
  readonly uuid: string;
  /** Name in vCenter. */
  readonly machine: string;
  /** Reference of the snapshot. */
  readonly handle: string;
}

/** What removing a point would do, and what stands against it. */
export interface ExpiryPlan {
  readonly point: RestorePointFile;
  readonly scope: ExpiryScope;
  readonly reason: string;
  /** In the order of removal. */
  readonly machines: readonly MachineRemoval[];
  /** Without `machines`, which are removed one by one before them. */
  readonly volumes: CutRemains;
  readonly etcd: readonly EtcdMember[];
  /** What is not removed, and why; for people. */
  readonly left: readonly string[];
  /** Why nothing may be removed now; for people. */
  readonly refusals: readonly string[];
  /** What could not be read; counts like a refusal. */
  readonly cannotTell: readonly string[];
}

/** What the plans of one run are made from. */
export interface ExpiryWorld {
  readonly stack: string;
  readonly holdings: Holdings;
}

/**
 * What removing the decided points would do, the youngest cut first: a VM snapshot goes before the one it hangs below.
 * Pure. Only what is recorded is ever removed, by its handle; what carries the name and another handle is somebody else's.
 */
export function planExpiry(
  decisions: readonly ExpiryDecision[],
  points: readonly RestorePointFile[],
  world: ExpiryWorld,
): readonly ExpiryPlan[] {
  const going = new Set<string>();
  return decisions
    .flatMap((decision) => {
      const point = points.find(({ name }) => name === decision.name);
      return point === undefined ? [] : [{ decision, point }];
    })
    .sort((one, other) => cutTime(other.point) - cutTime(one.point))
    .map(({ decision, point }) => {
      const plan = planOne(decision, point, world, going);
      if (plan.refusals.length === 0 && plan.cannotTell.length === 0) {
        plan.machines.forEach(({ handle }) => going.add(handle));
      }
      return plan;
    });
}

function cutTime({ cutAt }: RestorePointFile): number {
  return cutAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(cutAt);
}

function planOne(
  { scope, reason }: ExpiryDecision,
  point: RestorePointFile,
  { stack, holdings }: ExpiryWorld,
  going: ReadonlySet<string>,
): ExpiryPlan {
  const machines = planMachines(stack, point, holdings.vcenter, going);
  if (scope === "machines") {
    return { point, scope, reason, ...machines, volumes: nothing, etcd: [] };
  }
  const volumes = planVolumeRemoval(stack, point, holdings.cluster);
  return {
    point,
    scope,
    reason,
    machines: machines.machines,
    volumes: volumes.remains,
    etcd: point.members.filter((member) => member.kind === "etcd").filter(isLiving),
    left: [...machines.left, ...volumes.left],
    refusals: [...machines.refusals, ...volumes.refusals],
    cannotTell: [...machines.cannotTell, ...volumes.cannotTell],
  };
}

const nothing: CutRemains = { groups: [], snapshots: [], contents: [], machines: [] };

type MachinePlan = Pick<ExpiryPlan, "machines" | "left" | "refusals" | "cannotTell">;

function planMachines(
  stack: string,
  point: RestorePointFile,
  vcenter: Read<readonly Machine[]>,
  going: ReadonlySet<string>,
): MachinePlan {
  const members = machinesToEnd(stack, point, vcenter);
  const none: MachinePlan = { machines: [], left: [], refusals: [], cannotTell: [] };
  if (members.length === 0) {
    return none;
  }
  if (vcenter.state !== "read") {
    const why = vcenter.state === "cannotTell" ? vcenter.why : "No vCenter is configured.";
    return { ...none, cannotTell: [`VM snapshots: ${why}`] };
  }
  return members
    .map((member) => planMachine(stack, point, member, vcenter.value, going))
    .reduce(
      (all, one) => ({
        machines: [...all.machines, ...one.machines],
        left: [...all.left, ...one.left],
        refusals: [...all.refusals, ...one.refusals],
        cannotTell: [],
      }),
      none,
    );
}

interface MachineToEnd {
  readonly node: string;
  readonly uuid: string;
  readonly handle: string;
  readonly expiredAt: string | undefined;
}

/** The recorded ones; of a cut that failed nothing is recorded, and what it has left is found by its marks. */
function machinesToEnd(
  stack: string,
  point: RestorePointFile,
  vcenter: Read<readonly Machine[]>,
): readonly MachineToEnd[] {
  if (point.cutAt !== undefined) {
    // Those that are called ended as well: a run may have been killed between the mark and the removal.
    return machineMembers(point).filter(({ lost }) => lost === undefined);
  }
  return vcenter.state !== "read"
    ? machineMembers(point)
    : vcenter.value.flatMap(({ uuid, snapshots }) =>
        snapshots.flatMap(({ reference, description }): MachineToEnd[] => {
          const mark = parseOwnerMark(description);
          return mark?.stack === stack && mark.point === point.name
            ? [{ node: mark.node, uuid, handle: reference, expiredAt: undefined }]
            : [];
        }),
      );
}

function planMachine(
  stack: string,
  point: RestorePointFile,
  { node, uuid, handle, expiredAt }: MachineToEnd,
  machines: readonly Machine[],
  going: ReadonlySet<string>,
): MachinePlan {
  const none: MachinePlan = { machines: [], left: [], refusals: [], cannotTell: [] };
  const owners = machines.filter((machine) => machine.uuid === uuid.toLowerCase());
  const machine = owners.find(({ snapshots }) =>
    snapshots.some(({ reference }) => reference === handle),
  );
  const snapshot = machine?.snapshots.find(({ reference }) => reference === handle);
  if (machine === undefined || snapshot === undefined) {
    const gone =
      owners.length === 0 ? `no VM in vCenter has the UUID ${uuid}` : `it is not there any more`;
    return expiredAt === undefined && point.state !== "expiring"
      ? { ...none, left: [`VM snapshot ${handle} of ${node}: ${gone}`] }
      : none;
  }
  const mark = parseOwnerMark(snapshot.description);
  if (
    mark?.stack !== stack ||
    mark.point !== point.name ||
    snapshot.name !== snapshotName(stack, point.name)
  ) {
    return {
      ...none,
      left: [
        `VM snapshot ${handle} of ${node}: ${machine.name} has ${snapshot.name} under that reference, which does not carry ` +
          "this point's mark, so it is somebody else's",
      ],
    };
  }
  const below = machine.snapshots.filter(
    ({ parent, reference }) => parent === handle && !going.has(reference),
  );
  if (below.length > 0) {
    const names = below.map(({ name, reference }) => `${name} (${reference})`).join(", ");
    return {
      ...none,
      refusals: [
        `VM snapshot ${handle} of ${node}: ${names} of ${machine.name} hangs below it and is younger; it waits until that is gone`,
      ],
    };
  }
  return { ...none, machines: [{ node, uuid, machine: machine.name, handle }] };
}
