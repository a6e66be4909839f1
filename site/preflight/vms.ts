import { readFrom, type Access } from "../../clients/access";
import {
  IMAGE_PRIVILEGES,
  SNAPSHOT_PRIVILEGES,
  type VcenterClient,
} from "../../clients/vcenter/client";
import { isIndependent } from "../../clients/vcenter/hardware";
import type { Vm } from "../../clients/vcenter/vms";
import { snapshotName } from "../../planning/names";
import type { SitePlan } from "../../planning/plan";
import type { NodeVirtualMachine, Site } from "../../planning/site";
import { listed } from "../../planning/words";
import { gib } from "./capacity";
import { finding, findings, unreachable, type Finding, type Told } from "./finding";
import { checkVmTake, type DueTake, type TakeQuestion } from "./vmTake";

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
    ...(await checkPrivileges(client, site, nodes)),
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
  { virtualMachines, nodeBackups }: Site,
  nodes: readonly NodeVms[],
): Promise<Finding[]> {
  const vms = nodes.flatMap((node) => node.vms);
  const due = new Set(nodes.flatMap((node) => (node.due.length > 0 ? node.vms : [])));
  if (vms.length === 0) {
    return [];
  }
  const user = virtualMachines?.user ?? "";
  const references = vms.map(({ reference }) => reference);
  const clones = nodeBackups.images?.datastore === undefined ? [] : IMAGE_PRIVILEGES;
  const missing = await client.missingPrivileges(references, [...SNAPSHOT_PRIVILEGES, ...clones]);
  if (missing === undefined) {
    const message = `This vCenter does not tell whether ${user} may take snapshots or make clones.`;
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

/**
 * Share of a disk that a delta is expected to grow to while the snapshot is kept. A delta can grow to the whole disk; a
 * node rewrites far less than a fifth of its disks in the 72 hours that a snapshot is kept at most.
 */
const DELTA_SHARE = 0.2;

interface Need {
  readonly vm: Vm;
  readonly datastore: string;
  readonly bytes: number;
}

/**
 * Whether the datastores have room for all deltas of the snapshots together: a full datastore halts every VM on it. Expected are
 * 20 % of each disk that is in the snapshot, and the memory where it is kept.
 */
export function checkSpace(vms: readonly Pick<TakeQuestion, "vm" | "due">[]): Finding[] {
  const needs = vms.flatMap(needsOf);
  const free = new Map(
    vms.flatMap(({ vm }) =>
      vm.freeSpace.map(({ datastore, freeBytes }) => [datastore, freeBytes] as const),
    ),
  );
  return [...new Set(needs.map(({ datastore }) => datastore))].flatMap((datastore) => {
    const here = needs.filter((need) => need.datastore === datastore);
    const told = judgeSpace(datastore, here, free.get(datastore));
    return findings("vm-datastore-space", `datastore ${datastore}`, told);
  });
}

function judgeSpace(
  datastore: string,
  needs: readonly Need[],
  free: number | undefined,
): Told | undefined {
  const bytes = needs.reduce((sum, need) => sum + need.bytes, 0);
  const names = listed([...new Set(needs.map(({ vm }) => vm.name))]);
  if (free === undefined) {
    return [
      "unknown",
      `The free space of datastore ${datastore} cannot be read, which the snapshots of ${names} grow on.`,
      "Give the vCenter user the privilege System.Read on the datastore.",
    ];
  }
  return free >= bytes
    ? undefined
    : [
        "error",
        `Datastore ${datastore} has ${gib(free)} GiB left, and the snapshots of ${names} are expected to take ` +
          `${gib(bytes)} GiB (20 % of their disks, and memory where it is kept).`,
        "Make room on the datastore, or move VMs off it; a full datastore halts every VM on it.",
      ];
}

function needsOf({ vm, due }: Pick<TakeQuestion, "vm" | "due">): readonly Need[] {
  const { hardware } = vm;
  if (hardware === undefined) {
    return [];
  }
  const disks = hardware.disks
    .filter((disk) => !isIndependent(disk) && disk.raw !== "physicalMode")
    .map(({ datastore, bytes }) => ({ vm, datastore, bytes: bytes * DELTA_SHARE * due.length }));
  const kept = due.filter(({ memory }) => memory).length;
  return kept === 0
    ? disks
    : [...disks, { vm, datastore: hardware.home, bytes: hardware.memoryMb * 1_048_576 * kept }];
}
