import type { Loss, Verdict } from "../plan";
import { counted } from "../words";
import type { Outcome } from "./partition";

/**
 * Where the snapshots of a volume are: with its copies, all of them; with those of its copies that stood when it was
 * taken; not stated; or nowhere, as the driver has none.
 */
export type SnapshotPlace = "copies" | "firstCopies" | "notStated" | "none";

export interface RestorePointsLeft {
  readonly readable: Verdict["restorePointsReadable"];
  readonly rule: string;
}

/**
 * Whether restore points can be gone back to after a loss: their volume snapshots stand and fall with the volumes'
 * copies, their VM snapshots with the datastore, and nothing is restored without the API server.
 */
export function restorePointsAfter(
  loss: Loss,
  outcome: Outcome,
  majority: boolean,
  place: SnapshotPlace,
): RestorePointsLeft {
  const volumes = volumeSnapshots(loss, outcome, place);
  if (loss.kind === "datastore" && loss.vms.length > 0) {
    return {
      readable: "no",
      rule: `the VM snapshots of ${counted(loss.vms.length, "node VM")} are lost with the datastore; ${volumes.rule}`,
    };
  }
  return volumes.readable === "yes" && !majority
    ? {
        readable: "no",
        rule: "volume snapshots stay, and without the control plane's majority nothing can be restored from them",
      }
    : volumes;
}

function volumeSnapshots(loss: Loss, outcome: Outcome, place: SnapshotPlace): RestorePointsLeft {
  const { readable, splitBrain, acknowledgedWritesLost, moves } = outcome;
  if (place === "none") {
    return { readable: "no", rule: "the driver has no volume snapshots" };
  }
  if (acknowledgedWritesLost && !splitBrain) {
    return { readable: "no", rule: "volume snapshots are lost with the copies" };
  }
  if (!readable) {
    return {
      readable: place === "notStated" ? "unknown" : "no",
      rule: "volume snapshots are no more readable than the volumes, until what failed is back",
    };
  }
  if (place === "notStated") {
    return {
      readable: "unknown",
      rule: "where the driver keeps volume snapshots is not stated (backendOptions.snapshotsWithCopies)",
    };
  }
  if (loss.kind === "link") {
    return { readable: "yes", rule: "no copy is lost, and no volume snapshot" };
  }
  if (place === "firstCopies" && moves) {
    return {
      readable: "unknown",
      rule: "a copy that was built again since carries no volume snapshot, and it may be one of those that stay",
    };
  }
  return splitBrain
    ? {
        readable: "yes",
        rule: "volume snapshots that were taken before the copies split are on both sides",
      }
    : { readable: "yes", rule: "volume snapshots stay with the copies that stay" };
}
