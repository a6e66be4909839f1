import { NAME_LIMITS, ownerMark, parseOwnerMark, takenName } from "./names";
import type { NodeImage, PointRecord, VmRecord } from "./pointRecord";
import type { Rule } from "./problem";
import type { Site } from "./site";

/** What makes and removes images of the node VMs, as the journal names it. */
export const IMAGES = "node images";

/** Whether a record is of a run that makes images of the node VMs, and no restore point. */
export function isImageRun({ cycle }: PointRecord): boolean {
  return cycle?.takes === "images";
}

/** What images of the node VMs need beyond the form of the keys. */
export function imageRules({ nodeBackups, virtualMachines, schedules }: Site): readonly Rule[] {
  const { images } = nodeBackups;
  if (images === undefined) {
    return [];
  }
  const { attribute, datastore } = images;
  const at = "nodeBackups.images";
  const nodes = virtualMachines?.nodes ?? [];
  const beside = nodes.find(({ datastores }) => datastores?.includes(datastore ?? "") === true);
  return [
    [
      virtualMachines === undefined,
      at,
      "no vCenter is described whose VMs these are",
      "virtualMachines in the stack file",
    ],
    [
      (attribute === undefined) === (datastore === undefined),
      at,
      "either clones are made or a tool makes images, and it is not said which",
      "datastore, or attribute, and not both",
    ],
    [
      datastore !== undefined && !schedules.some(({ takes }) => takes === "images"),
      `${at}.datastore`,
      "no cycle makes the clones",
      "a cycle in schedules with takes: images",
    ],
    [
      beside !== undefined,
      `${at}.datastore`,
      `the VM of node ${beside?.name ?? ""} lies on it, and would be lost together with its images`,
      "a datastore that no node VM lies on",
    ],
  ];
}

/** Name of a clone: of the run, which has the time in it, and the node. Never that of a node. */
export function imageName(stack: string, run: string, node: string): string {
  return takenName(`atom-image.${stack}.${run}.${node}`, NAME_LIMITS.vsphere);
}

/** What a clone in vCenter is, as its notes say: an image of a node, or a node that was brought back from one. */
export type CloneKind = "image" | "restored";

/** Notes of a clone. */
export function cloneMark(stack: string, point: string, node: string, kind: CloneKind): string {
  return ownerMark({ stack, point, node, release: kind });
}

/** Whether notes are those of just this clone. */
export function isClone(notes: string, ...owner: Parameters<typeof cloneMark>): boolean {
  const mark = parseOwnerMark(notes);
  return mark !== undefined && ownerMark(mark) === cloneMark(...owner);
}

/** An image that was made and not removed, and what its VM was. */
export interface KnownImage {
  readonly run: PointRecord;
  readonly image: NodeImage;
  readonly vm: VmRecord;
}

function isMade({ reference, removed }: NodeImage): boolean {
  return reference !== undefined && removed === undefined;
}

/** Images of a node that are there by the records, the newest first. */
export function imagesOf(node: string, runs: readonly PointRecord[]): readonly KnownImage[] {
  return runs
    .flatMap((run) => {
      const image = run.images?.find((one) => one.node === node && isMade(one));
      const vm = run.vms?.find((one) => one.node === node);
      return image === undefined || vm === undefined ? [] : [{ run, image, vm }];
    })
    .sort((one, other) => Date.parse(other.vm.at) - Date.parse(one.vm.at));
}

/**
 * Images that newer ones have taken the place of, of all nodes that there ever were one of: those behind so many that are
 * there.
 */
export function surplusImages(
  runs: readonly PointRecord[],
  keep: number,
  isThere: (one: KnownImage) => boolean = () => true,
): readonly KnownImage[] {
  const nodes = new Set(runs.flatMap(({ images = [] }) => images.map(({ node }) => node)));
  return [...nodes].flatMap((node) => {
    const all = imagesOf(node, runs);
    return all.filter((_, index) => all.slice(0, index).filter(isThere).length >= keep);
  });
}
