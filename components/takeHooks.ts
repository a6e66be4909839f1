import * as pulumi from "@pulumi/pulumi";
import type { VirtualMachineMember } from "../planning/plan";
import type { VmMember } from "../planning/pointRecord";

/** Where the program writes down the VM snapshots that a deployment takes: the point's file. */
export interface TakeRecorder {
  /** Called after each VM snapshot that was taken, with its lasting reference. */
  vm(taken: Pick<VmMember, "node" | "uuid" | "handle">): void;
  /** Called once, after the last of them was written down. */
  complete(): void;
}

/** What the hooks of one point are made of. */
export interface TakeHooksOptions {
  /** Name of the point. */
  readonly point: string;
  /** All VM snapshots that the point declares. */
  readonly members: readonly VirtualMachineMember[];
  /** RFC 3339; undefined while the point is not taken. */
  readonly takenAt: string | undefined;
  /** Why this deployment must not take the members; undefined when it may. */
  readonly refusal: string | undefined;
  /** Where what was taken is written down. */
  readonly recorder: TakeRecorder;
}

/**
 * Hooks of a point's VM snapshots. One that the file records is refused when the engine means to create it, in a preview
 * already; one that it does not record yet is written down once it was created, unless this deployment must not take it.
 * One hook per point and kind, and not per member: each is a call to the engine of its own.
 */
export function takeHooks({
  point,
  members,
  takenAt,
  refusal,
  recorder,
}: TakeHooksOptions): (member: VirtualMachineMember) => pulumi.ResourceHookBinding {
  const byName = new Map(members.map((member) => [member.resourceName, member]));
  const missing = new Set(members.filter(({ taken }) => taken === undefined));
  const refused = (member: VirtualMachineMember): string | undefined =>
    member.taken === undefined ? refusal : takenOnce(member, takenAt);
  const refuse = members.some((member) => refused(member) !== undefined)
    ? new pulumi.ResourceHook(
        `${point} taken once`,
        ({ name }) => {
          throw new Error(refused(requireMember(byName, name)));
        },
        { onDryRun: true },
      )
    : undefined;
  const record =
    missing.size > 0 && refusal === undefined
      ? new pulumi.ResourceHook(`${point} record`, ({ name, id }) => {
          const member = requireMember(byName, name);
          recorder.vm({ node: member.node, uuid: member.uuid, handle: id });
          missing.delete(member);
          if (missing.size === 0) {
            recorder.complete();
          }
        })
      : undefined;
  return (member) =>
    refused(member) === undefined
      ? { afterCreate: present(record) }
      : { beforeCreate: present(refuse) };
}

function takenOnce(
  { snapshotName, node, taken }: VirtualMachineMember,
  takenAt: string | undefined,
): string {
  const when = takenAt === undefined ? "already" : `at ${takenAt}`;
  return (
    `VM snapshot ${snapshotName} of node ${node} (${taken?.handle ?? ""}) was taken ${when} and is gone; ` +
    `run ./atom up --stack ${pulumi.getStack()}, which records it as lost. It is never taken again.`
  );
}

function requireMember(
  members: ReadonlyMap<string, VirtualMachineMember>,
  resourceName: string,
): VirtualMachineMember {
  const member = members.get(resourceName);
  if (member === undefined) {
    throw new Error(`The hook was called for "${resourceName}", which is no member of the point`);
  }
  return member;
}

function present(hook: pulumi.ResourceHook | undefined): pulumi.ResourceHook[] {
  return hook === undefined ? [] : [hook];
}
