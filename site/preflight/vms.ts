import type { SitePlan } from "../../planning/plan";
import type { NodeVirtualMachine, Site, VirtualMachines } from "../../planning/site";
import type { VcenterClient } from "../../clients/vcenter/client";
import { VcenterError } from "../../clients/vcenter/error";
import type { Vm } from "../../clients/vcenter/vms";
import { SNAPSHOT_PRIVILEGES } from "../../clients/vcenter/privileges";
import type { Access } from "../../clients/access";
import { vmsToTake, type DueTake } from "./dueTakes";
import type { Finding } from "./finding";
import { checkVmTake } from "./vmTake";
import { checkSpace, type VmToTake } from "./vmSpace";

/** Whether vCenter has the node machines, each once, and may and can snapshot those that are to be cut. */
export async function checkVms(
  access: Access<VcenterClient>,
  plan: SitePlan,
  now: Date,
): Promise<Finding[]> {
  const { virtualMachines } = plan.site;
  if (virtualMachines === undefined || access.state === "notNeeded") {
    return [];
  }
  if (access.state === "unknown") {
    return [unreachable(access.why)];
  }
  try {
    const live = await access.client.vms();
    const taken = vmsToTake(plan);
    const findings = virtualMachines.nodes.flatMap((node) =>
      checkVm(plan.site, node, { live, now }, taken.get(node.name) ?? []),
    );
    return [
      ...findings,
      ...checkSpace(toTake(virtualMachines, live, taken)),
      ...(await checkPrivileges(access.client, plan.site, live, taken)),
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
    severity: "unknown",
    check: "vcenter-reachable",
    object: "vCenter",
    message: why,
    remedy: "Nothing was changed; see that vCenter answers, then run the command again.",
  };
}

function checkVm(
  site: Site,
  node: NodeVirtualMachine,
  context: { readonly live: readonly Vm[]; readonly now: Date },
  due: readonly DueTake[],
): Finding[] {
  const object = `virtual machine of node ${node.name}`;
  const found = context.live.filter(({ uuid }) => uuid === node.uuid.toLowerCase());
  const [vm] = found;
  if (vm === undefined || found.length > 1) {
    const names = found.map(({ name, reference }) => `${name} (${reference})`).join(" and ");
    const message =
      vm === undefined
        ? `No virtual machine in vCenter has the UUID ${node.uuid}.`
        : `The UUID ${node.uuid} belongs to ${names}, so it cannot be told which is the node.`;
    // Without a cut due, only a later restore point would fail.
    const severity = due.length > 0 ? "error" : "warning";
    const remedy =
      "Correct virtualMachines.nodes in the stack file, or give the clone another BIOS UUID.";
    return [{ severity, check: "vm-uuid", object, message, remedy }];
  }
  if (vm.template) {
    const message = `${vm.name} is a template, no node.`;
    const remedy = "Correct virtualMachines.nodes in the stack file.";
    return [{ severity: "error", check: "vm-uuid", object, message, remedy }];
  }
  const missing = stillDue(vm, due);
  return missing.length === 0
    ? []
    : checkVmTake({ site, node, vm, due: missing, now: context.now });
}

/** A cut that an interrupted run made already is not due any more. */
function stillDue(vm: Vm, due: readonly DueTake[]): readonly DueTake[] {
  const there = new Set(vm.snapshots.map(({ name }) => name));
  return due.filter(({ snapshot }) => !there.has(snapshot));
}

/** Machines of nodes that are found once and are to be cut. */
function toTake(
  { nodes }: VirtualMachines,
  live: readonly Vm[],
  taken: ReadonlyMap<string, readonly DueTake[]>,
): VmToTake[] {
  return nodes.flatMap((node) => {
    const vms = live.filter(({ uuid }) => uuid === node.uuid.toLowerCase());
    const [vm] = vms;
    if (vm === undefined || vms.length > 1 || vm.template) {
      return [];
    }
    const due = stillDue(vm, taken.get(node.name) ?? []);
    return due.length === 0 ? [] : [{ vm, due }];
  });
}

async function checkPrivileges(
  client: VcenterClient,
  site: Site,
  live: readonly Vm[],
  taken: ReadonlyMap<string, readonly DueTake[]>,
): Promise<Finding[]> {
  const uuids = (site.virtualMachines?.nodes ?? [])
    .filter(({ name }) => taken.has(name))
    .map(({ uuid }) => uuid.toLowerCase());
  const vms = live.filter(({ uuid }) => uuids.includes(uuid));
  if (vms.length === 0) {
    return [];
  }
  const user = site.virtualMachines?.user ?? "";
  const references = vms.map(({ reference }) => reference);
  const missing = await client.missingPrivileges(references, SNAPSHOT_PRIVILEGES);
  if (missing === undefined) {
    const message = `This vCenter does not tell whether ${user} may cut snapshots.`;
    return [{ severity: "warning", check: "vm-privilege", object: "vCenter", message }];
  }
  return missing.map(({ vm, privilege }) => {
    const name = vms.find(({ reference }) => reference === vm)?.name ?? vm;
    return {
      severity: "error",
      check: "vm-privilege",
      object: `virtual machine ${name}`,
      message: `User ${user} lacks the privilege ${privilege} on ${name}.`,
      remedy: `Give ${user} a role with ${privilege} on the node machines in vCenter.`,
    };
  });
}
