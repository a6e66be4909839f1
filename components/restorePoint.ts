import * as pulumi from "@pulumi/pulumi";
import * as vsphere from "@pulumi/vsphere";

import type { VirtualMachineMember, RestorePointPlan } from "../planning/plan";
import type { PointState } from "../planning/site";
import { takeHooks, type TakeRecorder } from "./takeHooks";

/** Arguments of {@link RestorePoint}. */
export interface RestorePointArgs {
  /** Release that the point was taken for, e.g. `24.1`. */
  readonly release: string;
  /** State in the point's file; `expiring` lifts the protection of the members. */
  readonly state: PointState;
  /**
   * RFC 3339 date-time of the snapshots.
   * @default not taken yet
   */
  readonly takenAt?: string;
  /**
   * VM snapshots to declare: all that the point means to take while it is being taken, afterwards exactly those that its
   * file records. Empty before that, so that the component is there from the start and names never move.
   * @see https://www.pulumi.com/registry/packages/vsphere/api-docs/virtualmachinesnapshot/
   */
  readonly virtualMachines: readonly VirtualMachineMember[];
  /**
   * Whether the point also holds volumes, so that only `./atom restore-point create` may take it: it takes the volumes
   * beside this deployment, at a moment that it chooses.
   */
  readonly volumes: boolean;
  /**
   * VM snapshots of other points by resource name, for those whose `after` names one: several snapshots of one VM are
   * made and removed in the order in which they were taken.
   * @default none
   */
  readonly snapshots?: ReadonlyMap<string, vsphere.VirtualMachineSnapshot>;
  /** Writes down what was taken while the program deploys. */
  readonly recorder: TakeRecorder;
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
 * A restore point: the parent of the VM snapshots that were taken under one name. Taking one is an event and no desired
 * state, so that a member is created once and never again: not by a refresh, an empty state or a rebuilt site.
 * Snapshots of volumes are no resources: the program's own Kubernetes client takes and removes them.
 */
export class RestorePoint extends pulumi.ComponentResource {
  /** Release that the point was taken for. */
  public readonly release: pulumi.Output<string>;
  /** The VM snapshots that the program declares, by node name. */
  public readonly members: pulumi.Output<RestorePointMember[]>;
  /** The same by resource name, for points that were taken later. */
  public readonly snapshots: ReadonlyMap<string, vsphere.VirtualMachineSnapshot>;

  public constructor(name: string, args: RestorePointArgs, opts?: pulumi.ComponentResourceOptions) {
    // Only what is fixed once it is taken: state, time and members change without being a change of the program.
    super("atom:backup:RestorePoint", name, { release: args.release }, opts);
    const bind = takeHooks({
      point: name,
      members: args.virtualMachines,
      takenAt: args.takenAt,
      refusal: refusalOf(name, args.volumes),
      recorder: args.recorder,
    });
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
          ...memberOptions(member, args.state),
          ...(before === undefined ? {} : { dependsOn: [before] }),
        }),
      );
    }
    this.snapshots = snapshots;
    this.release = pulumi.output(args.release);
    this.members = pulumi.all(
      args.virtualMachines.toSorted(byNode).map((member) => ({
        node: member.node,
        snapshotName: member.snapshotName,
        handle: member.taken?.handle ?? requireSnapshot(snapshots, member.resourceName).id,
      })),
    );
    this.registerOutputs({
      release: this.release,
      members: this.members,
    });
  }
}

/**
 * A snapshot is the way back from an upgrade; nothing but `expire` may remove one.
 * - `protect`: every change of an input would replace it, i.e. remove the state before the upgrade and take one of after.
 * - `retainOnDelete`: dropping it from the program only drops the state entry. `expire` removes the live one itself, by
 *   its recorded reference.
 * - `ignoreChanges` once it was taken: what the file records counts, not what this version would derive today.
 * - Never `deleteBeforeReplace`, for the same reason as `protect`. All were tried on a real engine.
 */
function memberOptions(
  { taken }: VirtualMachineMember,
  state: PointState,
): pulumi.CustomResourceOptions {
  return {
    protect: state !== "expiring",
    retainOnDelete: true,
    ...(taken !== undefined ? { ignoreChanges: ["*"] } : {}),
  };
}

/** Environment variable that `restore-point create` names its point by, for the deployment that takes the VM snapshots. */
const TAKEN_BY_COMMAND = "ATOM_TAKING";

/** Plain `pulumi up` must not take a point whose volumes it cannot take. */
function refusalOf(point: string, volumes: boolean): string | undefined {
  return volumes && process.env[TAKEN_BY_COMMAND] !== point
    ? `Restore point ${point} also holds volumes, which a deployment cannot take: ` +
        `run ./atom restore-point create ${point} --stack ${pulumi.getStack()}.`
    : undefined;
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

/** The order of a point's members is that of the node list before it is taken and that of the file afterwards. */
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

/**
 * Declares the points of a site and returns them by name, in the order of the plan.
 *
 * @param plans In the order in which they were taken: a VM's snapshots come after each other.
 * @param recorderOf Where the taken VM snapshots of a point are written down.
 */
export function restorePoints(
  plans: readonly RestorePointPlan[],
  recorderOf: (point: RestorePointPlan) => TakeRecorder,
  opts: pulumi.ComponentResourceOptions,
): ReadonlyMap<string, RestorePoint> {
  const snapshots = new Map<string, vsphere.VirtualMachineSnapshot>();
  return new Map(
    plans.map((plan) => {
      const args = { ...plan, snapshots, recorder: recorderOf(plan) };
      const point = new RestorePoint(plan.name, args, opts);
      point.snapshots.forEach((snapshot, name) => snapshots.set(name, snapshot));
      return [plan.name, point];
    }),
  );
}
