import * as pulumi from "@pulumi/pulumi";
import * as vsphere from "@pulumi/vsphere";
import type {
  VirtualMachineMember,
  VolumeGroupMember,
  VolumeSnapshotMember,
} from "../planning/plan";
import type { PointState } from "../planning/site";
import { takeHooks, type TakeRecorder } from "./takeHooks";
import type { HookedMember } from "./hookedMember";
import { hookedGroup, hookedVolume, volumeGroupSnapshot, volumeSnapshot } from "./volumeSnapshots";

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
  readonly takenAt?: string;
  /**
   * VM snapshots to declare: all that the point means to take while it is being cut, afterwards exactly those that its
   * file records. Empty before that, so that the component is there from the start and names never move.
   * @see https://www.pulumi.com/registry/packages/vsphere/api-docs/virtualmachinesnapshot/
   */
  readonly virtualMachines: readonly VirtualMachineMember[];
  /**
   * Volume snapshots to declare, by the same rule; none where groups cut them.
   * @default none
   * @see https://kubernetes.io/docs/concepts/storage/volume-snapshots/
   */
  readonly volumes?: readonly VolumeSnapshotMember[];
  /**
   * Group snapshots to declare, by the same rule: one for each namespace.
   * @default none
   */
  readonly volumeGroups?: readonly VolumeGroupMember[];
  /**
   * VM snapshots of other points by resource name, for those whose `after` names one: several snapshots of one VM are
   * made and removed in the order in which they were cut.
   * @default none
   */
  readonly snapshots?: ReadonlyMap<string, vsphere.VirtualMachineSnapshot>;
  /** Writes down what was cut while the program deploys. */
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
  /** Claims whose volumes the point holds, `namespace/name`. */
  public readonly claims: pulumi.Output<readonly string[]>;

  public constructor(name: string, args: RestorePointArgs, opts?: pulumi.ComponentResourceOptions) {
    // Only what a cut fixes: state, time and members change without being a change of the program.
    super("atom:backup:RestorePoint", name, { release: args.release }, opts);
    const { recorder, volumes = [], volumeGroups = [] } = args;
    const hooked = {
      vms: args.virtualMachines.map((member) => hookedVm(member, recorder)),
      volumes: volumes.map((member) => hookedVolume(member, recorder)),
      groups: volumeGroups.map((member) => hookedGroup(member, recorder)),
    };
    const all = [...hooked.vms, ...hooked.volumes, ...hooked.groups];
    const bind = takeHooks(name, all, args.takenAt, () => recorder.complete());
    const optionsOf = (member: HookedMember): pulumi.CustomResourceOptions => ({
      parent: this,
      hooks: bind(member),
      ...memberOptions(member, args.state),
    });
    const takenVolumes = [
      ...hooked.volumes.map((one) => volumeSnapshot(one.member, optionsOf(one))),
      ...hooked.groups.map((one) => volumeGroupSnapshot(one.member, optionsOf(one))),
    ];
    const snapshots = new Map<string, vsphere.VirtualMachineSnapshot>();
    for (const one of hooked.vms) {
      const { member } = one;
      const before =
        member.after === undefined
          ? undefined
          : (snapshots.get(member.after) ?? requireSnapshot(args.snapshots, member.after));
      snapshots.set(
        member.resourceName,
        new vsphere.VirtualMachineSnapshot(member.resourceName, snapshotInputs(member), {
          ...optionsOf(one),
          // Volumes first: a volume that is being cut must not be held up by the disks of its node.
          ...dependsOn([...(one.taken ? [] : takenVolumes), before]),
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
    this.claims = pulumi.output(
      [...volumes, ...volumeGroups.flatMap(({ claims }) => claims)]
        .map(({ namespace, claim }) => `${namespace}/${claim}`)
        .sort(),
    );
    this.registerOutputs({
      release: this.release,
      members: this.members,
      claims: this.claims,
    });
  }
}

/**
 * A snapshot is the way back from an upgrade; nothing but `expire` may remove one.
 * - `protect`: every change of an input would replace it, i.e. remove the state before the upgrade and cut one of after.
 * - `retainOnDelete`: dropping it from the program only drops the state entry. `expire` removes the live one itself, by
 *   its recorded reference.
 * - `ignoreChanges` once it was cut: what the file records counts, not what this version would derive today.
 * - Never `deleteBeforeReplace`, for the same reason as `protect`. All were tried on a real engine.
 */
function memberOptions({ taken }: HookedMember, state: PointState): pulumi.CustomResourceOptions {
  return {
    protect: state !== "expiring",
    retainOnDelete: true,
    ...(taken ? { ignoreChanges: ["*"] } : {}),
  };
}

function dependsOn(
  resources: readonly (pulumi.Resource | undefined)[],
): pulumi.CustomResourceOptions {
  const given = resources.filter((resource) => resource !== undefined);
  return given.length === 0 ? {} : { dependsOn: given };
}

function hookedVm(
  member: VirtualMachineMember,
  recorder: TakeRecorder,
): HookedMember & { readonly member: VirtualMachineMember } {
  const { node, uuid, resourceName, taken } = member;
  const reference = taken === undefined ? "" : ` (${taken.handle})`;
  return {
    member,
    resourceName,
    title: `VM snapshot ${member.snapshotName} of node ${node}${reference}`,
    taken: taken !== undefined,
    record: (handle) => recorder.vm({ node, uuid, handle }),
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
