import { createHash } from "node:crypto";

import type { Vm } from "../../clients/vcenter/vms";
import { canonicalJson } from "../../config/canonicalJson";
import { isLiving, vmMembers } from "../../planning/pointMembers";
import type { PointRecord, VmRecord } from "../../planning/pointRecord";
import type { Site } from "../../planning/site";
import { listed } from "../../planning/words";
import { findVmSnapshot } from "../presence";
import { procedureLines, restoreEtcdOf, type EtcdRestore } from "../etcd/procedure";
import { vmInventory } from "../take/vmSnapshots";
import { ETCD, etcdWarnings, judgeVms } from "./judgeVms";
import type { Judgement, PlannedVm, RollbackStep } from "./types";

/** What reverting the VMs of a point does; plain values. */
export interface VmPlan extends Judgement {
  readonly point: string;
  readonly vms: readonly PlannedVm[];
  readonly steps: readonly (Omit<RollbackStep, "kind"> & { readonly kind: VmStep })[];
  /** What people do in step `etcd`; undefined where etcd is left alone, or restored already. */
  readonly etcd: EtcdRestore | undefined;
  /** SHA-256 over the steps. */
  readonly digest: string;
}

export type VmStep = "off" | "revert" | "etcd" | "on" | "compare";

export interface Reverted {
  readonly state: "done" | "refused" | "declined" | "nothing";
  readonly plan: VmPlan;
}

/** Step of the journal for the whole set, and those of its VMs. */
export const REVERT_STEP = "revert VMs";
/** Note of the journal: people have restored etcd. */
export const RESTORE_ETCD = "restored etcd";

/** Whether a VM is of the control plane. */
export function hasEtcd({ role }: { readonly role: PlannedVm["role"] }): boolean {
  return ETCD.roles.includes(role);
}

/** Whether a VM was on at the point, as far as anybody wrote it down. */
export function wasOn({ then }: Pick<PlannedVm, "then">): boolean {
  return then === undefined || then.powerState === "poweredOn";
}

/** What a revert does and what stands against it; pure. @param vms all of vCenter */
export function planVms(
  site: Site,
  record: PointRecord,
  points: readonly PointRecord[],
  vms: readonly Vm[],
): VmPlan {
  const nodes = site.virtualMachines?.nodes ?? [];
  const found = vmMembers(record).map((member) => ({
    member,
    node: nodes.find(({ name }) => name === member.node),
    seen: isLiving(member) ? findVmSnapshot(member, record, vms) : undefined,
  }));
  const since = sinceBegun(record);
  const reverted = new Set(
    since.flatMap(({ event, step, detail: { node } }) =>
      event === "ended" && step.startsWith("revert VM ") && node !== undefined ? [node] : [],
    ),
  );
  const allReverted = found.every(({ member }) => reverted.has(member.node));
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
            // None is powered on before all are reverted: one that is on was given up on, and lives another life.
            isReverted: reverted.has(node.name) && (allReverted || vm.powerState === "poweredOff"),
          },
        ];
  });
  // Taken while all were off, the members of etcd are of one moment.
  const ofMoments = planned.some((vm) => hasEtcd(vm) && vm.then?.powerState !== "poweredOff");
  const isRestored = since.some(({ step }) => step === RESTORE_ETCD);
  const restore = ofMoments && !isRestored ? etcdRestore(site, record) : undefined;
  const etcd = restore === undefined || "unknown" in restore ? undefined : restore;
  const steps = stepsOf(planned, etcd);
  const { refusals, warnings } = judgeVms({ nodes, record, points, found, planned, vms });
  return {
    point: record.name,
    vms: planned,
    steps,
    etcd,
    refusals: [
      ...refusals,
      ...(restore !== undefined && "unknown" in restore
        ? [
            `Restore point ${record.name} holds control-plane VMs that ran: the members of etcd were not snapshotted at one moment and would not agree, and ${restore.unknown}.`,
          ]
        : []),
    ],
    warnings,
    digest: digestOf(steps),
  };
}

/** What the revert that is at work has written down. */
function sinceBegun({ journal: { entries } }: PointRecord): PointRecord["journal"]["entries"] {
  const begun = entries.findLastIndex(
    ({ event, step }) => event === "begun" && step === REVERT_STEP,
  );
  const since = begun < 0 ? [] : entries.slice(begun);
  return since.some(({ event, step }) => event === "ended" && step === REVERT_STEP) ? [] : since;
}

/** The plan of a restore of etcd alone; pure. */
export function planEtcd(site: Site, record: PointRecord): VmPlan {
  const found = etcdRestore(site, record);
  const etcd = "unknown" in found ? undefined : found;
  const steps = etcd === undefined ? [] : [etcdStep("waits until", etcd)];
  return {
    point: record.name,
    vms: [],
    steps,
    etcd,
    refusals: "unknown" in found ? [`etcd cannot be restored: ${found.unknown}.`] : [],
    warnings: etcdWarnings(record),
    digest: digestOf(steps),
  };
}

/** By the one snapshot of etcd that a point may hold. */
function etcdRestore(site: Site, { name, members }: PointRecord): ReturnType<typeof restoreEtcdOf> {
  const member = members.filter(isLiving).find((one) => one.kind === "etcd");
  return member === undefined
    ? { unknown: `restore point ${name} holds no snapshot of it` }
    : restoreEtcdOf(site, name, member);
}

function etcdStep(before: string, { member, procedure }: EtcdRestore): VmPlan["steps"][number] {
  return {
    kind: "etcd",
    does: `${before} people have restored ALL members of etcd from the snapshot of ${member.createdAt} by these commands`,
    objects: procedureLines(procedure),
    after: "etcd's data of now lie beside those of the point; run the command again to go on",
  };
}

function digestOf(steps: VmPlan["steps"]): string {
  return createHash("sha256").update(canonicalJson(steps)).digest("hex");
}

function stepsOf(vms: readonly PlannedVm[], etcd: EtcdRestore | undefined): VmPlan["steps"] {
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
    ...(etcd === undefined
      ? []
      : [
          etcdStep(
            `powers on ${listed(names(vms.filter((vm) => hasEtcd(vm) && wasOn(vm))))} alone, and waits until`,
            etcd,
          ),
        ]),
    {
      kind: "on",
      does: "powers on what was on at the point; what was off stays off",
      objects: names(vms.filter((vm) => wasOn(vm) && (etcd === undefined || !hasEtcd(vm)))),
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

/** How a VM differs from what was recorded, for people; pure. */
export function vmDifferences(then: VmRecord, vm: Vm): readonly string[] {
  const now = vmInventory(then.node, vm, then.at);
  const parts = ["memoryMb", "powerState", "disks", "nics"] as const;
  return parts.flatMap((part) => {
    const [was, is] = [canonicalJson(then[part] ?? null), canonicalJson(now[part] ?? null)];
    return was === is ? [] : [`${vm.name}: ${part} ${is} instead of ${was}`];
  });
}
