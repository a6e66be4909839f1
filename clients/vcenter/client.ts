import { VcenterError } from "./error";
import { Session } from "./session";
import { runTask, type TaskWatch } from "./task";
import { readVms, type Vm } from "./vms";
import { children, machineAt, referenceInput, textOf } from "./xml";

/** Methods that are called here and by the vSphere provider, by what for, each with the privilege that vCenter asks for. */
export const METHODS = {
  /** `drift` calls these and no others. Read is needed on hosts and datastores of the node VMs as well. */
  look: {
    CreateContainerView: "System.View",
    DestroyView: "System.View",
    RetrievePropertiesEx: "System.Read",
    ContinueRetrievePropertiesEx: "System.Read",
    HasPrivilegeOnEntities: "System.View",
  },
  take: {
    CreateSnapshot_Task: "VirtualMachine.State.CreateSnapshot",
    RemoveSnapshot_Task: "VirtualMachine.State.RemoveSnapshot",
  },
  revert: {
    RevertToSnapshot_Task: "VirtualMachine.State.RevertToSnapshot",
    PowerOffVM_Task: "VirtualMachine.Interact.PowerOff",
    PowerOnVM_Task: "VirtualMachine.Interact.PowerOn",
  },
  /** Images of node VMs. */
  image: {
    CloneVM_Task: "VirtualMachine.Provisioning.CreateTemplateFromVM",
    Destroy_Task: "VirtualMachine.Inventory.Delete",
  },
  restore: {
    CloneVM_Task: "VirtualMachine.Provisioning.DeployTemplate",
    ReconfigVM_Task: "VirtualMachine.Config.Settings",
    PowerOnVM_Task: "VirtualMachine.Interact.PowerOn",
  },
} as const;

/** What every role of vCenter has. */
export const LOOK_PRIVILEGES = [
  ...new Set(["System.Anonymous", ...Object.values(METHODS.look)]),
].sort();

/** On the node VMs, besides. */
export const SNAPSHOT_PRIVILEGES: readonly string[] = Object.values(METHODS.take);

/** What a revert takes besides. */
export const REVERT_PRIVILEGES: readonly string[] = Object.values(METHODS.revert);

/** On the node VMs, to make images of them and remove old ones. */
export const IMAGE_PRIVILEGES: readonly string[] = Object.values(METHODS.image);

/** Besides, for a clone and to bring a node back: on the folder with the node VMs, datastores, pools and networks. */
export const CLONE_PRIVILEGES: readonly string[] = [
  ...Object.values(METHODS.restore),
  "VirtualMachine.Config.EditDevice",
  "VirtualMachine.Config.Annotation",
  "VirtualMachine.Inventory.CreateFromExisting",
  "Datastore.AllocateSpace",
  "Resource.AssignVMToPool",
  "Network.Assign",
];

/**
 * The few calls of a vCenter that restore points need. Every method throws a VcenterError whose message is one
 * sentence; the password is in none of them.
 */
export class VcenterClient extends Session {
  /** All virtual machines that the user may see, with their snapshots. */
  vms(): Promise<Vm[]> {
    return readVms(this);
  }

  /**
   * Removes one snapshot and merges its disks; snapshots after it stay.
   *
   * @returns false when it was gone already
   * @throws VcenterError
   */
  async removeSnapshot(snapshot: string, watch: TaskWatch): Promise<boolean> {
    const target = { type: "VirtualMachineSnapshot", value: snapshot };
    // Never true: later snapshots may be somebody else's, a backup tool's say.
    const input = { removeChildren: false, consolidate: true };
    const call = ["RemoveSnapshot_Task", target, input] as const;
    try {
      await runTask(this, call, `Removing the snapshot ${snapshot}`, watch);
      return true;
    } catch (error) {
      if (error instanceof VcenterError && error.reason === "ManagedObjectNotFound") {
        return false;
      }
      throw error;
    }
  }

  /** Makes a machine what it was at the snapshot; it is off then. @throws VcenterError */
  revertTo(snapshot: string, watch: TaskWatch): Promise<void> {
    const target = { type: "VirtualMachineSnapshot", value: snapshot };
    const call = ["RevertToSnapshot_Task", target, { suppressPowerOn: true }] as const;
    return runTask(this, call, `Reverting to the snapshot ${snapshot}`, watch);
  }

  /** Switches a machine (by reference) on, or off at once. @throws VcenterError */
  power(vm: string, to: "On" | "Off", watch: TaskWatch): Promise<void> {
    const call = [`Power${to}VM_Task`, machineAt(vm), {}] as const;
    return runTask(this, call, `Powering ${to.toLowerCase()} the VM ${vm}`, watch);
  }

  /** Privileges that the user lacks on the machines (by reference); undefined when this vCenter cannot be asked. */
  async missingPrivileges(
    vms: readonly string[],
    privileges: readonly string[],
  ): Promise<readonly { readonly vm: string; readonly privilege: string }[] | undefined> {
    const manager = await this.manager("authorizationManager");
    if (manager.value === "") {
      return undefined;
    }
    const input = {
      entity: vms.map((vm) => referenceInput(machineAt(vm))),
      sessionId: this.key,
      privId: privileges,
    };
    const action = "Asking for privileges";
    try {
      const answers = await this.call("HasPrivilegeOnEntities", manager, input, action);
      return answers.flatMap((answer) =>
        children(answer, "privAvailability")
          .filter((availability) => textOf(availability, "isGranted") !== "true")
          .map((availability) => ({
            vm: textOf(answer, "entity"),
            privilege: textOf(availability, "privId"),
          })),
      );
    } catch (error) {
      if (error instanceof VcenterError && error.failure === "answer") {
        return undefined;
      }
      throw error;
    }
  }
}
