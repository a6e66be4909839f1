import { VcenterError } from "./error";
import { readVms, type Vm } from "./vms";
import { missingPrivileges, type MissingPrivilege } from "./privileges";
import { Session } from "./session";
import { runTask, type TaskWatch } from "./task";

/**
 * The few calls of a vCenter that restore points need. Every method throws a VcenterError whose message is one
 * sentence; the password is in none of them.
 */
export class VcenterClient extends Session {
  /** UUID of this vCenter installation. */
  get instanceUuid(): string {
    return this.content.instanceUuid;
  }

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

  /** Privileges that the user lacks on the machines (by reference); undefined when vCenter cannot be asked. */
  missingPrivileges(
    vms: readonly string[],
    privileges: readonly string[],
  ): Promise<readonly MissingPrivilege[] | undefined> {
    return missingPrivileges(this, vms, privileges);
  }
}
