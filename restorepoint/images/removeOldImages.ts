import type { VcenterClient } from "../../clients/vcenter/client";
import { destroyVm } from "../../clients/vcenter/images";
import { readNamed, type Named } from "../../clients/vcenter/vms";
import { IMAGES, surplusImages, type KnownImage } from "../../planning/nodeImages";
import type { Site } from "../../planning/site";
import type { Journal } from "../catalog/journal";
import { readPoints } from "../knownPoints";
import { alone, pointCatalog, requireCluster, type PointSystems, taskLimit } from "../pointStack";
import { isImage, requireVcenter } from "./inventory";

/**
 * Removes images that newer ones, which vCenter has, have taken the place of: those that are recorded, and that vCenter has
 * with the name and the notes that they were made with. One that fails holds up no other.
 *
 * @throws Error naming those that were not removed
 */
export async function removeOldImages(
  systems: PointSystems,
): Promise<"done" | "nothing" | "declined"> {
  const { stack, ask } = systems;
  const { keep = 1 } = stack.site.nodeBackups.images ?? {};
  const client = await requireCluster(systems, "which images of VMs there are", "hold");
  const vcenter = requireVcenter(systems);
  const look = async (): Promise<readonly Old[]> => {
    const named = await readNamed(vcenter, "VirtualMachine");
    const live = ({ image }: KnownImage) => named.find((one) => one.reference === image.reference);
    const { images } = await readPoints(systems);
    const old = surplusImages(images, keep, (one) => live(one) !== undefined);
    return old.map((one) => ({ ...one, live: live(one) }));
  };
  const names = (await look()).map(({ image }) => image.name);
  if (names.length === 0) {
    return "nothing";
  }
  if (!(await ask(`Remove ${names.join(", ")}, of which newer images are there?`))) {
    return "declined";
  }
  return alone(systems, client, async (signal): Promise<"done"> => {
    const failed: string[] = [];
    for (const one of await look()) {
      signal.throwIfAborted();
      const journal = await pointCatalog(stack, client).open(one.run, IMAGES);
      await removeImage(one, stack.site, vcenter, journal).catch(async (error: unknown) => {
        const { message } = error as Error;
        failed.push(message);
        await journal.close("failed", { message });
      });
    }
    if (failed.length > 0) {
      throw new Error(`Images were not removed: ${failed.join("; ")} See to them in vCenter.`);
    }
    return "done";
  });
}

interface Old extends KnownImage {
  /** Undefined where somebody else removed it. */
  readonly live: Named | undefined;
}

async function removeImage(
  { run, image: { node, name, reference = "" }, live }: Old,
  site: Site,
  vcenter: VcenterClient,
  journal: Journal,
): Promise<void> {
  const step = `remove image of ${node}`;
  await journal.begin(step, { node, handle: reference });
  if (live !== undefined) {
    if (live.name !== name || !isImage(live, site.stack, run.name, node)) {
      throw new Error(`${live.name} (${reference}) is not as it was made.`);
    }
    await destroyVm(vcenter, reference, taskLimit(site));
  }
  const removed = new Date().toISOString();
  await journal.end(step, { outcome: "done" }, (record) => {
    const images = record.images?.map((one) => (one.node === node ? { ...one, removed } : one));
    const isOver = images?.every((one) => one.removed !== undefined) === true;
    return { ...record, images, ...(isOver ? { state: "expired" } : {}) };
  });
  await journal.close("done");
}
