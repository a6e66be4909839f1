import * as pulumi from "@pulumi/pulumi";
import * as vsphere from "@pulumi/vsphere";
import type { VirtualMachineMember } from "../planning/plan";
import type { PointState } from "../planning/site";
import { cutHooks, type CutRecorder } from "./cutHooks";

/** Arguments of {@link RestorePoint}. */
export interface RestorePointArgs {
  /** Release that the point was cut for, e.g. `24.1`. */
  readonly release: string;
  /** State in the point's file; `expiring` lifts the protection of the members. */
  readonly state: PointState;
  /**
   * RFC 3339 date-time of the cut.
   * @default not cut yet
   */
  readonly cutAt?: string;
  /**
   * VM snapshots to declare: all that the point means to take while it is being cut, afterwards exactly those that its
   * file records. Empty before that, so that the component is there from the start and names never move.
   * @see https://www.pulumi.com/registry/packages/vsphere/api-docs/virtualmachinesnapshot/
   */
  readonly virtualMachines: readonly VirtualMachineMember[];
  /**
   * VM snapshots of other points by resource name, for those whose `after` names one: several snapshots of one VM are
   * made and removed in the order in which they were cut.
   * @default none
   */
  readonly snapshots?: ReadonlyMap<string, vsphere.VirtualMachineSnapshot>;
  /** Writes down what was cut while the program deploys. */
  readonly recorder: CutRecorder;
}

/** One VM snapshot of a point, as an output. */
export interface RestorePointMember {
  /** Kubernetes node name. */
  readonly node: string;
  /** Name of the snapshot in vSphere. */
  readonly snapshotName: string;
  /** Managed object reference, e.g. `snapshot-123`. */
  readonly handle: string;
}

/**
 * A restore point: the parent of everything that was cut under one name. A cut is an event and no desired state, so
 * that a member is created once and never again: not by a refresh, an empty state or a rebuilt site.
 */
export class RestorePoint extends pulumi.ComponentResource {
  /** Release that the point was cut for. */
  public readonly release: pulumi.Output<string>;
  /** The VM snapshots that the program declares, by node name. */
  public readonly members: pulumi.Output<RestorePointMember[]>;
  /** The same by resource name, for points that were cut later. */
  public readonly snapshots: ReadonlyMap<string, vsphere.VirtualMachineSnapshot>;

  public constructor(name: string, args: RestorePointArgs, opts?: pulumi.ComponentResourceOptions) {
    // Only what a cut fixes: state, time and members change without being a change of the program.
    super("atom:backup:RestorePoint", name, { release: args.release }, opts);
    const bind = cutHooks(name, args.virtualMachines, args.cutAt, args.recorder);
    const snapshots = new Map<string, vsphere.VirtualMachineSnapshot>();
    for (const member of args.virtualMachines) {
      const before =
        member.after === undefined
          ? undefined
          : (snapshots.get(member.after) ?? requireSnapshot(args.snapshots, member.after));
      snapshots.set(
        member.resourceName,
        new vsphere.VirtualMachineSnapshot(member.resourceName, snapshotInputs(member), {
          parent: this,
          hooks: bind(member),
          ...(before === undefined ? {} : { dependsOn: [before] }),
          ...memberOptions(member, args.state),
        }),
      );
    }
    this.snapshots = snapshots;
    this.release = pulumi.output(args.release);
    this.members = pulumi.all(
      args.virtualMachines.toSorted(byNode).map((member) => ({
        node: member.node,
        snapshotName: member.snapshotName,
        handle: member.cut?.handle ?? requireSnapshot(snapshots, member.resourceName).id,
      })),
    );
    this.registerOutputs({ release: this.release, members: this.members });
  }
}

/**
 * A VM snapshot is the way back from an upgrade; nothing but `expire` may remove one.
 * - `protect`: every change of an input would replace it, i.e. remove the state before the upgrade and cut one of after.
 * - `retainOnDelete`: dropping it from the program only drops the state entry. `expire` removes the live one itself, by
 *   its recorded reference.
 * - `ignoreChanges` once it was cut: what the file records counts, not what this version would derive today.
 * - Never `deleteBeforeReplace`, for the same reason as `protect`. All were tried on a real engine.
 */
function memberOptions(
  member: VirtualMachineMember,
  state: PointState,
): pulumi.CustomResourceOptions {
  return {
    protect: state !== "expiring",
    retainOnDelete: true,
    ...(member.cut === undefined ? {} : { ignoreChanges: ["*"] }),
  };
}

function snapshotInputs(member: VirtualMachineMember): vsphere.VirtualMachineSnapshotArgs {
  return {
    virtualMachineUuid: member.uuid,
    snapshotName: member.snapshotName,
    description: member.description,
    memory: member.memory,
    quiesce: member.quiesce,
    // Later snapshots of the VM may be a backup tool's; they are not ours to remove.
    removeChildren: false,
  };
}

/** The order of a point's members is that of the node list before the cut and that of the file after it. */
function byNode(one: VirtualMachineMember, other: VirtualMachineMember): number {
  return one.node < other.node ? -1 : 1;
}

function requireSnapshot(
  snapshots: ReadonlyMap<string, vsphere.VirtualMachineSnapshot> | undefined,
  resourceName: string,
): vsphere.VirtualMachineSnapshot {
  const snapshot = snapshots?.get(resourceName);
  if (snapshot === undefined) {
    throw new Error(`The VM snapshot "${resourceName}" has to be declared before those after it`);
  }
  return snapshot;
}
