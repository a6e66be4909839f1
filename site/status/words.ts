import { duration, listed } from "../../planning/words";
import type { Status, Target, WayBack } from "./status";

/** One line of the screen: what it is about, and what is said. */
export type StatusLine = readonly [about: string, text: string];

/** The answer for people, line by line; the same on the screen and on the report page. */
export function statusTexts(status: Status): readonly StatusLine[] {
  const { recoverable, proven, vms, verification, nextExpiry, findings, copiesOffCluster } = status;
  return [
    [
      "recoverable to",
      recoverable === undefined ? "no point has all data volumes" : back(recoverable),
    ],
    [
      "proven",
      proven === undefined
        ? "never: no point that leads back was restored and read"
        : `${proven.point}, at ${proven.at}`,
    ],
    [
      "measured",
      verification === undefined
        ? "nothing: no verification came to its end"
        : `${minutes(verification.seconds)} for ${verification.whole ? "all volumes" : "some volumes"} of ${verification.point}, at ${verification.at}`,
    ],
    ...(vms === undefined ? [] : [["VM snapshots of", back(vms)] as const]),
    [
      "copies off the cluster",
      `${copiesOffCluster.length === 0 ? "none" : listed(copiesOffCluster)} (no backup: ${listed(status.notCounted)})`,
    ],
    ["survival", survivalText(status)],
    ["findings", findings.count === 0 ? "none" : String(findings.count)],
    ...findings.worst.map(
      ({ kind, object, reason }) => ["", `${kind}: ${object}: ${reason}`] as const,
    ),
    [
      "next end",
      nextExpiry === undefined
        ? "no point ends"
        : `${nextExpiry.point}, at ${nextExpiry.at}${nextExpiry.due ? " (due)" : ""}`,
    ],
    ...status.interrupted.map((text) => ["interrupted", text] as const),
    ...status.targets.map((target) => [target.name, targetText(target)] as const),
    ...status.unknown.map((text) => ["unknown", text] as const),
  ];
}

function back({ point, takenAt, ageSeconds }: WayBack): string {
  return `${takenAt}, ${duration(ageSeconds)} ago (${point})`;
}

function survivalText({ survival, survivalChanged }: Status): string {
  return survival === undefined
    ? "unknown: the nodes could not be read"
    : `${survivalChanged ? "as the nodes are now, otherwise than planned: " : ""}${survival}`;
}

function targetText({ seconds, measured, met }: Target): string {
  return measured === undefined
    ? `NOT MET: at most ${duration(seconds)}, and nothing was measured`
    : `${met ? "met" : "NOT MET"}: ${minutes(measured)} of at most ${duration(seconds)}`;
}

function minutes(seconds: number): string {
  return seconds < 6000 ? `${(seconds / 60).toFixed(1)} minutes` : duration(seconds);
}
