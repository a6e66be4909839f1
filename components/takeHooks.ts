import * as pulumi from "@pulumi/pulumi";
import type { HookedMember } from "./hookedMember";

/** Where a restore point's cut is written down: its committed file. */
export interface TakeRecorder {
  /** Called after each VM snapshot that was taken, with its lasting reference. */
  vm(taken: { readonly node: string; readonly uuid: string; readonly handle: string }): unknown;
  /** Called after each VolumeSnapshot that is ready; what lasts of it is read from its content. */
  volume(taken: {
    readonly namespace: string;
    readonly claim: string;
    readonly uid: string;
    readonly snapshot: string;
  }): unknown;
  /** Called after each VolumeGroupSnapshot that is ready; its members are read from its content. */
  group(taken: { readonly namespace: string; readonly name: string }): unknown;
  /** Called once, after the last of them was written down. */
  complete(): unknown;
}

/** The hooks of one member of the point. */
type BindHooks = (member: HookedMember) => pulumi.ResourceHookBinding;

/**
 * Hooks of a point's members. One that the file records is refused when the engine means to create it, in a preview
 * already; one that it does not record yet is written down once it was created. Two hooks per point and not per member:
 * each is a call to the engine of its own.
 */
export function takeHooks(
  point: string,
  members: readonly HookedMember[],
  takenAt: string | undefined,
  complete: () => unknown,
): BindHooks {
  const byName = new Map(members.map((member) => [member.resourceName, member]));
  const missing = new Set(members.filter((member) => !member.taken));
  const takenOnce =
    missing.size < members.length
      ? new pulumi.ResourceHook(
          `${point} cut once`,
          (args) => {
            throw new Error(refusal(requireMember(byName, args.name), takenAt));
          },
          { onDryRun: true },
        )
      : undefined;
  const recordTake =
    missing.size > 0
      ? new pulumi.ResourceHook(`${point} record cut`, async (args) => {
          const member = requireMember(byName, args.name);
          await member.record(args.id);
          missing.delete(member);
          if (missing.size === 0) {
            await complete();
          }
        })
      : undefined;
  return (member) =>
    member.taken ? { beforeCreate: present(takenOnce) } : { afterCreate: present(recordTake) };
}

function refusal({ title }: HookedMember, takenAt: string | undefined): string {
  const when = takenAt === undefined ? "already" : `at ${takenAt}`;
  return (
    `${title} was cut ${when} and is gone; ` +
    `run ./atom up --stack ${pulumi.getStack()}, which records it as lost. It is never cut again.`
  );
}

function requireMember(
  members: ReadonlyMap<string, HookedMember>,
  resourceName: string,
): HookedMember {
  const member = members.get(resourceName);
  if (member === undefined) {
    throw new Error(`The hook was called for "${resourceName}", which is no member of the point`);
  }
  return member;
}

function present(hook: pulumi.ResourceHook | undefined): pulumi.ResourceHook[] {
  return hook === undefined ? [] : [hook];
}
