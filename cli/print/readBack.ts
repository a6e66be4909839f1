import { isSnapshot } from "../../drift/resources";
import type { LiveState } from "../../drift/types";
import { isLiving, vmMembers } from "../../planning/pointMembers";
import type { PointRecord } from "../../planning/pointRecord";
import type { Seen } from "../../site/observe";
import { kindWords } from "./findings";
import { replicasLines } from "./replicas";
import { printHeldVolumes, printReplicaPlan } from "./survival";

/** Lines for people about what is there now, read from the API server and vCenter. */
export function readBackLines(seen: Seen): string[] {
  const { plan, reading, known, replicas, heldVolumes, formerVolumes } = seen;
  return [
    ...reading.findings
      .filter(({ type }) => !isSnapshot(type))
      .map(({ kind, object }) => `${object}: ${kindWords(kind)}`),
    ...printReplicaPlan(plan),
    ...known.points
      .filter(({ state }) => state !== "expired")
      .map((point) => pointLine(point, reading.live.vcenter)),
    ...known.unknown.map((why) => `unknown: ${why}`),
    ...formerLines(formerVolumes),
    ...replicasLines(replicas),
    ...printHeldVolumes(heldVolumes),
  ];
}

function pointLine(
  { name, release, state, takenAt, members }: PointRecord,
  vcenter: LiveState["vcenter"],
): string {
  const vms = vmMembers({ members });
  const lost = vms.filter((vm) => vm.lost !== undefined).map(({ node }) => node);
  const words = lost.length === 0 ? state : `LOST on ${lost.join(", ")}`;
  const taken = takenAt === undefined ? "" : `, taken at ${takenAt}`;
  return `restore point ${name} for release ${release}: ${words}${taken}; ${vmWords(vms, vcenter)}`;
}

function vmWords(vms: ReturnType<typeof vmMembers>, vcenter: LiveState["vcenter"]): string {
  if (vcenter.state === "unknown") {
    return "VM snapshots were not read";
  }
  const live = vcenter.state === "read" ? vcenter.value.vms : [];
  const handles = new Set(live.flatMap(({ snapshots }) => snapshots.map((one) => one.reference)));
  const nodes = vms.filter((vm) => isLiving(vm) && handles.has(vm.handle)).map(({ node }) => node);
  return nodes.length === 0
    ? "no VM snapshot is there"
    : `${nodes.length} VM snapshots are there (${nodes.join(", ")})`;
}

function formerLines(volumes: Seen["formerVolumes"]): string[] {
  if (volumes.state !== "read" || volumes.value.length === 0) {
    return [];
  }
  return [
    `${volumes.value.length} volumes keep what an earlier class gave them:`,
    ...volumes.value.map(
      ({ volume, claim, note }) => `  ${volume} (${claim ?? "no claim"}): ${note}`,
    ),
  ];
}
