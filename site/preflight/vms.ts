import { readFrom, type Access } from "../../clients/access";
import type { VcenterClient } from "../../clients/vcenter/client";
import { SNAPSHOT_PRIVILEGES } from "../../clients/vcenter/client";
import type { Vm } from "../../clients/vcenter/vms";
import { snapshotName } from "../../planning/names";
import type { SitePlan } from "../../planning/plan";
import type { NodeVirtualMachine } from "../../planning/site";
import { finding, findings, unreachable, type Finding, type Told } from "./finding";
import { checkSpace } from "./vmSpace";
import { checkVmTake, type DueTake } from "./vmTake";

/** A node, the machines with its UUID, and what is to be taken of it. */
interface NodeVms {
  readonly node: NodeVirtualMachine;
  readonly vms: readonly Vm[];
  readonly due: readonly DueTake[];
}

/** Whether vCenter has the node machines, each once, and may and can snapshot those that are to be taken. */
export async function checkVms(
  access: Access<VcenterClient>,
  plan: SitePlan,
  now: Date,
): Promise<Finding[]> {
  const found = await readFrom(access, (client) => check(client, plan, now));
  return found.state === "read"
    ? found.value
    : found.state === "unknown"
      ? [unreachable("vCenter", found.why)]
      : [];
}

async function check(client: VcenterClient, plan: SitePlan, now: Date): Promise<Finding[]> {
  const { site } = plan;
  const live = await client.vms();
  const nodes = (site.virtualMachines?.nodes ?? []).map((node): NodeVms => {
    const vms = live.filter(({ uuid }) => uuid === node.uuid.toLowerCase());
    return { node, vms, due: dueOf(plan, node.name) };
  });
  const questions = nodes.flatMap((one) => {
    const [vm] = one.vms;
    if (vm === undefined || wrongVm(one) !== undefined) {
      return [];
    }
    // What an interrupted run took already is not due any more.
    const there = new Set(vm.snapshots.map(({ name }) => name));
    const due = one.due.filter(({ snapshot }) => !there.has(snapshot));
    return due.length === 0 ? [] : [{ site, node: one.node, vm, due, now }];
  });
  return [
    ...nodes.flatMap((one) =>
      findings("vm-uuid", `virtual machine of node ${one.node.name}`, wrongVm(one)),
    ),
    ...questions.flatMap(checkVmTake),
    ...checkSpace(questions),
    ...(await checkPrivileges(client, site.virtualMachines?.user ?? "", nodes)),
  ];
}

/** What the next deployment takes of a node's machine. */
function dueOf({ site, restorePoints }: SitePlan, node: string): readonly DueTake[] {
  return restorePoints.flatMap(({ name, state, takenAt, intended }): readonly DueTake[] => {
    const file = site.restorePoints.find((point) => point.name === name);
    const isDue = takenAt === undefined && (state === "planned" || state === "taking");
    if (file === undefined || !isDue || !intended.includes(node)) {
      return [];
    }
    const { consistency, volumes: withVolumes, memory, quiesce } = file;
    const snapshot = snapshotName(site.stack, name);
    return [{ snapshot, stopped: consistency === "stopped", withVolumes, memory, quiesce }];
  });
}

function wrongVm({ node, vms, due }: NodeVms): Told | undefined {
  const [vm] = vms;
  if (vm !== undefined && vms.length === 1) {
    return undefined;
  }
  const names = vms.map(({ name, reference }) => `${name} (${reference})`).join(" and ");
  return [
    // Without a snapshot due, only a later restore point would fail.
    due.length > 0 ? "error" : "warning",
    vm === undefined
      ? `No virtual machine in vCenter has the UUID ${node.uuid}.`
      : `The UUID ${node.uuid} belongs to ${names}, so it cannot be told which is the node.`,
    "Correct virtualMachines.nodes in the stack file, or give the clone another BIOS UUID.",
  ];
}

async function checkPrivileges(
  client: VcenterClient,
  user: string,
  nodes: readonly NodeVms[],
): Promise<Finding[]> {
  const vms = nodes.flatMap((node) => node.vms);
  const due = new Set(nodes.flatMap((node) => (node.due.length > 0 ? node.vms : [])));
  if (vms.length === 0) {
    return [];
  }
  const references = vms.map(({ reference }) => reference);
  const missing = await client.missingPrivileges(references, SNAPSHOT_PRIVILEGES);
  if (missing === undefined) {
    const message = `This vCenter does not tell whether ${user} may take snapshots.`;
    return [finding("vm-privilege", "vCenter", ["warning", message])];
  }
  return missing.map(({ vm, privilege }) => {
    const found = vms.find(({ reference }) => reference === vm);
    const name = found?.name ?? vm;
    return finding("vm-privilege", `virtual machine ${name}`, [
      // Without a snapshot due, only a later restore point would fail.
      found !== undefined && due.has(found) ? "error" : "warning",
      `User ${user} lacks the privilege ${privilege} on ${name}.`,
      `Give ${user} a role with ${privilege} on the node machines in vCenter.`,
    ]);
  });
}
