import type { SitePlan } from "../../planning/plan";
import type { NodeVirtualMachine, Site, VirtualMachines } from "../../planning/site";
import type { VcenterClient } from "../../clients/vcenter/client";
import { VcenterError } from "../../clients/vcenter/error";
import type { Machine } from "../../clients/vcenter/machines";
import { SNAPSHOT_PRIVILEGES } from "../../clients/vcenter/privileges";
import type { Access } from "../../clients/access";
import { machinesToCut, type DueCut } from "./dueCuts";
import type { Finding } from "./finding";
import { checkMachineCut } from "./machineCut";
import { checkSpace, type MachineToCut } from "./machineSpace";

/** Whether vCenter has the node machines, each once, and may and can snapshot those that are to be cut. */
export async function checkMachines(
  access: Access<VcenterClient>,
  plan: SitePlan,
  now: Date,
): Promise<Finding[]> {
  const { virtualMachines } = plan.site;
  if (virtualMachines === undefined || access.state === "notNeeded") {
    return [];
  }
  if (access.state === "cannotTell") {
    return [unreachable(access.why)];
  }
  try {
    const live = await access.client.machines();
    const cut = machinesToCut(plan);
    const findings = virtualMachines.nodes.flatMap((node) =>
      checkMachine(plan.site, node, { live, now }, cut.get(node.name) ?? []),
    );
    return [
      ...findings,
      ...checkSpace(toCut(virtualMachines, live, cut)),
      ...(await checkPrivileges(access.client, plan.site, live, cut)),
    ];
  } catch (error) {
    if (error instanceof VcenterError) {
      return [unreachable(error.message)];
    }
    throw error;
  }
}

function unreachable(why: string): Finding {
  return {
    severity: "cannotTell",
    check: "vcenter-reachable",
    object: "vCenter",
    message: why,
    remedy: "Nothing was changed; see that vCenter answers, then run the command again.",
  };
}

function checkMachine(
  site: Site,
  node: NodeVirtualMachine,
  context: { readonly live: readonly Machine[]; readonly now: Date },
  due: readonly DueCut[],
): Finding[] {
  const object = `virtual machine of node ${node.name}`;
  const found = context.live.filter(({ uuid }) => uuid === node.uuid.toLowerCase());
  const [machine] = found;
  if (machine === undefined || found.length > 1) {
    const names = found.map(({ name, reference }) => `${name} (${reference})`).join(" and ");
    const message =
      machine === undefined
        ? `No virtual machine in vCenter has the UUID ${node.uuid}.`
        : `The UUID ${node.uuid} belongs to ${names}, so it cannot be told which is the node.`;
    // Without a cut due, only a later restore point would fail.
    const severity = due.length > 0 ? "error" : "warning";
    const remedy =
      "Correct virtualMachines.nodes in the stack file, or give the clone another BIOS UUID.";
    return [{ severity, check: "vm-uuid", object, message, remedy }];
  }
  if (machine.template) {
    const message = `${machine.name} is a template, no node.`;
    const remedy = "Correct virtualMachines.nodes in the stack file.";
    return [{ severity: "error", check: "vm-uuid", object, message, remedy }];
  }
  const missing = stillDue(machine, due);
  return missing.length === 0
    ? []
    : checkMachineCut({ site, node, machine, due: missing, now: context.now });
}

/** A cut that an interrupted run made already is not due any more. */
function stillDue(machine: Machine, due: readonly DueCut[]): readonly DueCut[] {
  const there = new Set(machine.snapshots.map(({ name }) => name));
  return due.filter(({ snapshot }) => !there.has(snapshot));
}

/** Machines of nodes that are found once and are to be cut. */
function toCut(
  { nodes }: VirtualMachines,
  live: readonly Machine[],
  cut: ReadonlyMap<string, readonly DueCut[]>,
): MachineToCut[] {
  return nodes.flatMap((node) => {
    const machines = live.filter(({ uuid }) => uuid === node.uuid.toLowerCase());
    const [machine] = machines;
    if (machine === undefined || machines.length > 1 || machine.template) {
      return [];
    }
    const due = stillDue(machine, cut.get(node.name) ?? []);
    return due.length === 0 ? [] : [{ machine, due }];
  });
}

async function checkPrivileges(
  client: VcenterClient,
  site: Site,
  live: readonly Machine[],
  cut: ReadonlyMap<string, readonly DueCut[]>,
): Promise<Finding[]> {
  const uuids = (site.virtualMachines?.nodes ?? [])
    .filter(({ name }) => cut.has(name))
    .map(({ uuid }) => uuid.toLowerCase());
  const machines = live.filter(({ uuid }) => uuids.includes(uuid));
  if (machines.length === 0) {
    return [];
  }
  const user = site.virtualMachines?.user ?? "";
  const references = machines.map(({ reference }) => reference);
  const missing = await client.missingPrivileges(references, SNAPSHOT_PRIVILEGES);
  if (missing === undefined) {
    const message = `This vCenter does not tell whether ${user} may cut snapshots.`;
    return [{ severity: "warning", check: "vm-privilege", object: "vCenter", message }];
  }
  return missing.map(({ machine, privilege }) => {
    const name = machines.find(({ reference }) => reference === machine)?.name ?? machine;
    return {
      severity: "error",
      check: "vm-privilege",
      object: `virtual machine ${name}`,
      message: `User ${user} lacks the privilege ${privilege} on ${name}.`,
      remedy: `Give ${user} a role with ${privilege} on the node machines in vCenter.`,
    };
  });
}
