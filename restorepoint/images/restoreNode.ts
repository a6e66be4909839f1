import { withProgress } from "../../clients/reporter";
import type { VcenterClient } from "../../clients/vcenter/client";
import { awaitClones, cloneVm, identifyVm, readMachine } from "../../clients/vcenter/images";
import { readNamed } from "../../clients/vcenter/vms";
import type { Journal } from "../catalog/journal";
import { readPoints } from "../knownPoints";
import { aloneIfThere, requireCluster, type PointSystems, taskLimit } from "../pointStack";
import { requireNamed, requireVcenter } from "./inventory";
import {
  bringBackStep,
  nodeDifferences,
  planNode,
  POWERED_ON,
  type NodePlan,
  type NodeWish,
} from "./planNode";

const COMMAND = "restore-node";

/** How a node would come back; changes nothing. @throws UsageError for a node or an image that is not known */
export async function previewNode(wish: NodeWish, systems: PointSystems): Promise<NodePlan> {
  const vcenter = requireVcenter(systems);
  const [vms, named] = [await vcenter.vms(), await readNamed(vcenter, "VirtualMachine")];
  // The catalog's copy off the cluster counts: the cluster may be what is broken.
  const { images } = await readPoints(systems);
  return planNode(systems.stack.site, wish, images, { vms, named });
}

/**
 * Brings the VM of one node back from an image, under its own name and with its own identity. Shown, asked for, repeatable
 * after any failure.
 *
 * @throws Error when what came back is not what was recorded; it is not powered on then
 */
export async function restoreNode(
  wish: NodeWish,
  systems: PointSystems,
  show: (plan: NodePlan) => void,
): Promise<"done" | "refused" | "declined"> {
  const { cluster, reporter, ask } = systems;
  const plan = await previewNode(wish, systems);
  show(plan);
  if (plan.refusals.length > 0) {
    plan.refusals.forEach((text) => reporter.warn(text));
    reporter.info("Nothing was changed.");
    return "refused";
  }
  if (!(await ask(`Bring node ${wish.node} back from image ${plan.known.image.name}?`))) {
    reporter.info("Nothing was changed.");
    return "declined";
  }
  const client =
    cluster.state === "open" ? await requireCluster(systems, "what is known", "hold") : undefined;
  return aloneIfThere(systems, client, async (_signal, catalog): Promise<"done"> => {
    const now = await previewNode({ ...wish, image: plan.known.run.name }, systems);
    if (now.refusals.length > 0) {
      throw new Error(`${now.refusals.join(" ")} Nothing was changed.`);
    }
    const journal = await catalog.open(now.known.run, COMMAND);
    const title = `Bringing back ${now.known.vm.name}`;
    await withProgress(reporter, title, () => bringBack(now, wish, systems, journal));
    now.after.forEach((text) => reporter.info(text));
    return "done";
  });
}

async function bringBack(
  { known, datastore, host, annotation }: NodePlan,
  wish: NodeWish,
  systems: PointSystems,
  journal: Journal,
): Promise<void> {
  const vcenter = requireVcenter(systems);
  const watch = taskLimit(systems.stack.site);
  const { image, vm: was } = known;
  const { reference = "", folder, pool } = image;
  const step = bringBackStep(image.node);
  await journal.begin(step, { node: image.node, name: was.name, handle: reference });
  // What an interrupted run began comes to its end first.
  await awaitClones(vcenter, reference, watch);
  const { name } = was;
  const find = async (): Promise<string | undefined> =>
    (await readNamed(vcenter, "VirtualMachine")).find(
      (one) => one.name === name && one.annotation === annotation,
    )?.reference;
  let vm = await find();
  if (vm === undefined) {
    const place = { folder, pool, datastore: await requireNamed(vcenter, "Datastore", datastore) };
    const on = host === undefined ? undefined : await requireNamed(vcenter, "HostSystem", host);
    const spec = { ...place, name, host: on, annotation, isTemplate: false, without: [] };
    await cloneVm(vcenter, reference, spec, watch);
    vm = (await find()) ?? "";
  }
  const isOff = async (): Promise<boolean> =>
    (await requireVm(vcenter, vm)).powerState === "poweredOff";
  if (await isOff()) {
    const macs = was.nics.map(({ mac }) => mac);
    await identifyVm(vcenter, vm, { uuid: was.uuid, macs }, watch);
  }
  const { cpus } = await readMachine(vcenter, vm);
  const message = nodeDifferences(known, await requireVm(vcenter, vm), cpus).join("; ");
  if (message !== "") {
    await journal.close("failed", { message });
    throw new Error(
      `${name} (${vm}) is there, and is not what was recorded: ${message}. Mend it in vCenter before it is powered on.`,
    );
  }
  if (wish.powerOn && (await isOff())) {
    await journal.note(POWERED_ON, { node: image.node, handle: vm });
    await vcenter.power(vm, "On", watch);
  }
  await journal.end(step, { outcome: "done", handle: vm });
  await journal.settleAll(COMMAND, { outcome: "done" });
  await journal.close("done");
}

async function requireVm(vcenter: VcenterClient, reference: string) {
  const vm = (await vcenter.vms()).find((one) => one.reference === reference);
  if (vm === undefined) {
    throw new Error(`The VM ${reference} that was made is not in vCenter.`);
  }
  return vm;
}
