import { isIndependent } from "../../clients/vcenter/hardware";
import type { Vm } from "../../clients/vcenter/vms";
import { memberKey } from "../../planning/pointMembers";
import type { PointRecord, VmMember } from "../../planning/pointRecord";
import type { NodeVirtualMachine } from "../../planning/site";
import { counted, listed } from "../../planning/words";
import type { findVmSnapshot } from "../presence";
import type { Judgement, PlannedVm } from "./types";

/** VMs that hold one thing together: of them a part is never reverted alone. */
export const ETCD = { holds: "etcd", roles: ["controlPlane", "converged"] };
const REPLICAS = { holds: "the replicas of volumes", roles: ["storage", "converged"] };

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

/** What stands against a revert of VMs, and what is to be known before it; pure. */
export function judgeVms({ nodes, record, points, found, planned, vms }: VmFacts): Judgement {
  const { name, takenAt } = record;
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
            `VM snapshots are lost: ${listed(gone.map(({ member, seen }) => `${memberKey(member)}${seen !== undefined && "why" in seen ? ` (${seen.why})` : ""}`))}. Nothing is reverted without them.`,
          ]),
      ...parts,
      ...independent,
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
      ...(sets.includes(ETCD) ? etcdWarnings(record) : []),
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

/** What is so when etcd is that of the point. */
export function etcdWarnings({ name, consistency }: PointRecord): readonly string[] {
  return consistency === "stopped"
    ? [
        `The product is stopped in etcd of the point, and stays so: ./atom rollback ${name} brings its volumes back and starts it.`,
      ]
    : [];
}
