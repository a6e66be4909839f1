import { stackOption } from "../config/stackNames";
import type { DesiredState } from "../engine/program/desiredState";
import type { StackResource, StackState } from "../engine/stackState";
import type { PointFile } from "../planning/site";
import { describeResource } from "./resources";
import type { Finding, LiveState, LiveVm } from "./types";

export interface DriftInput {
  readonly desired: DesiredState;
  readonly state: StackState;
  readonly live: LiveState;
  /** The site's restore points as their files say; they carry what was taken. */
  readonly points: readonly PointFile[];
}

/** The input with what every rule looks up in it. */
export interface DriftContext extends DriftInput {
  readonly recorded: ReadonlyMap<string, StackResource>;
  /** Live VMs by BIOS UUID; more than one under a UUID where somebody cloned it. */
  readonly vms: ReadonlyMap<string, readonly LiveVm[]>;
}

export function driftContext(input: DriftInput): DriftContext {
  const { state, live } = input;
  const vms = new Map<string, LiveVm[]>();
  for (const vm of live.vcenter.state === "read" ? live.vcenter.value.vms : []) {
    vms.set(vm.uuid, [...(vms.get(vm.uuid) ?? []), vm]);
  }
  const recorded = new Map(state.resources.map((resource) => [resource.urn, resource]));
  return { ...input, vms, recorded };
}

/** A command of this program for the stack. */
export function command({ desired }: Pick<DriftInput, "desired">, text: string): string {
  return `./atom ${text}${stackOption(desired.stack)}`;
}

/** Name of a VM for people: as vCenter calls it, else its UUID. */
export function vmName({ vms }: DriftContext, uuid: string): string {
  const [vm] = vms.get(uuid) ?? [];
  return vm?.name ?? `VM ${uuid}`;
}

/** What a rule says of one object. */
export type Verdict = Pick<Finding, "kind" | "reason"> &
  Partial<Pick<Finding, "changes" | "command" | "id" | "lost" | "blocked" | "state">>;

/** A verdict while which nothing may be deployed. */
export function blocked(
  kind: Verdict["kind"],
  reason: string,
  more: Omit<Verdict, "kind" | "reason"> = {},
): Verdict {
  return { kind, blocked: true, reason, ...more };
}

/** A finding about a registration or a recorded resource. */
export function finding(
  context: DriftContext,
  subject: Pick<StackResource, "urn" | "type" | "inputs">,
  verdict: Verdict,
): Finding {
  return {
    changes: [],
    command: undefined,
    id: undefined,
    ...verdict,
    urn: subject.urn,
    type: subject.type,
    object: describeResource(subject.type, subject.inputs, (uuid) => vmName(context, uuid)),
  };
}
