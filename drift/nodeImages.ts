import type { Named } from "../clients/vcenter/vms";
import { imagesOf, type KnownImage } from "../planning/nodeImages";
import type { PointRecord } from "../planning/pointRecord";
import type { NodeVirtualMachine, Site } from "../planning/site";
import { listed } from "../planning/words";
import { lookupByUuid } from "./node";
import { type Finding, found, judged, type LiveState } from "./types";

/** How findings begin that are about images of node VMs. */
export const NODE_IMAGES = "image of VM";

const DAY_MS = 86_400_000;

/** RFC 3339, or as the C library prints a time; then it is local, as the tool's own clock has it. */
const TIME =
  /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})|[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d{2}:\d{2}:\d{2} \d{4}/;

/**
 * Whether there is a young enough image of each node VM: by the records of the clones that this program made and that
 * vCenter still has, or by what a backup tool says in its custom attribute. What an image holds is not looked at. Pure.
 *
 * @param runs that made clones, from the catalog
 */
export function judgeImages(
  site: Site,
  { vcenter }: LiveState,
  runs: readonly PointRecord[],
  now: Date,
): readonly Finding[] {
  const { images } = site.nodeBackups;
  if (images === undefined || vcenter.state !== "read") {
    return [];
  }
  const { attribute, maxAgeDays } = images;
  const { vms, clones = [] } = vcenter.value;
  const of = lookupByUuid(vms);
  return nodesOf(site).flatMap((node) => {
    if (attribute === undefined) {
      return judgeClones(node, imagesOf(node.name, runs), clones, { maxAgeDays, now });
    }
    const [vm, ...others] = of(node.uuid);
    // A VM that is gone or doubled is a finding of its own.
    return vm === undefined || others.length > 0
      ? []
      : judgeImage(node, { attribute, maxAgeDays }, vm.attributes.get(attribute), now);
  });
}

function judgeClones(
  { name }: NodeVirtualMachine,
  known: readonly KnownImage[],
  clones: readonly Named[],
  { maxAgeDays, now }: { readonly maxAgeDays: number; readonly now: Date },
): readonly Finding[] {
  const object = `${NODE_IMAGES} ${name}`;
  const fix = "./atom schedule show says when the next is due.";
  const [newest] = known.filter((one) => isThere(one, clones));
  const gone = known.filter((one) => !isThere(one, clones)).map(({ image }) => image.name);
  const isOld = newest !== undefined && isOlder(new Date(newest.vm.at), maxAgeDays, now);
  return judged(object, [
    ...(gone.length === 0
      ? []
      : [
          found(
            "lost",
            object,
            `${listed(gone)} was made, and is no template in vCenter any more.`,
          ),
        ]),
    ...(newest === undefined
      ? [found("missing", object, `No clone of the VM is there. ${fix}`)]
      : isOld
        ? [
            found(
              "differs",
              object,
              `The newest, ${newest.image.name}, is of ${newest.vm.at}, and may be ${maxAgeDays} days old. ${fix}`,
            ),
          ]
        : []),
  ]);
}

function isThere({ image }: KnownImage, clones: readonly Named[]): boolean {
  return clones.some(({ reference, isTemplate }) => reference === image.reference && isTemplate);
}

function isOlder(at: Date, days: number, now: Date): boolean {
  return at.getTime() < now.getTime() - days * DAY_MS;
}

function judgeImage(
  { name }: NodeVirtualMachine,
  { attribute, maxAgeDays }: { readonly attribute: string; readonly maxAgeDays: number },
  value: string | undefined,
  now: Date,
): readonly Finding[] {
  const object = `${NODE_IMAGES} ${name}`;
  const fix = "See that the backup tool has this VM in a job of its own cycle.";
  if (value === undefined) {
    return [
      found("missing", object, `The VM has no attribute ${attribute}: none was made. ${fix}`),
    ];
  }
  const at = timeIn(value);
  if (at === undefined) {
    const reason = `Attribute ${attribute} has no time: ${JSON.stringify(value)}.`;
    return [found("unknown", object, reason)];
  }
  const isOld = isOlder(at, maxAgeDays, now);
  const reason = `By attribute ${attribute} the last is of ${at.toISOString()}, and may be ${maxAgeDays} days old. ${fix}`;
  return judged(object, isOld ? [found("differs", object, reason)] : []);
}

/** Of when the oldest of the newest images is, RFC 3339; undefined where a VM has none, or none was read. Pure. */
export function lastImages(
  site: Site,
  { vcenter }: LiveState,
  runs: readonly PointRecord[],
): string | undefined {
  const { images } = site.nodeBackups;
  if (images === undefined || vcenter.state !== "read") {
    return undefined;
  }
  const { attribute } = images;
  const { vms, clones = [] } = vcenter.value;
  const of = lookupByUuid(vms);
  const times = nodesOf(site).map(({ name, uuid }) => {
    if (attribute === undefined) {
      return imagesOf(name, runs).find((one) => isThere(one, clones))?.vm.at;
    }
    const value = of(uuid)[0]?.attributes.get(attribute);
    return value === undefined ? undefined : timeIn(value)?.toISOString();
  });
  return times.includes(undefined) ? undefined : times.sort()[0];
}

function nodesOf({ virtualMachines }: Site): readonly NodeVirtualMachine[] {
  return virtualMachines?.nodes ?? [];
}

function timeIn(value: string): Date | undefined {
  const at = new Date(TIME.exec(value)?.[0] ?? "");
  return Number.isNaN(at.getTime()) ? undefined : at;
}
