import { isLiving, memberKey } from "../../planning/pointMembers";
import type {
  EtcdMember,
  PointMember,
  PointRecord,
  VolumeMember,
} from "../../planning/pointRecord";

import type { VcenterClient } from "../../clients/vcenter/client";
import type { Access } from "../../clients/access";
import type { MemberResult } from "./types";

/** A member that can be restored and read. */
export type ReadMember = VolumeMember | EtcdMember;

/** Members to look into: all that are living, or those volumes that are named `namespace/claim`. */
export function membersToRead(
  { members }: Pick<PointRecord, "members">,
  only: readonly string[],
): readonly ReadMember[] {
  return members.filter(isLiving).filter((member): member is ReadMember => {
    if (member.kind === "virtualMachine") {
      return false;
    }
    return (
      only.length === 0 ||
      (member.kind === "volume" && only.includes(`${member.namespace}/${member.claim}`))
    );
  });
}

/** Members that the point's file calls lost or expired: they are told, and not looked for. */
export function goneMembers({ members }: Pick<PointRecord, "members">): MemberResult[] {
  return members.flatMap((member: PointMember): MemberResult[] => {
    const { lost, expiredAt } = member;
    if (lost !== undefined) {
      return [{ member: memberKey(member), verdict: "lost", why: `found missing at ${lost}` }];
    }
    return expiredAt === undefined
      ? []
      : [{ member: memberKey(member), verdict: "expired", why: `removed at ${expiredAt}` }];
  });
}

/** Whether the snapshots of the node VMs exist under their references; more cannot be told without a revert. */
export async function lookAtVms(
  { members }: Pick<PointRecord, "members">,
  vcenter: Access<Pick<VcenterClient, "vms">>,
): Promise<readonly MemberResult[]> {
  const wanted = members.flatMap((member) =>
    member.kind === "virtualMachine" && isLiving(member) ? [member] : [],
  );
  if (wanted.length === 0) {
    return [];
  }
  const unknown = (why: string): MemberResult[] =>
    wanted.map((member) => ({ member: memberKey(member), verdict: "unknown", why }));
  if (vcenter.state !== "open") {
    return unknown(
      vcenter.state === "unknown"
        ? vcenter.why
        : "virtualMachines is not set, so no vCenter is known",
    );
  }
  try {
    const vms = new Map((await vcenter.client.vms()).map((one) => [one.uuid, one]));
    return wanted.map((member): MemberResult => {
      const vm = vms.get(member.uuid);
      const key = memberKey(member);
      if (vm === undefined) {
        return {
          member: key,
          verdict: "failed",
          why: `there is no VM with the UUID ${member.uuid}`,
        };
      }
      return vm.snapshots.some(({ reference }) => reference === member.handle)
        ? { member: key, verdict: "there" }
        : {
            member: key,
            verdict: "failed",
            why: `VM ${vm.name} has no snapshot ${member.handle}`,
          };
    });
  } catch (error) {
    return unknown((error as Error).message);
  }
}
