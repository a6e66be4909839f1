import type { NodeVirtualMachine, Site } from "../../planning/site";
import type { Machine } from "../../clients/vcenter/machines";
import type { DueCut } from "./dueCuts";
import type { Finding } from "./finding";

/** A node's machine that is to be snapshotted. */
export interface CutQuestion {
  readonly site: Site;
  readonly node: NodeVirtualMachine;
  readonly machine: Machine;
  /** At least one. */
  readonly due: readonly DueCut[];
  readonly now: Date;
}

type Say = (
  severity: Finding["severity"],
  check: string,
  message: string,
  remedy?: string,
) => Finding;

/** Makes findings about the machine. */
export function findingOf({ node }: CutQuestion): Say {
  const object = `virtual machine of node ${node.name}`;
  return (severity, check, message, remedy) => ({ severity, check, object, message, remedy });
}
