import { destroyVm } from "../../clients/vcenter/images";
import { readNamed } from "../../clients/vcenter/vms";
import { IMAGES, surplusImages } from "../../planning/nodeImages";
import { listed } from "../../planning/words";
import { readPoints } from "../knownPoints";
import { alone, pointCatalog, requireCluster, type PointSystems } from "../pointStack";
import { isImage, requireVcenter, taskLimit } from "./inventory";

/**
 * Removes images that newer ones have taken the place of: those that are recorded, and that vCenter has with the name and
 * the notes that they were made with.
 *
 * @throws Error naming those that were not removed
 */
export async function removeOldImages(systems: PointSystems): Promise<"done" | "declined"> {
  const { stack, ask } = systems;
  const { keep = 1 } = stack.site.nodeBackups.images ?? {};
  const client = await requireCluster(systems, "which images of VMs there are", "hold");
  const vcenter = requireVcenter(systems);
  const old = async () => surplusImages((await readPoints(systems)).images, keep);
  const names = (await old()).map(({ image }) => image.name);
  if (!(await ask(`Remove ${listed(names)}, of which newer images are there?`))) {
    return "declined";
  }
  return alone(systems, client, async (signal): Promise<"done"> => {
    const catalog = pointCatalog(stack, client);
    const failed: string[] = [];
    for (const { run, image } of await old()) {
      signal.throwIfAborted();
      const { node, name, reference = "" } = image;
      const journal = await catalog.open(run, IMAGES);
      const step = `remove image of ${node}`;
      await journal.begin(step, { node, handle: reference });
      const all = await readNamed(vcenter, "VirtualMachine");
      const live = all.find((one) => one.reference === reference);
      if (
        live !== undefined &&
        (live.name !== name || !isImage(live, stack.name, run.name, node))
      ) {
        failed.push(`${live.name} (${reference}) is not as it was made`);
        await journal.close("failed", { message: failed.at(-1) ?? "" });
        continue;
      }
      await destroyVm(vcenter, reference, taskLimit(stack.site));
      const removed = new Date().toISOString();
      await journal.end(step, { outcome: "done" }, (record) => {
        const images = record.images?.map((one) => (one.node === node ? { ...one, removed } : one));
        const isOver = images?.every((one) => one.removed !== undefined) === true;
        return { ...record, images, ...(isOver ? { state: "expired" } : {}) };
      });
      await journal.close("done");
    }
    if (failed.length > 0) {
      throw new Error(`Images were not removed: ${failed.join("; ")}. See to them in vCenter.`);
    }
    return "done";
  });
}
