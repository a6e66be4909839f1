import type { MemberMarks, PointMember, VmMember, VolumeMember } from "./pointRecord";

/** What a point's members are: all members of one kind, those that are still there, and what each is called. */
interface Members {
  readonly members: readonly PointMember[];
}

export function vmMembers({ members }: Members): readonly VmMember[] {
  return members.filter((member) => member.kind === "virtualMachine");
}

export function volumeMembers({ members }: Members): readonly VolumeMember[] {
  return members.filter((member) => member.kind === "volume");
}

/** Whether a member is still there as far as its file says: neither found missing nor removed on purpose. */
export function isLiving({ lost, expiredAt }: MemberMarks): boolean {
  return lost === undefined && expiredAt === undefined;
}

/** What a verification of the stored objects of the release, and of the copies of its Secrets, is recorded under. */
export const RELEASE_KEY = "release objects";

/** Which member is meant: `vm <node>`, `volume <namespace>/<claim>` or `etcd <node>`; unique in a point. */
export function memberKey(member: PointMember): string {
  switch (member.kind) {
    case "virtualMachine":
      return vmKey(member.node);
    case "volume":
      return volumeKey(member.namespace, member.claim);
    case "etcd":
      return `etcd ${member.node}`;
  }
}

export function vmKey(node: string): string {
  return `vm ${node}`;
}

function volumeKey(namespace: string, claim: string): string {
  return `volume ${namespace}/${claim}`;
}
