import { stackOption } from "../../config/stackNames";
import type { Named, Vm } from "../../clients/vcenter/vms";
import { lookupByUuid } from "../../drift/node";
import { UsageError } from "../../planning/errors";
import { cloneMark, imagesOf, isClone, type KnownImage } from "../../planning/nodeImages";
import type { DiskRecord, PointRecord } from "../../planning/pointRecord";
import type { Site } from "../../planning/site";
import { runsControlPlane } from "../../planning/topology";
import { listed } from "../../planning/words";
import { isImage } from "./inventory";

/** What the command line says of a node that is to come back. */
export interface NodeWish {
  readonly node: string;
  /** Run whose image is used; default the newest. */
  readonly image?: string | undefined;
  /** Where to, by names; default where the VM was. */
  readonly datastore?: string | undefined;
  readonly host?: string | undefined;
  /** Whether it is powered on once it is what was recorded; never where it runs etcd. */
  readonly powerOn: boolean;
}

/** How a node would come back. */
export interface NodePlan {
  readonly known: KnownImage;
  readonly datastore: string;
  readonly host: string | undefined;
  /** Notes that it is made with. */
  readonly annotation: string;
  readonly refusals: readonly string[];
  /** For people. */
  readonly steps: readonly string[];
  /** What is left to people after that. */
  readonly after: readonly string[];
}

/**
 * Works out how a node comes back from an image. Pure.
 *
 * @param runs that made images
 * @param vms of vCenter, and all machines and templates by name
 * @throws UsageError for a node or an image that is not known
 */
