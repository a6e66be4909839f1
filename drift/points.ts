import { vmMembers, volumeMembers } from "../planning/pointMembers";
import type { VmMember, VolumeMember } from "../planning/pointRecord";
import type { RestorePointFile } from "../planning/site";
import { isGroupSnapshot, isVolumeSnapshot } from "./resources";

/** What stands between the name of the point and that of the member in a resource's name. */
const INFIXES = { vm: "-vm-", volume: "-volume-", group: "-group-" } as const;

/** The restore point that a member's resource belongs to, by its name, which never moves. */
export function pointOf(
  urn: string,
  points: readonly RestorePointFile[],
): RestorePointFile | undefined {
  const name = resourceName(urn);
  const infix = infixOf(urn);
  return points
    .filter((point) => name.startsWith(`${point.name}${infix}`))
    .reduce<RestorePointFile | undefined>(
      (best, point) => (best === undefined || point.name.length > best.name.length ? point : best),
      undefined,
    );
}

/** Name of the point as the resource's name says it, for a point whose file is not there. */
export function pointNameIn(urn: string): string {
  return resourceName(urn).split(infixOf(urn))[0] ?? "";
}

/** What the member is of: node of a VM, `<namespace>.<claim>` of a volume, namespace of a group. */
export function memberNameIn(urn: string, point: string): string {
  return resourceName(urn).slice(point.length + infixOf(urn).length);
}

/** Members of a point by BIOS UUID; made once for a point, which a plan over a thousand members asks as often. */
const vmIndexes = new WeakMap<RestorePointFile, ReadonlyMap<string, VmMember>>();

export function memberOf(point: RestorePointFile | undefined, uuid: string): VmMember | undefined {
  if (point === undefined) {
    return undefined;
  }
  const index =
    vmIndexes.get(point) ??
    new Map(vmMembers(point).map((member) => [member.uuid.toLowerCase(), member]));
  vmIndexes.set(point, index);
  return index.get(uuid);
}

/** The same by `<namespace>.<claim>`. */
const volumeIndexes = new WeakMap<RestorePointFile, ReadonlyMap<string, VolumeMember>>();

/** The recorded member that the resource of one volume's snapshot stands for. */
export function volumeMemberOf(
  urn: string,
  point: RestorePointFile | undefined,
): VolumeMember | undefined {
  if (point === undefined) {
    return undefined;
  }
  const index =
    volumeIndexes.get(point) ??
    new Map(
      volumeMembers(point).map(
        (member) => [`${member.namespace}.${member.claim}`, member] as const,
      ),
    );
  volumeIndexes.set(point, index);
  return index.get(memberNameIn(urn, point.name));
}

/** The recorded members that the resource of a group's snapshot stands for. */
export function groupMembersOf(
  urn: string,
  point: RestorePointFile | undefined,
): readonly VolumeMember[] {
  return point === undefined
    ? []
    : volumeMembers(point).filter(({ namespace }) => namespace === memberNameIn(urn, point.name));
}

function infixOf(urn: string): string {
  const type = urn.slice(0, urn.lastIndexOf("::")).split(/::|\$/).pop() ?? "";
  return isVolumeSnapshot(type)
    ? INFIXES.volume
    : isGroupSnapshot(type)
      ? INFIXES.group
      : INFIXES.vm;
}

function resourceName(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
