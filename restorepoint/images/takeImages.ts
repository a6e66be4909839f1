import type { VcenterClient } from "../../clients/vcenter/client";
import { withProgress } from "../../clients/reporter";
import { isIndependent } from "../../clients/vcenter/hardware";
import { awaitClones, cloneVm, readMachine } from "../../clients/vcenter/images";
import { readNamed, type Named, type Vm } from "../../clients/vcenter/vms";
import { lookupByUuid, NODE } from "../../drift/node";
import { cloneMark, imageName, IMAGES } from "../../planning/nodeImages";
import { emptyRecord, type NodeImage, type PointCycle } from "../../planning/pointRecord";
import type { NodeVirtualMachine, Site } from "../../planning/site";
import type { Journal } from "../catalog/journal";
import { alone, pointCatalog, requireCluster, type PointSystems, taskLimit } from "../pointStack";
import { vmInventory } from "../take/vmSnapshots";
import { isImage, requireNamed, requireVcenter } from "./inventory";

/**
 * Makes a clone of each node VM, one after the other. A VM that fails holds up no other one; run again, it goes on with
 * what is missing. The VM that the command runs on is among them: vCenter makes the clone, and no guest is held up longer
 * than for a snapshot without memory.
 *
 * @param name of the run, by its cycle and its window's start
 * @throws Error naming the VMs that have no image
 */
export async function takeImages(
  name: string,
  cycle: PointCycle,
  systems: PointSystems,
): Promise<"done" | "declined"> {
  const { stack, ask, reporter } = systems;
  const { virtualMachines, nodeBackups } = stack.site;
  const client = await requireCluster(systems, "which images of VMs there are", "hold");
  const vcenter = requireVcenter(systems);
  const nodes = virtualMachines?.nodes ?? [];
  const datastore = nodeBackups.images?.datastore ?? "";
  if (!(await ask(`Clone ${nodes.length} node VMs to datastore ${datastore}?`))) {
    return "declined";
  }
  return alone(systems, client, async (signal): Promise<"done"> => {
    const catalog = pointCatalog(stack, client);
    const known = await catalog.read(name);
    if (known !== undefined && known.state !== "taking" && known.state !== "failed") {
      return "done";
    }
    const live = await client.list(NODE.apiVersion, NODE.kind);
    const labels = new Map(live.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
    const journal = await catalog.open(
      known ?? emptyRecord({ ...seed(name, cycle), stack: stack.name }),
      IMAGES,
    );
    await journal.note("images", { count: nodes.length }, (record) => ({
      ...record,
      state: "taking",
    }));
    const failed: string[] = [];
    await withProgress(reporter, `Images of ${nodes.length} node VMs`, async (progress) => {
      for (const [done, node] of nodes.entries()) {
        signal.throwIfAborted();
        progress.update({ done, total: nodes.length, text: node.name });
        const run = { name, datastore, labels: labels.get(node.name) ?? {}, site: stack.site };
        await takeImage(node, run, vcenter, journal).catch((error: unknown) => {
          failed.push(`${node.name}: ${(error as Error).message}`);
        });
      }
    });
    await journal.settleAll(IMAGES, { outcome: failed.length === 0 ? "done" : "failed" });
    if (failed.length > 0) {
      const message = `${failed.length} of ${nodes.length} node VMs have no image: ${failed.join("; ")}`;
      await journal.close("failed", { message }, (record) => ({ ...record, state: "failed" }));
      throw new Error(message);
    }
    const takenAt = new Date().toISOString();
    await journal.close("done", {}, (record) => ({ ...record, state: "ready", takenAt }));
    return "done";
  });
}

function seed(name: string, cycle: PointCycle) {
  // A run has no end of its own: its images go when newer ones are there.
  const none = {
    release: "none",
    consistency: "crash",
    expires: cycle.start,
    volumes: [],
  } as const;
  return { ...none, name, cycle, state: "taking" } as const;
}

interface ImageRun {
  readonly name: string;
  readonly datastore: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly site: Site;
}

async function takeImage(
  node: NodeVirtualMachine,
  { name: run, datastore, labels, site }: ImageRun,
  vcenter: VcenterClient,
  journal: Journal,
): Promise<void> {
  const planned = journal.record.images?.find((one) => one.node === node.name);
  if (planned?.reference !== undefined) {
    return;
  }
  const step = `image of ${node.name}`;
  const watch = taskLimit(site);
  const name = imageName(site.stack, run, node.name);
  const look = async (): Promise<Named | undefined> => {
    const there = (await readNamed(vcenter, "VirtualMachine")).find((one) => one.name === name);
    if (there !== undefined && !isImage(there, site.stack, run, node.name)) {
      throw new Error(`${name} (${there.reference}) is there and is no clone of ours: rename it.`);
    }
    return there;
  };
  const vm = requireVm(node, await vcenter.vms());
  // What an interrupted run began comes to its end first.
  await awaitClones(vcenter, vm.reference, watch);
  let clone = await look();
  if (planned === undefined || clone === undefined) {
    const disks = requireElsewhere(vm, datastore);
    const { folder, pool, cpus } = await readMachine(vcenter, vm.reference);
    const without = disks.filter((disk) => isLeftOut(disk));
    const image: NodeImage = {
      ...{ node: node.name, name, datastore, folder, pool, cpus, labels },
      without: without.map(({ label }) => label),
    };
    const was = vmInventory(node.name, vm, new Date().toISOString());
    await journal.begin(step, { node: node.name, name }, ({ vms = [], images = [], ...rest }) => ({
      ...rest,
      vms: [...vms.filter((one) => one.node !== node.name), was],
      images: [...images.filter((one) => one.node !== node.name), image],
    }));
    if (clone === undefined) {
      const annotation = cloneMark(site.stack, run, node.name, "image");
      const store = await requireNamed(vcenter, "Datastore", datastore);
      const spec = { name, folder, datastore: store, annotation, isTemplate: true, without };
      await cloneVm(vcenter, vm.reference, spec, watch);
      clone = await look();
    }
  }
  if (clone === undefined) {
    throw new Error(`vCenter says that it made ${name}, and it is not there.`);
  }
  const { reference } = clone;
  await journal.end(step, { outcome: "done", handle: reference }, (record) => ({
    ...record,
    images: record.images?.map((one) => (one.node === node.name ? { ...one, reference } : one)),
  }));
}

function requireVm({ uuid }: NodeVirtualMachine, vms: readonly Vm[]): Vm {
  const [vm, ...others] = lookupByUuid(vms)(uuid);
  if (vm === undefined || others.length > 0) {
    throw new Error(`${vm === undefined ? "No VM" : "More than one VM"} has the UUID ${uuid}.`);
  }
  return vm;
}

type Disk = NonNullable<Vm["hardware"]>["disks"][number];

/** Volumes of Kubernetes are no part of a node, and vSphere copies no independent or raw disk of a running VM. */
function isLeftOut(disk: Disk): boolean {
  return disk.volume !== undefined || disk.raw !== undefined || isIndependent(disk);
}

/** Disks of a VM whose image would outlive its datastore. */
function requireElsewhere({ name, hardware }: Vm, datastore: string): readonly Disk[] {
  if (hardware === undefined) {
    throw new Error(`The devices of ${name} cannot be read.`);
  }
  const kept = hardware.disks.filter((disk) => !isLeftOut(disk));
  if ([hardware.home, ...kept.map((disk) => disk.datastore)].includes(datastore)) {
    throw new Error(`${name} lies on datastore ${datastore}, and would be lost with its image.`);
  }
  return hardware.disks;
}
