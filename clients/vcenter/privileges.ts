import { VcenterError } from "./error";
import type { Session } from "./session";
import { children, referenceInput, textOf } from "./xml";

/**
 * What the code asks of a vCenter user on the node VMs, besides System.Read, which every role has and which is needed on
 * their hosts and datastores as well.
 */
export const SNAPSHOT_PRIVILEGES: readonly string[] = [
  "VirtualMachine.State.CreateSnapshot",
  "VirtualMachine.State.RemoveSnapshot",
];

/** A privilege that the session's user lacks on a machine. */
export interface MissingPrivilege {
  readonly vm: string;
  readonly privilege: string;
}

/**
 * Privileges that are not granted on the machines (by reference).
 *
 * @returns undefined when this vCenter cannot be asked, which says nothing
 */
export async function missingPrivileges(
  session: Session,
  vms: readonly string[],
  privileges: readonly string[],
): Promise<readonly MissingPrivilege[] | undefined> {
  const manager = session.content.authorizationManager;
  if (manager === undefined) {
    return undefined;
  }
  const input = {
    entity: vms.map((value) => referenceInput({ type: "VirtualMachine", value })),
    sessionId: session.key,
    privId: privileges,
  };
  try {
    const answers = await session.call(
      "HasPrivilegeOnEntities",
      manager,
      input,
      "Asking for privileges",
    );
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
