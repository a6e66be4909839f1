import type { ClusterClient } from "../../../clients/kubernetes/client";
import { currentRelease } from "../../../restorepoint/release/current";
import { readProductVolumes, type ProductVolumes } from "../../../restorepoint/productVolumes";
import { backendOf } from "../../../planning";
import { observeVolumeNodes } from "../../../drift/heldVolumes";
import {
  defaultVirtualMachines,
  draftPoint,
  type PointRequest,
} from "../../../planning/draftPoint";
import { listed } from "../../../planning/words";
import { planTopology } from "../../../planning/topology";
import type { GroupVersion, RestorePointFile } from "../../../planning/site";
import type { OpenAccess } from "../../../site/up/access";
import { againDraft, newDraft, type PointDraft } from "../../../site/up/pointDraft";
import { UsageError } from "../../exit";
import type { OpenStack } from "../../stack";

/** What the command line may say of a new point. */
export interface DraftOptions {
  readonly release?: string;
  readonly consistency?: RestorePointFile["consistency"];
  /** `all`, `none`, or node names with commas. */
  readonly virtualMachines?: string;
  readonly memory?: boolean;
  readonly quiesce?: boolean;
  /** RFC 3339, or hours and days such as `72h`, `14d`. */
  readonly expires?: string;
}

export interface Drafted extends PointDraft {
  readonly volumes: ProductVolumes;
  /** What was chosen where the operator did not say, and is to be told. */
  readonly notes: readonly string[];
}

/** There is nothing to cut any more. */
export interface Settled {
  readonly settled: RestorePointFile;
}

/**
 * Works out the point from its file, or else from the request and what the live systems hold.
 *
 * @throws UsageError for a point that can never be cut (again), or a request that contradicts its file
 */
export async function draft(
  stack: OpenStack,
  client: ClusterClient,
  access: OpenAccess,
  name: string,
  options: DraftOptions,
): Promise<Drafted | Settled> {
  const file = stack.site.restorePoints.find((point) => point.name === name);
  if (file !== undefined && file.takenAt !== undefined) {
    if (file.state === "ready") {
      return { settled: file };
    }
    throw new UsageError(
      `Restore point ${name} was cut at ${file.takenAt} and is ${file.state}: a point is cut once. Choose another name.`,
    );
  }
  const volumes = await readProductVolumes(client, stack.site);
  const groupVersion = await newestGroups(client, stack);
  if (file !== undefined) {
    requireSameWish(file, options);
    // What an interrupted run has cut says how; another way would not find it again.
    const begun = file.members.length > 0;
    const how = begun ? file.groupVersion : groupVersion;
    const drafted = againDraft(stack, file, { volumes: volumes.covered, groupVersion: how });
    return { ...drafted, volumes, notes: [] };
  }
  const request = await requestOf(stack, client, name, options);
  const chosen = await defaultVms(stack, access);
  const point = draftPoint(stack.site, request, {
    volumes: volumes.covered,
    groupVersion,
    virtualMachines: chosen.virtualMachines,
    now: Date.now(),
  });
  const notes = request.virtualMachines === undefined ? chosen.notes : [];
  return { ...newDraft(stack, point), volumes, notes };
}

async function requestOf(
  { site }: OpenStack,
  client: ClusterClient,
  name: string,
  options: DraftOptions,
): Promise<PointRequest> {
  const release = options.release ?? (await currentRelease(client, site));
  if (release === undefined) {
    throw new UsageError(
      `Nothing in ${site.product.namespaces.join(", ")} says which release runs there: give --release, e.g. --release 24.1.`,
    );
  }
  const { consistency, memory, quiesce } = options;
  return {
    name,
    release,
    consistency,
    memory,
    quiesce,
    expires: expiryOf(options.expires),
    virtualMachines: vmsOf(options.virtualMachines),
  };
}

function vmsOf(text: string | undefined): RestorePointFile["virtualMachines"] | undefined {
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

/** What is on the command line must not differ in silence from what the file says. */
function requireSameWish(file: RestorePointFile, options: DraftOptions): void {
  const wishes: readonly (readonly [string, unknown, unknown])[] = [
    ["release", options.release, file.release],
    ["consistency", options.consistency, file.consistency],
    ["virtual-machines", vmsOf(options.virtualMachines), file.virtualMachines],
    ["memory", options.memory, file.memory],
    ["quiesce", options.quiesce, file.quiesce],
    ["expires", options.expires, file.expires],
  ];
  const other = wishes.filter(
    ([, wish, known]) => wish !== undefined && JSON.stringify(wish) !== JSON.stringify(known),
  );
  if (other.length > 0) {
    const names = other.map(([option]) => `--${option}`).join(", ");
    throw new UsageError(
      `Restore point ${file.name} has a file that says otherwise than ${names}: edit the file, or leave the option out.`,
    );
  }
}

/** Newest first. */
const GROUP_VERSIONS: readonly GroupVersion[] = ["v1", "v1beta2", "v1beta1"];

/** The newest version of the group snapshot API, where the driver has group snapshots, too. */
async function newestGroups(
  client: ClusterClient,
  { site }: OpenStack,
): Promise<GroupVersion | undefined> {
  if (site.snapshots.group === "never") {
    return undefined;
  }
  const topology = planTopology(site.topology, site.replicationFactor);
  if (backendOf(site.backend)?.groupSnapshotClass({ site, topology }) === undefined) {
    return undefined;
  }
  const served = await client.servedVersions("groupsnapshot.storage.k8s.io");
  return GROUP_VERSIONS.find((version) => served.includes(version));
}

interface DefaultVms {
  readonly virtualMachines: RestorePointFile["virtualMachines"];
  readonly notes: readonly string[];
}

/** A vCenter that cannot be read leaves the VMs in: preflight then says so, and they are not left out in silence. */
async function defaultVms({ site }: OpenStack, access: OpenAccess): Promise<DefaultVms> {
  const held = await observeVolumeNodes(site, access.vcenter);
  const virtualMachines = defaultVirtualMachines(site, held);
  const left =
    held.length > 0 && virtualMachines === "none"
      ? `VM snapshots are left out: ${listed(held)} ${held.length === 1 ? "has" : "have"} volumes attached, which a VM ` +
        "snapshot would hold fast. --virtual-machines asks for them all the same."
      : undefined;
  return { virtualMachines, notes: left === undefined ? [] : [left] };
}
