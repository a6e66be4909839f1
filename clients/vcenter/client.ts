import { VcenterError } from "./error";
import type { Vm } from "./vms";
import { readVms } from "./vms";
import type { MissingPrivilege } from "./privileges";
import { missingPrivileges } from "./privileges";
import type { Session } from "./session";
import type { TaskWatch } from "./task";
import { runTask } from "./task";

/** Options of a snapshot, as in the provider's resource. */
export interface SnapshotRequest {
  readonly name: string;
  readonly description: string;
  readonly memory: boolean;
  readonly quiesce: boolean;
}

/**
 * The few calls of a vCenter that restore points need. Every method throws a VcenterError whose message is one
 * sentence; the password is in none of them.
 */
export class VcenterClient {
  constructor(
    /** Host name or `host:port`, as in the stack file. */
    readonly server: string,
    private readonly session: Session,
  ) {}

  /** UUID of this vCenter installation. */
  get instanceUuid(): string {
    return this.session.content.instanceUuid;
  }

  /** For example `VMware vCenter Server 8.0.3 build-24022515`. */
  get fullName(): string {
    return this.session.content.fullName;
  }

  /** All virtual machines that the user may see, with their snapshots. */
  vms(): Promise<Vm[]> {
    return readVms(this.session);
  }

  /**
   * Takes a snapshot and waits for it.
   *
   * @param vm reference, e.g. `vm-42`
   * @returns the snapshot's reference, e.g. `snapshot-123`
   * @throws VcenterError
   */
  async createSnapshot(vm: string, request: SnapshotRequest, watch: TaskWatch): Promise<string> {
    const action = `Taking the snapshot ${request.name} of ${vm}`;
    const target = { type: "VirtualMachine", value: vm };
    // In the order of the schema, which vSphere insists on.
    const { name, description, memory, quiesce } = request;
    const input = { name, description, memory, quiesce };
    const call = ["CreateSnapshot_Task", target, input] as const;
    const snapshot = await runTask(this.session, call, action, watch);
    if (snapshot === undefined || snapshot.value === "") {
      const message = `${action}: vCenter reports success without naming the snapshot.`;
      throw new VcenterError("answer", message);
    }
    return snapshot.value;
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
      await runTask(this.session, call, `Removing the snapshot ${snapshot}`, watch);
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
    return missingPrivileges(this.session, vms, privileges);
  }

  /** Logs out. */
  close(): Promise<void> {
    return this.session.close();
  }
}
