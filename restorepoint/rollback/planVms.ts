import { createHash } from "node:crypto";

import { isIndependent } from "../../clients/vcenter/hardware";
import type { Vm } from "../../clients/vcenter/vms";
import { canonicalJson } from "../../config/canonicalJson";
import { isLiving, memberKey, vmMembers } from "../../planning/pointMembers";
import type { PointRecord, VmMember, VmRecord } from "../../planning/pointRecord";
import type { NodeVirtualMachine, Site } from "../../planning/site";
import { counted, listed } from "../../planning/words";
import { findVmSnapshot } from "../presence";
import { vmInventory } from "../take/vmSnapshots";
import type { Judgement, RollbackStep } from "./types";

type Role = NodeVirtualMachine["role"];

/** A VM of the point, as it is and as it was. */
export interface PlannedVm {
  readonly node: string;
  readonly role: Role;
  /** Name and reference in vCenter, and that of the point's snapshot. */
  readonly name: string;
  readonly reference: string;
  readonly snapshot: string;
  readonly powerState: string;
  /** What it was made of at the point; undefined where nobody wrote it down. */
  readonly then: VmRecord | undefined;
  /** Whether an earlier run of the same revert has reverted it. */
  readonly isReverted: boolean;
}

/** What reverting the VMs of a point does; plain values. */
export interface VmPlan extends Judgement {
  readonly point: string;
  readonly vms: readonly PlannedVm[];
  readonly steps: readonly (Omit<RollbackStep, "kind"> & { readonly kind: VmStep })[];
  /** SHA-256 over the steps. */
  readonly digest: string;
}

export type VmStep = "off" | "revert" | "on" | "compare";

/** Step of the journal for the whole set, and those of its VMs. */
export const REVERT_STEP = "revert VMs";

/** VMs that hold one thing together: of them a part is never reverted alone. */
const ETCD = { holds: "etcd", roles: ["controlPlane", "converged"] };
const REPLICAS = { holds: "the replicas of volumes", roles: ["storage", "converged"] };

/** Whether a VM is of the control plane. */
export function hasEtcd({ role }: { readonly role: Role }): boolean {
  return ETCD.roles.includes(role);
}

/** What a revert does and what stands against it; pure. @param vms all of vCenter */
export function planVms(
  { virtualMachines }: Site,
  record: PointRecord,
  points: readonly PointRecord[],
  vms: readonly Vm[],
): VmPlan {
  const nodes = virtualMachines?.nodes ?? [];
  const found = vmMembers(record).map((member) => ({
    member,
    node: nodes.find(({ name }) => name === member.node),
    seen: isLiving(member) ? findVmSnapshot(member, record, vms) : undefined,
  }));
  const reverted = revertedNodes(record);
  const planned = found.flatMap(({ member, node, seen }): readonly PlannedVm[] => {
    const vm =
      seen?.state === "found"
        ? vms.find(({ reference }) => reference === seen.vm.reference)
        : undefined;
    return node === undefined || vm === undefined
      ? []
      : [
          {
            node: node.name,
            role: node.role,
            name: vm.name,
            reference: vm.reference,
            snapshot: member.handle,
            powerState: vm.powerState,
            then: record.vms?.find((one) => one.node === node.name),
            isReverted: reverted.has(node.name),
          },
        ];
  });
  const steps = stepsOf(planned);
  return {
    point: record.name,
    vms: planned,
    steps,
    ...judgeVms({ nodes, record, points, found, planned, vms }),
    digest: createHash("sha256").update(canonicalJson(steps)).digest("hex"),
  };
}

/** VMs that the revert which is at work has done, so that they are not switched off again. */
function revertedNodes({ journal: { entries } }: PointRecord): ReadonlySet<string> {
  const begun = entries.findLastIndex(
    ({ event, step }) => event === "begun" && step === REVERT_STEP,
  );
  const since = begun < 0 ? [] : entries.slice(begun);
  return since.some(({ event, step }) => event === "ended" && step === REVERT_STEP)
    ? new Set()
    : new Set(
        since.flatMap(({ event, step, detail: { node } }) =>
          event === "ended" && step.startsWith("revert VM ") && node !== undefined ? [node] : [],
        ),
      );
}

function stepsOf(vms: readonly PlannedVm[]): VmPlan["steps"] {
  const names = (some: readonly PlannedVm[]): readonly string[] =>
    some.map(({ name, node }) => `${name} (node ${node})`);
  const left = vms.filter(({ isReverted }) => !isReverted);
  return [
    {
      kind: "off",
      does: "POWERS OFF all VMs of the point at once: what they write now is given up",
      objects: names(left.filter(({ powerState }) => powerState !== "poweredOff")),
      after: "VMs are off and as they were; power them on in vCenter to go back to before",
    },
    {
      kind: "revert",
      does: "reverts them to the point's snapshots; they stay off until all are reverted",
      objects: left.map(({ name, snapshot }) => `${name} to ${snapshot}`),
      after: "what was reverted has no way back; run the command again to go on with the others",
    },
    {
      kind: "on",
      does: "powers on what was on at the point; what was off stays off",
      objects: names(
        vms.filter(({ then }) => then === undefined || then.powerState === "poweredOn"),
      ),
      after: "the guests start as after a power cut",
    },
    {
      kind: "compare",
      does: "compares disks, NICs, MACs, memory and power state with those that were recorded",
      objects: [],
      after: "done",
    },
  ];
}

