import type { ClusterClient } from "../../clients/kubernetes/client";
import { observeVolumeNodes } from "../../drift/heldVolumes";
import { backendOf } from "../../planning";
import { defaultVirtualMachines, draftPoint, type PointRequest } from "../../planning/draftPoint";
import { UsageError } from "../../planning/errors";
import { intendedNodes } from "../../planning/restorePoints";
import type { PointFile, Site, Waiver } from "../../planning/site";
import { planTopology } from "../../planning/topology";
import { listed } from "../../planning/words";
import type { GroupVersion, PointCycle, PointRecord } from "../../planning/pointRecord";
import type { KnownPoint } from "../knownPoints";
import type { PointStack, PointSystems } from "../pointStack";
import { readProductVolumes, type ProductVolumes } from "../productVolumes";
import { currentRelease } from "../release/current";
import { GROUP_API } from "../served";

/** What the command line may say of a new point. */
export interface PointWish {
  readonly release?: string;
  readonly consistency?: PointRecord["consistency"];
  /** `all`, `none`, or node names with commas. */
  readonly virtualMachines?: string;
  readonly memory?: boolean;
  readonly quiesce?: boolean;
  /** RFC 3339, or hours and days such as `72h`, `14d`. */
  readonly expires?: string;
  /** The cycle that takes it; one of VMs alone leaves the volumes out. */
  readonly cycle?: PointCycle;
}

/** A point as it would be taken. */
export interface PointDraft {
  /** State `taking`. */
  readonly point: PointRecord;
  /** What the program declares of it; written only where it holds VM snapshots. */
  readonly file: PointFile;
  readonly volumes: ProductVolumes;
  /** What was chosen where the operator did not say, and is to be told. */
  readonly notes: readonly string[];
}

/**
 * Works out the point from what is known of it, or else from the wish and what the live systems hold.
 *
 * @throws UsageError for a point that can never be taken (again), or a wish that contradicts what is known of it
 */
export async function draft(
  { stack, vcenter }: Pick<PointSystems, "stack" | "vcenter">,
  client: ClusterClient,
  name: string,
  wish: PointWish,
  { record, file }: KnownPoint,
): Promise<PointDraft> {
  const state = record?.state ?? file?.state ?? "planned";
  if (!["planned", "taking", "failed"].includes(state)) {
    throw new UsageError(
      `Restore point ${name} is ${state}: a point is taken once. Choose another name.`,
    );
  }
  const asked = await requestOf(stack, client, name, wish, { record, file });
  const volumes = await readProductVolumes(client, stack.site, asked.cycle);
  const groupVersion = await newestGroups(client, stack);
  const chosen = await defaultVms(stack, vcenter);
  const drafted = draftPoint(stack.site, asked, {
    volumes: volumes.covered,
    // What an interrupted run has taken says how; another way would not find it again.
    groupVersion: record?.state === "taking" ? record.groupVersion : groupVersion,
    virtualMachines: chosen.virtualMachines,
    now: Date.now(),
  });
  const notes = asked.virtualMachines === undefined ? chosen.notes : [];
  const point = record === undefined ? drafted.record : { ...record, ...again(drafted.record) };
  return { point, file: { ...drafted.file, vms: file?.vms ?? [] }, volumes, notes };
}

/** The point as it would be taken, for people. */
export function describe(
  site: Site,
  { point, file, volumes }: PointDraft,
  waivers: readonly Waiver[],
): string[] {
  const still = {
    crash: "as after a power cut: nothing is stopped or frozen",
    frozen: `frozen by ${site.product.hooks.map(({ name }) => name).join(", ") || "no hook"}`,
    stopped: "stopped: the product is not available meanwhile",
  }[point.consistency];
  const how =
    point.groupVersion === undefined
      ? "one snapshot each, all at once"
      : `as a group in each namespace (${point.groupVersion})`;
  const nodes = intendedNodes(site, file);
  return [
    `Restore point ${point.name} of stack ${site.stack}, release ${point.release}`,
    `  the product is ${still}`,
    `  ${volumes.covered.length} volumes, ${how}:`,
    ...volumes.covered.map(
      ({ namespace, claim, capacity }) => `    ${namespace}/${claim} (${capacity})`,
    ),
    ...(volumes.uncovered.length === 0
      ? []
      : [
          "  not covered:",
          ...volumes.uncovered.map(
            ({ namespace, claim, reason }) => `    ${namespace}/${claim}: ${reason}`,
          ),
        ]),
    ...(nodes.length === 0
      ? []
      : [
          `  VM snapshots of ${nodes.join(", ")}${file.memory ? ", with memory" : ""}${file.quiesce ? ", quiesced" : ""}`,
        ]),
    ...waivers.map(
      ({ subject, who, why, until }) => `  waived until ${until} by ${who}: ${subject} (${why})`,
    ),
    `  expires ${point.expires}`,
    "  It is no backup: it is lost with the storage that holds it.",
  ];
}

