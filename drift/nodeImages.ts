import type { NodeVirtualMachine, Site } from "../planning/site";
import { lookupByUuid } from "./node";
import { type Finding, found, judged, type LiveState, type LiveVm } from "./types";

/** How findings begin that are about images of node VMs. */
export const NODE_IMAGES = "image of VM";

const DAY_MS = 86_400_000;

/** RFC 3339, or as the C library prints a time; then it is local, as the tool's own clock has it. */
const TIME =
  /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})|[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d{2}:\d{2}:\d{2} \d{4}/;

/**
 * Whether the backup tool that makes images of the node VMs says, in its custom attribute, that each was made in time. An
 * attribute is the tool's word: what the image holds is not looked at. Pure.
 */
export function judgeImages(site: Site, vms: readonly LiveVm[], now: Date): readonly Finding[] {
  const { images } = site.nodeBackups;
  if (images === undefined) {
    return [];
  }
  const of = lookupByUuid(vms);
  // A VM that is gone or doubled is a finding of its own.
  return nodesOf(site).flatMap((node) => {
    const [vm, ...others] = of(node.uuid);
    return vm === undefined || others.length > 0
      ? []
      : judgeImage(node, images, vm.attributes.get(images.attribute), now);
  });
}

function judgeImage(
  { name }: NodeVirtualMachine,
  { attribute, maxAgeDays }: Images,
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
  const isOld = at.getTime() < now.getTime() - maxAgeDays * DAY_MS;
  const reason = `By attribute ${attribute} the last is of ${at.toISOString()}, and may be ${maxAgeDays} days old. ${fix}`;
  return judged(object, isOld ? [found("differs", object, reason)] : []);
}

type Images = NonNullable<Site["nodeBackups"]["images"]>;

/** Of when the oldest of the newest images is, RFC 3339; undefined where a VM has none, or none was read. Pure. */
export function lastImages(site: Site, { vcenter }: LiveState): string | undefined {
  const { images } = site.nodeBackups;
  if (images === undefined || vcenter.state !== "read") {
    return undefined;
  }
  const of = lookupByUuid(vcenter.value.vms);
  const times = nodesOf(site).map(({ uuid }) => {
    const value = of(uuid)[0]?.attributes.get(images.attribute);
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
