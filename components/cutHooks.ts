import * as pulumi from "@pulumi/pulumi";
import type { VirtualMachineMember } from "../planning/plan";

/** Where a restore point's cut is written down: its committed file. */
export interface CutRecorder {
  /** Called after each snapshot that was taken, with its lasting reference. */
  member(cut: { readonly node: string; readonly uuid: string; readonly handle: string }): void;
  /** Called once, after the last of them. */
  complete(): void;
}

/** The hooks of one member of the point. */
type BindHooks = (member: VirtualMachineMember) => pulumi.ResourceHookBinding;

/**
 * Hooks of a point's members. One that the file records is refused when the engine means to create it, in a preview
 * already; one that it does not record yet is written down once it was created. Two hooks per point and not per member:
 * each is a call to the engine of its own.
 */
export function cutHooks(
  point: string,
  members: readonly VirtualMachineMember[],
  cutAt: string | undefined,
  recorder: CutRecorder,
): BindHooks {
  const byName = new Map(members.map((member) => [member.resourceName, member]));
  const missing = new Set(members.filter((member) => member.cut === undefined));
  const cutOnce =
    missing.size < members.length
      ? new pulumi.ResourceHook(
          `${point} cut once`,
          (args) => {
            throw new Error(refusal(requireMember(byName, args.name), cutAt));
          },
          { onDryRun: true },
        )
      : undefined;
  const recordCut =
    missing.size > 0
      ? new pulumi.ResourceHook(`${point} record cut`, (args) => {
          const member = requireMember(byName, args.name);
          recorder.member({ node: member.node, uuid: member.uuid, handle: args.id });
          missing.delete(member);
          if (missing.size === 0) {
            recorder.complete();
          }
        })
      : undefined;
  return (member) =>
    member.cut === undefined
      ? { afterCreate: present(recordCut) }
      : { beforeCreate: present(cutOnce) };
}

function refusal(member: VirtualMachineMember, cutAt: string | undefined): string {
  const when = cutAt === undefined ? "already" : `at ${cutAt}`;
  const reference = member.cut === undefined ? "" : ` (${member.cut.handle})`;
  return (
    `VM snapshot ${member.snapshotName} of node ${member.node}${reference} was cut ${when} and is gone; ` +
    `run ./atom up --stack ${pulumi.getStack()}, which records it as lost. It is never cut again.`
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
