import type { SitePlan } from "../../planning/plan";
import { snapshotName } from "../../planning/names";
import type { NodeVirtualMachine, Site } from "../../planning/site";
import type { VcenterClient } from "../../vcenter/client";
import { VcenterError } from "../../vcenter/error";
import type { Machine, MachineSnapshot } from "../../vcenter/machines";
import { SNAPSHOT_PRIVILEGES } from "../../vcenter/privileges";
import type { Access } from "../access";
import type { Finding } from "./finding";

/** Whether vCenter has the node machines, each once, and may and can snapshot those that are to be cut. */
export async function checkMachines(
  access: Access<VcenterClient>,
  plan: SitePlan,
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
      checkMachine(plan.site, node, live, cut.get(node.name) ?? []),
    );
    return [...findings, ...(await checkPrivileges(access.client, plan.site, live, cut))];
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

/** A snapshot that the next deployment cuts. */
interface DueCut {
  readonly snapshot: string;
  /** The point says that everything is stopped, so the machine has to be off. */
  readonly stopped: boolean;
}

/** By node, what the next deployment cuts. */
function machinesToCut({ site, restorePoints }: SitePlan): ReadonlyMap<string, readonly DueCut[]> {
  const cut = new Map<string, DueCut[]>();
  for (const { name, state, cutAt, intended } of restorePoints) {
    if (cutAt === undefined && (state === "planned" || state === "cutting")) {
      const file = site.restorePoints.find((point) => point.name === name);
      const stopped = file?.consistency === "stopped";
      for (const node of intended) {
        const due = { snapshot: snapshotName(site.stack, name), stopped };
        cut.set(node, [...(cut.get(node) ?? []), due]);
      }
    }
  }
  return cut;
}

function checkMachine(
  site: Site,
  node: NodeVirtualMachine,
  live: readonly Machine[],
  due: readonly DueCut[],
): Finding[] {
  const object = `virtual machine of node ${node.name}`;
  const found = live.filter(({ uuid }) => uuid === node.uuid.toLowerCase());
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
  // A cut that an interrupted run made already is not due any more.
  const there = new Set(machine.snapshots.map(({ name }) => name));
  const missing = due.filter(({ snapshot }) => !there.has(snapshot));
  return [...checkPower(machine, object, missing), ...checkDepth(site, machine, object, missing)];
}

/** A point that says "stopped" and was cut from a running machine would be believed at a rollback. */
function checkPower(machine: Machine, object: string, due: readonly DueCut[]): Finding[] {
  const stopped = due.find((one) => one.stopped);
  return stopped === undefined || machine.powerState === "poweredOff"
    ? []
    : [
        {
          severity: "error",
          check: "vm-power",
          object,
          message: `${stopped.snapshot} has consistency stopped, and ${machine.name} is ${machine.powerState}.`,
          remedy:
            "Stop the product and power the VM off in vCenter, or give the point consistency: crash.",
        },
      ];
}

function checkDepth(
  site: Site,
  machine: Machine,
  object: string,
  due: readonly DueCut[],
): Finding[] {
  const there = machine.snapshots.map(({ name }) => name);
  const added = due.length;
  const limit = site.virtualMachines?.maxDepth ?? 0;
  const depth = deepest(machine.snapshots);
  return added === 0 || depth + added <= limit
    ? []
    : [
        {
          severity: "error",
          check: "vm-depth",
          object,
          message:
            `${machine.name} has ${depth} snapshots in a chain (${there.join(", ")}); ${added} more would pass ` +
            `virtualMachines.maxDepth ${limit}.`,
          remedy:
            "Expire an older restore point, or remove the snapshots of others in vCenter first.",
        },
      ];
}

/** Snapshots in the longest chain; each makes every read of the disks slower. */
function deepest(snapshots: readonly MachineSnapshot[]): number {
  const depths = new Map<string, number>();
  for (const { reference, parent } of snapshots) {
    depths.set(reference, (parent === undefined ? 0 : (depths.get(parent) ?? 0)) + 1);
  }
  return Math.max(0, ...depths.values());
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
