import type { DesiredState } from "../engine/program/desiredState";
import type { StackState } from "../engine/stackState";
import { memberKey } from "../planning/pointMembers";
import type { PointRecord } from "../planning/pointRecord";
import type { PointFile, Site, TakenVmSnapshot } from "../planning/site";
import { isSnapshot, snapshotInputs } from "./resources";

/** What stands between the name of the point and that of the node in the name of a VM snapshot's resource. */
const INFIX = "-vm-";

/** The restore point that a VM snapshot's resource belongs to, by its name, which never moves. */
export function pointOf(urn: string, points: readonly PointFile[]): PointFile | undefined {
  const name = resourceName(urn);
  return points
    .filter((point) => name.startsWith(`${point.name}${INFIX}`))
    .reduce<PointFile | undefined>(
      (best, point) => (best === undefined || point.name.length > best.name.length ? point : best),
      undefined,
    );
}

/** Name of the point as the resource's name says it, for a point whose file is not there. */
export function pointNameIn(urn: string): string {
  return resourceName(urn).split(INFIX)[0] ?? "";
}

/** Members of a point by BIOS UUID; made once for a point, of which a thousand members are asked for. */
const indexes = new WeakMap<PointFile, ReadonlyMap<string, TakenVmSnapshot>>();

export function memberOf(point: PointFile | undefined, uuid: string): TakenVmSnapshot | undefined {
  if (point === undefined) {
    return undefined;
  }
  const index =
    indexes.get(point) ?? new Map(point.vms.map((member) => [member.uuid.toLowerCase(), member]));
  indexes.set(point, index);
  return index.get(uuid);
}

/** A restore point of which all VM snapshots were taken, for its file. */
interface TakenPoint {
  readonly name: string;
  readonly vms: readonly Pick<TakenVmSnapshot, "node" | "uuid" | "handle">[];
}

/**
 * Points that were being taken and are complete by what is recorded. Of VMs alone: the command that takes volumes
 * completes a point that has any.
 */
export function takenPoints(
  desired: DesiredState,
  state: StackState,
  points: readonly PointFile[],
): TakenPoint[] {
  const handles = new Map(state.resources.map(({ urn, id }) => [urn, id]));
  return points
    .filter((point) => point.state === "taking" && !point.volumes)
    .flatMap((point) => {
      const declared = desired.registrations.filter(
        ({ type, urn }) => isSnapshot(type) && pointOf(urn, points) === point,
      );
      const vms = declared.flatMap(({ urn, inputs }) => {
        const handle = handles.get(urn);
        const uuid = snapshotInputs(inputs).virtualMachineUuid;
        return handle === undefined ? [] : [{ node: nodeIn(urn, point.name), uuid, handle }];
      });
      return vms.length > 0 && vms.length === declared.length ? [{ name: point.name, vms }] : [];
    });
}

/** Points with volumes whose taking was interrupted: only the command that began it knows how to go on. */
export function interruptedTakes(points: readonly PointFile[]): readonly PointFile[] {
  return points.filter(({ state, volumes }) => state === "taking" && volumes);
}

/** Node of the VM whose snapshot a resource is. */
function nodeIn(urn: string, point: string): string {
  return resourceName(urn).slice(point.length + INFIX.length);
}

function resourceName(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

/** Members that a command has found missing; of a VM snapshot the point's file says so. */
export function lostOf({ restorePoints }: Site, { name, members }: PointRecord): string[] {
  const { vms = [] } = restorePoints.find((file) => file.name === name) ?? {};
  const filed = vms.map((vm) => ({ kind: "virtualMachine" as const, ...vm }));
  const lost = [...members, ...filed].filter((member) => member.lost !== undefined);
  return [...new Set(lost.map(memberKey))];
}
