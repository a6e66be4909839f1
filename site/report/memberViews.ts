import type { RestorePointPlan } from "../../planning/plan";
import type { PointFile, TakenVmSnapshot } from "../../planning/site";
import type { LiveState, VcenterLive } from "../../drift/types";
import type { ReportInput } from "./input";
import type { Tone } from "./markup";

/** One VM snapshot of a restore point, or what is to become one. */
export interface MemberView {
  /** Kubernetes node name. */
  readonly subject: string;
  readonly handle: string | undefined;
  readonly tone: Tone;
  readonly words: string;
}

type Found = Pick<MemberView, "tone" | "words">;

/** VM snapshots of a point with what is known of each; before they are taken those that it means to take. */
export function memberViews(
  { live }: ReportInput,
  point: RestorePointPlan,
  file: PointFile | undefined,
): readonly MemberView[] {
  const recorded = file?.vms ?? [];
  if (recorded.length === 0) {
    const words = point.state === "taking" ? "being taken" : "not taken";
    return point.intended.map((node) => ({
      subject: node,
      handle: undefined,
      tone: "calm" as const,
      words,
    }));
  }
  return recorded.map((vm) => ({
    subject: vm.node,
    handle: vm.handle,
    ...(endedWords(vm) ?? vmWords(vm, live?.vcenter)),
  }));
}

function endedWords({ lost, expiredAt }: TakenVmSnapshot): Found | undefined {
  if (lost !== undefined) {
    return { tone: "bad", words: "lost" };
  }
  return expiredAt === undefined ? undefined : { tone: "warn", words: "ended on purpose" };
}

function vmWords(
  { uuid, handle }: TakenVmSnapshot,
  vcenter: LiveState["vcenter"] | undefined,
): Found {
  if (vcenter === undefined || vcenter.state === "notNeeded") {
    return { tone: "calm", words: "recorded, not looked at" };
  }
  if (vcenter.state === "unknown") {
    return { tone: "calm", words: "recorded, vCenter could not be read" };
  }
  return isThere(vcenter.value, uuid, handle)
    ? { tone: "good", words: "there" }
    : { tone: "bad", words: "missing" };
}

function isThere({ vms }: VcenterLive, uuid: string, handle: string): boolean {
  return vms.some(
    (vm) => vm.uuid === uuid && vm.snapshots.some(({ reference }) => reference === handle),
  );
}
