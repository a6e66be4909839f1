import type { DesiredState } from "../engine/program/desiredState";
import type { RestorePointFile } from "../planning/site";
import { describeResource } from "./resources";
import type { DeployedResource, DeployedState, LiveVm, LiveState, Step } from "./types";

/** All that a plan is made from. */
export interface PlanInput {
  readonly desired: DesiredState;
  readonly deployed: DeployedState;
  readonly live: LiveState;
  /** The site's restore points as their files say; they carry what a cut fixed. */
  readonly points: readonly RestorePointFile[];
}

/** The input with what every rule looks up in it. */
export interface PlanContext extends PlainContext {
  readonly recorded: ReadonlyMap<string, DeployedResource>;
}

interface PlainContext extends PlanInput {
  /** Live machines by BIOS UUID; more than one under a UUID when somebody cloned it. */
  readonly vms: ReadonlyMap<string, readonly LiveVm[]>;
}

export function planContext(input: PlanInput): PlanContext {
  const { deployed, live } = input;
  const vms = new Map<string, LiveVm[]>();
  for (const vm of live.vcenter.state === "read" ? live.vcenter.value.vms : []) {
    vms.set(vm.uuid, [...(vms.get(vm.uuid) ?? []), vm]);
  }
  const recorded = new Map(deployed.resources.map((resource) => [resource.urn, resource]));
  return { ...input, vms, recorded };
}

/** A command of this program for the stack that is planned. */
export function command({ desired }: PlanContext, text: string): string {
  return desired.stack === "lab" ? `./atom ${text}` : `./atom ${text} --stack ${desired.stack}`;
}

/** Name of a machine for people: as vCenter calls it, else its UUID. */
export function vmName({ vms }: PlanContext, uuid: string): string {
  const [vm] = vms.get(uuid) ?? [];
  return vm?.name ?? `VM ${uuid}`;
}

/** What a step is about. */
type Subject = Pick<DeployedResource, "urn" | "type" | "inputs">;

export type StepText = Pick<Step, "kind" | "reason"> &
  Partial<Pick<Step, "changes" | "command" | "id" | "lost">>;

/** A step about a registration or a recorded resource. */
export function step(context: PlanContext, subject: Subject, what: StepText): Step {
  return {
    kind: what.kind,
    urn: subject.urn,
    type: subject.type,
    object: describeResource(subject.type, subject.inputs, (uuid) => vmName(context, uuid)),
    changes: what.changes ?? [],
    reason: what.reason,
    command: what.command,
    id: what.id,
    ...(what.lost === undefined ? {} : { lost: what.lost }),
  };
}
