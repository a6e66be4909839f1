import type { NodeVirtualMachine, Site } from "../../planning/site";
import type { Vm } from "../../clients/vcenter/vms";
import type { DueTake } from "./dueTakes";
import type { Finding } from "./finding";

/** A node's machine that is to be snapshotted. */
export interface TakeQuestion {
  readonly site: Site;
  readonly node: NodeVirtualMachine;
  readonly vm: Vm;
  /** At least one. */
  readonly due: readonly DueTake[];
  readonly now: Date;
}

type Say = (
  severity: Finding["severity"],
  check: string,
  message: string,
  remedy?: string,
) => Finding;

/** Makes findings about the machine. */
export function findingOf({ node }: TakeQuestion): Say {
  const object = `virtual machine of node ${node.name}`;
  return (severity, check, message, remedy) => ({ severity, check, object, message, remedy });
}