/** What a later run of a point decides anew; all else of its record stays. */
function again({ release, consistency, expires, state, volumes, ...rest }: PointRecord) {
  return { release, consistency, expires, state, volumes, groupVersion: rest.groupVersion };
}

/** What is on the command line goes with what is known, and must not differ from it in silence. */
async function requestOf(
  { site }: PointStack,
  client: ClusterClient,
  name: string,
  { virtualMachines, ...wish }: PointWish,
  { record, file }: KnownPoint,
): Promise<PointRequest> {
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ["release", wish.release, record?.release ?? file?.release],
    ["consistency", wish.consistency, record?.consistency],
    ["virtual-machines", vmsOf(virtualMachines), file?.virtualMachines],
    ["memory", wish.memory, file?.memory],
    ["quiesce", wish.quiesce, file?.quiesce],
  ];
  const other = pairs.filter(
    ([, wished, known]) =>
      wished !== undefined &&
      known !== undefined &&
      JSON.stringify(wished) !== JSON.stringify(known),
  );
  if (other.length > 0) {
    const names = other.map(([option, , known]) => `--${option} (${JSON.stringify(known)})`);
    throw new UsageError(
      `Restore point ${name} is known with another ${names.join(", ")}: leave the option out, or choose another name.`,
    );
  }
  const release =
    wish.release ?? record?.release ?? file?.release ?? (await currentRelease(client, site));
  if (release === undefined) {
    throw new UsageError(
      `Nothing in ${site.product.namespaces.join(", ")} says which release runs there: give --release, e.g. --release 24.1.`,
    );
  }
  return {
    name,
    release,
    consistency: wish.consistency ?? record?.consistency,
    memory: wish.memory ?? file?.memory,
    quiesce: wish.quiesce ?? file?.quiesce,
    expires: expiryOf(wish.expires) ?? record?.expires ?? file?.expires,
    cycle: record?.cycle ?? wish.cycle,
    virtualMachines: vmsOf(virtualMachines) ?? file?.virtualMachines ?? (record && "none"),
  };
}

function vmsOf(text: string | undefined): PointFile["virtualMachines"] | undefined {
  return text === undefined || text === "all" || text === "none"
    ? text
    : text.split(",").map((node) => node.trim());
}

/** @throws UsageError for what is neither a time nor a span */
function expiryOf(text: string | undefined): string | undefined {
  if (text === undefined) {
    return undefined;
  }
  const [, count = "", unit = ""] = /^([0-9]{1,5})([hd])$/.exec(text) ?? [];
  const milliseconds = Number(count) * (unit === "d" ? 86_400_000 : 3_600_000);
  const at = unit === "" ? Date.parse(text) : Date.now() + milliseconds;
  if (Number.isNaN(at) || at <= Date.now()) {
    throw new UsageError(
      `--expires ${text} is no time to come: give hours or days such as 72h or 14d, or an RFC 3339 date-time.`,
    );
  }
  return unit === "" ? text : new Date(at).toISOString();
}

/** Newest first. */
const GROUP_VERSIONS: readonly GroupVersion[] = ["v1", "v1beta2", "v1beta1"];

/** The newest version of the group snapshot API, where the driver has group snapshots, too. */
async function newestGroups(
  client: ClusterClient,
  { site }: PointStack,
): Promise<GroupVersion | undefined> {
  if (site.snapshots.group === "never") {
    return undefined;
  }
  const topology = planTopology(site.topology, site.replicationFactor);
  if (backendOf(site.backend).groupSnapshotClass({ site, topology }) === undefined) {
    return undefined;
  }
  const served = await client.servedVersions(GROUP_API);
  return GROUP_VERSIONS.find((version) => served.includes(version));
}

/** A vCenter that cannot be read leaves the VMs in: preflight then says so, and they are not left out in silence. */
async function defaultVms({ site }: PointStack, vcenter: PointSystems["vcenter"]) {
  const held = await observeVolumeNodes(site, vcenter);
  const virtualMachines = defaultVirtualMachines(site, held);
  const left =
    `VM snapshots are left out: ${listed(held)} ${held.length === 1 ? "has" : "have"} volumes attached, which a VM ` +
    "snapshot would hold fast. --virtual-machines asks for them all the same.";
  return { virtualMachines, notes: held.length > 0 && virtualMachines === "none" ? [left] : [] };
}