export function planNode(
  site: Site,
  wish: NodeWish,
  runs: readonly PointRecord[],
  { vms, named }: { readonly vms: readonly Vm[]; readonly named: readonly Named[] },
): NodePlan {
  const { stack, virtualMachines, topology } = site;
  const nodes = virtualMachines?.nodes ?? [];
  const node = nodes.find(({ name }) => name === wish.node);
  const images = imagesOf(wish.node, runs);
  const known = images.find(({ run }) => wish.image === undefined || run.name === wish.image);
  if (node === undefined || known === undefined) {
    const [what, names] =
      node === undefined
        ? [`node VM ${wish.node}`, nodes.map(({ name }) => name)]
        : [`image ${wish.image ?? ""} of ${wish.node}`, images.map(({ run }) => run.name)];
    throw new UsageError(
      `Stack ${stack} has no ${what}. Known are: ${names.join(", ") || "none"}. Nothing was changed.`,
    );
  }
  const { run, image, vm: was } = known;
  const owner = [stack, run.name, node.name, "restored"] as const;
  const broughtBack = named.find(
    ({ name, annotation }) => name === was.name && isClone(annotation, ...owner),
  );
  const { powerState } = vms.find(({ reference }) => reference === broughtBack?.reference) ?? {};
  const made = isUnused(run, node.name, powerState) ? broughtBack : undefined;
  const others = lookupByUuid(vms)(was.uuid).filter(
    ({ reference }) => reference !== made?.reference,
  );
  const namesake = named.find(
    ({ name, reference }) => name === was.name && reference !== made?.reference,
  );
  const template = named.find(({ reference }) => reference === image.reference);
  const isThere = template !== undefined && isImage(template, stack, run.name, node.name);
  const kept = keptDisks(known);
  const datastore = wish.datastore ?? kept[0]?.datastore ?? "";
  const host = wish.host ?? was.host;
  const isVoter = runsControlPlane(node);
  // All of them: what is not told is not put back.
  const labels = Object.entries(image.labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");
  return {
    ...{ known, datastore, host, annotation: cloneMark(...owner) },
    refusals: [
      ...(isVoter && wish.powerOn
        ? ["Its member of etcd is old, and must not start as it is: leave out --power-on."]
        : []),
      ...others.map(({ name, reference, powerState }) =>
        powerState === "poweredOff"
          ? `${name} (${reference}) has the UUID of the node and is off: power it on, or remove it from the inventory, where its files stay.`
          : `${name} (${reference}) has the UUID of the node and is ${powerState}: it is the node. Mend it; or power it off and remove it from the inventory, where its files stay.`,
      ),
      ...(others.length === 0 && namesake !== undefined
        ? [
            `${was.name} (${namesake.reference}) has the name of the node's VM and is none of ours: rename it.`,
          ]
        : []),
      ...(!isThere
        ? [
            `The image ${image.name} (${image.reference ?? ""}) is no template of ours in vCenter any more: take another with --image.`,
          ]
        : []),
    ],
    steps: [
      ...(made === undefined
        ? []
        : [`VM ${was.name} (${made.reference}) is there since an earlier run: nothing is cloned`]),
      `Node ${node.name} comes back as VM ${was.name} from image ${image.name} of ${was.at}`,
      `  on datastore ${datastore}${host === undefined ? "" : `, host ${host}`}, in the folder and the resource pool that it was in`,
      `  with its BIOS UUID ${was.uuid}, MAC addresses ${listed(was.nics.map(({ mac }) => mac))}, ${image.cpus} CPUs, ${was.memoryMb ?? 0} MiB`,
      `  with ${kept.map(({ label }) => label).join(", ")}${image.without.length === 0 ? "" : `, without ${image.without.join(", ")}`}`,
      `  What the node wrote after ${was.at} is not on it.`,
    ],
    after: [
      ...(isVoter
        ? [
            "It is a control-plane node: before it is powered on, remove its member from etcd and empty etcd's folder on it; it joins as a new member. The runbook has the commands.",
          ]
        : ["Its copies of volumes are old: see that the storage backend brings them up to date."]),
      ...(image.without.length === 0
        ? []
        : [
            `Disks that are no part of the image have to be attached anew: ${image.without.join(", ")}.`,
          ]),
      `Once it is on, see that the node is Ready and has the label ${topology.siteLabel}=${node.site}; it had ${labels || "no labels"}.`,
      `./atom drift${stackOption(stack)} then tells whether UUID, labels, host and copies are as stated.`,
    ],
  };
}

/** Note of the journal, within the step: the node was powered on by this program. */
export const POWERED_ON = "powered on";

/** Step of the journal. */
export function bringBackStep(node: string): string {
  return `bring back ${node}`;
}

/** Whether a clone is of a run that was interrupted, or waits to be powered on; else it lived as the node. */
function isUnused({ journal }: PointRecord, node: string, powerState: string | undefined): boolean {
  const step = bringBackStep(node);
  const begun = journal.entries.findLastIndex((one) => one.event === "begun" && one.step === step);
  // Of an earlier clone it says nothing about this one.
  const since = journal.entries.slice(Math.max(begun, 0));
  const isOver = since.some((one) => one.event === "ended" && one.step === step);
  const wasOn = since.some((one) => one.step === POWERED_ON && one.detail.node === node);
  return (begun >= 0 && !isOver) || (powerState !== "poweredOn" && !wasOn);
}

function keptDisks({ image, vm }: KnownImage): readonly DiskRecord[] {
  return vm.disks.filter(({ label }) => !image.without.includes(label));
}

/** How the VM that came back differs from the one that was recorded, for people. Pure. */
export function nodeDifferences(known: KnownImage, vm: Vm, cpus: number): readonly string[] {
  const { image, vm: was } = known;
  const macs = (nics: typeof was.nics): string =>
    nics.map(({ mac, network }) => `${mac} in ${network}`).join(", ");
  const sizes = (disks: readonly DiskRecord[]): string =>
    disks.map(({ bytes }) => bytes).join(", ");
  const { hardware } = vm;
  return (
    [
      ["UUID", was.uuid, vm.uuid],
      ["CPUs", image.cpus, cpus],
      ["MiB of memory", was.memoryMb, hardware?.memoryMb],
      ["network cards", macs(was.nics), macs(hardware?.nics ?? [])],
      ["bytes of disks", sizes(keptDisks(known)), sizes(hardware?.disks ?? [])],
    ] as const
  ).flatMap(([what, then, now]) => (then === now ? [] : [`${what}: ${now} instead of ${then}`]));
}
