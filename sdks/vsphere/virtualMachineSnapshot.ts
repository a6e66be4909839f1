import * as pulumi from "@pulumi/pulumi";
import { pluginVersion } from "./version";

const RESOURCE_TYPE = "vsphere:index/virtualMachineSnapshot:VirtualMachineSnapshot";
const REQUIRED = [
  "description",
  "memory",
  "quiesce",
  "snapshotName",
  "virtualMachineUuid",
] as const;

/**
 * A snapshot of one virtual machine. The provider has no update: every changed input replaces the snapshot. Its id is
 * the snapshot's managed object reference, e.g. `snapshot-123`.
 * Same name, token and properties as in the published package `@pulumi/vsphere` 4.x.
 *
 * @see https://www.pulumi.com/registry/packages/vsphere/api-docs/virtualmachinesnapshot/
 */
export class VirtualMachineSnapshot extends pulumi.CustomResource {
  /** Type token, as in the published SDK. */
  public static readonly __pulumiType: string = RESOURCE_TYPE;

  /**
   * Reads a snapshot that is managed elsewhere.
   *
   * @param name Unique name of the resource in this program.
   * @param id Managed object reference of the snapshot.
   * @param state Properties that qualify the look-up.
   */
  public static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    state?: VirtualMachineSnapshotState,
    opts?: pulumi.CustomResourceOptions,
  ): VirtualMachineSnapshot {
    return new VirtualMachineSnapshot(name, state, { ...opts, id });
  }

  /** Whether the object is such a resource; holds also where the Pulumi SDK is loaded more than once. */
  public static override isInstance(obj: unknown): obj is VirtualMachineSnapshot {
    return (
      typeof obj === "object" &&
      obj !== null &&
      (obj as { __pulumiType?: unknown }).__pulumiType === RESOURCE_TYPE
    );
  }

  /** Whether the delta disks are consolidated into the parent when the snapshot is removed. */
  declare public readonly consolidate: pulumi.Output<boolean | undefined>;
  /** Text shown beside the snapshot. */
  declare public readonly description: pulumi.Output<string>;
  /** Whether the memory is part of the snapshot. */
  declare public readonly memory: pulumi.Output<boolean>;
  /** Whether VMware Tools quiesced the guest's file systems. */
  declare public readonly quiesce: pulumi.Output<boolean>;
  /** Whether the whole subtree goes when the snapshot is removed. */
  declare public readonly removeChildren: pulumi.Output<boolean | undefined>;
  /** Name of the snapshot; vSphere accepts duplicates. */
  declare public readonly snapshotName: pulumi.Output<string>;
  /** BIOS UUID of the virtual machine. */
  declare public readonly virtualMachineUuid: pulumi.Output<string>;

  /**
   * @param name Unique name of the resource.
   * @param args What to take; every field replaces the snapshot when it changes.
   */
  public constructor(
    name: string,
    args: VirtualMachineSnapshotArgs,
    opts?: pulumi.CustomResourceOptions,
  );
  public constructor(
    name: string,
    state?: VirtualMachineSnapshotState,
    opts?: pulumi.CustomResourceOptions,
  );
  public constructor(
    name: string,
    argsOrState?: VirtualMachineSnapshotState,
    opts?: pulumi.CustomResourceOptions,
  ) {
    if (opts?.id === undefined && opts?.urn === undefined) {
      for (const property of REQUIRED) {
        if (argsOrState?.[property] === undefined) {
          throw new Error(`Missing required property '${property}'`);
        }
      }
    }
    const inputs: pulumi.Inputs = {
      consolidate: argsOrState?.consolidate,
      description: argsOrState?.description,
      memory: argsOrState?.memory,
      quiesce: argsOrState?.quiesce,
      removeChildren: argsOrState?.removeChildren,
      snapshotName: argsOrState?.snapshotName,
      virtualMachineUuid: argsOrState?.virtualMachineUuid,
    };
    super(RESOURCE_TYPE, name, inputs, pulumi.mergeOptions({ version: pluginVersion }, opts));
  }
}

/** Inputs of {@link VirtualMachineSnapshot}. */
export interface VirtualMachineSnapshotArgs {
  /** Consolidate the delta disks into the parent when the snapshot is removed; the provider's default is true. */
  readonly consolidate?: pulumi.Input<boolean>;
  /** Text shown beside the snapshot. */
  readonly description: pulumi.Input<string>;
  /** Include the memory of a running machine; never together with `quiesce`. */
  readonly memory: pulumi.Input<boolean>;
  /** Have VMware Tools quiesce the guest's file systems; never together with `memory`. */
  readonly quiesce: pulumi.Input<boolean>;
  /** Remove the whole subtree, snapshots of others included, when the snapshot is removed; default false. */
  readonly removeChildren?: pulumi.Input<boolean>;
  /** Name of the snapshot; vSphere accepts duplicates. */
  readonly snapshotName: pulumi.Input<string>;
  /** BIOS UUID of the virtual machine. */
  readonly virtualMachineUuid: pulumi.Input<string>;
}

/** Properties that qualify a look-up with {@link VirtualMachineSnapshot.get}. */
export type VirtualMachineSnapshotState = Partial<VirtualMachineSnapshotArgs>;
