import { isLiving, memberKey, vmMembers } from "../../planning/pointMembers";
import type {
  EtcdMember,
  PointMember,
  PointRecord,
  VolumeMember,
} from "../../planning/pointRecord";

import type { VcenterClient } from "../../clients/vcenter/client";
import { whyUnread, type Access } from "../../clients/access";
import { findVmSnapshot } from "../presence";
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
  point: PointRecord,
  vcenter: Access<Pick<VcenterClient, "vms">>,
): Promise<readonly MemberResult[]> {
  const wanted = vmMembers(point).filter(isLiving);
  if (wanted.length === 0) {
    return [];
  }
  const unknown = (why: string): MemberResult[] =>
    wanted.map((member) => ({ member: memberKey(member), verdict: "unknown", why }));
  if (vcenter.state !== "open") {
    return unknown(whyUnread(vcenter, "virtualMachines is not set, so no vCenter is known"));
  }
  try {
    const vms = await vcenter.client.vms();
    return wanted.map((member): MemberResult => {
      const found = findVmSnapshot(member, point, vms);
      const key = memberKey(member);
      return found.state === "found"
        ? { member: key, verdict: "there" }
        : { member: key, verdict: "failed", why: found.why };
    });
  } catch (error) {
    return unknown((error as Error).message);
  }
}