interface Found {
  readonly member: VmMember;
  readonly seen: ReturnType<typeof findVmSnapshot> | undefined;
}

interface VmFacts {
  readonly nodes: readonly NodeVirtualMachine[];
  readonly record: PointRecord;
  readonly points: readonly PointRecord[];
  readonly found: readonly Found[];
  readonly planned: readonly PlannedVm[];
  /** All of vCenter. */
  readonly vms: readonly Vm[];
}

function judgeVms({ nodes, record, points, found, planned, vms }: VmFacts): Judgement {
  const { name, takenAt, members } = record;
  const gone = found.filter(({ seen }) => seen?.state !== "found");
  const sets = [ETCD, REPLICAS].filter(({ roles }) =>
    planned.some(({ role }) => roles.includes(role)),
  );
  const parts = sets.flatMap(({ holds, roles }) => {
    const left = nodes.filter(
      (one) => roles.includes(one.role) && !planned.some(({ node }) => node === one.name),
    );
    return left.length === 0
      ? []
      : [
          `Restore point ${name} does not hold the VMs of ${listed(left.map((one) => one.name))}: ${holds} would be of two ` +
            "times. All VMs that hold a part are reverted together or none.",
        ];
  });
  const independent = planned.flatMap(({ role, name: vm, reference, then }) => {
    const live = vms.find((one) => one.reference === reference)?.hardware?.disks ?? [];
    const disks = [...live, ...(then?.disks ?? [])].filter(isIndependent);
    const labels = [...new Set(disks.map(({ label }) => label))];
    return !sets.some(({ roles }) => roles.includes(role)) || labels.length === 0
      ? []
      : [
          `${listed(labels)} of ${vm} ${labels.length === 1 ? "is" : "are"} independent of snapshots and would stay as now, while the rest goes back: revert it by what made its backups.`,
        ];
  });
  const etcd = members.find((member) => member.kind === "etcd");
  // Taken while all were off, the members of etcd are of one moment.
  const ofMoments =
    sets.includes(ETCD) &&
    planned.some((vm) => hasEtcd(vm) && vm.then?.powerState !== "poweredOff");
  const since = points
    .filter((one) => (one.takenAt ?? "") > (takenAt ?? ""))
    .map((one) => one.name);
  return {
    refusals: [
      ...(takenAt === undefined || found.length === 0
        ? [`Restore point ${name} holds no VM snapshots that were taken.`]
        : []),
      ...(gone.length === 0
        ? []
        : [
            `VM snapshots are lost: ${gone.map(({ member, seen }) => `${memberKey(member)}${seen !== undefined && "why" in seen ? ` (${seen.why})` : ""}`).join(", ")}. Nothing is reverted without them.`,
          ]),
      ...parts,
      ...independent,
      ...(ofMoments && etcd === undefined
        ? [
            `Restore point ${name} holds control-plane VMs that ran, and no snapshot of etcd: its members were not snapshotted at one moment and would not agree.`,
          ]
        : []),
    ],
    warnings: [
      ...(sets.includes(REPLICAS)
        ? [
            "Volumes and volume snapshots on disks of the storage VMs go back with them. Replicas elsewhere are newer: make the storage take those of the reverted nodes as the good ones before the product starts.",
            ...(since.length === 0
              ? []
              : [`Snapshots that ${listed(since)} took since then on those disks will be gone.`]),
          ]
        : []),
      ...(ofMoments && etcd !== undefined
        ? [
            `The members of etcd were not snapshotted at one moment: stop them all after the revert, and restore each from ${etcd.file} of node ${etcd.node}, SHA-256 ${etcd.sha256}, before the API server is used.`,
          ]
        : []),
      ...planned.flatMap(({ name: vm, then }) =>
        then === undefined
          ? [`What ${vm} was made of was never recorded: it is not compared.`]
          : [],
      ),
      ...(planned.some(({ isReverted }) => isReverted)
        ? [
            `${counted(planned.filter(({ isReverted }) => isReverted).length, "VM")} of the point were reverted by an earlier run already.`,
          ]
        : []),
    ],
  };
}

/** How a VM differs from what was recorded, for people; pure. */
export function vmDifferences(then: VmRecord, vm: Vm): readonly string[] {
  const now = vmInventory(then.node, vm, then.at);
  const parts = ["memoryMb", "powerState", "disks", "nics"] as const;
  return parts.flatMap((part) => {
    const [was, is] = [canonicalJson(then[part] ?? null), canonicalJson(now[part] ?? null)];
    return was === is ? [] : [`${vm.name}: ${part} ${is} instead of ${was}`];
  });
}
