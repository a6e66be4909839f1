import type { MemberFacts, PointStatus } from "../../restorepoint/inventory";
import type { Presence } from "../../restorepoint/presence";
import { counted, duration } from "../../planning/words";
import { tableLines } from "./answer";

/** What a restore point is not; said wherever points are listed. */
export const NO_BACKUP =
  "Restore points lie on the storage of the volumes themselves and are lost with it: they are no backup.";

const words: Record<Presence, string> = {
  there: "there",
  unbound: "UNBOUND",
  missing: "MISSING",
  lost: "LOST",
  ended: "ended",
  left: "ended, but still there",
  unknown: "unknown",
  notLooked: "recorded, not looked at",
};

/** Whether a member that should lead back does not. */
export function isBroken({ presence }: MemberFacts): boolean {
  return presence === "missing" || presence === "lost";
}

/** One line for each point under a line of heads. */
export function pointTable(sheets: readonly PointStatus[], now: Date): string[] {
  const head = ["POINT", "STATE", "RELEASE", "AGE", "HOLDS", "RESTORE", "PROVEN", "ENDS"];
  const rows = sheets.map((sheet) => [
    sheet.name,
    stateText(sheet),
    sheet.release,
    sheet.ageSeconds === undefined ? "not taken" : ageText(sheet.ageSeconds, ""),
    holdsText(sheet),
    bytesText(sheet.restoreBytes),
    sheet.provenAt ?? "never",
    endText(sheet, now),
  ]);
  return tableLines([head, ...rows]);
}

/** All that is known of one point. */
export function pointLines(sheet: PointStatus, depends: readonly string[], now: Date): string[] {
  const { members } = sheet;
  const age = sheet.ageSeconds;
  return [
    `Restore point ${sheet.name}: ${stateText(sheet)}`,
    `  release ${sheet.release}, consistency ${sheet.consistency}`,
    sheet.takenAt === undefined || age === undefined
      ? "  not taken"
      : `  taken at ${sheet.takenAt}, ${ageText(age, " ago")}${sheet.takenBy === undefined ? "" : `, by ${sheet.takenBy}`}`,
    ...(sheet.state === "expired" ? [] : [`  ends ${endText(sheet, now)}`]),
    ...(sheet.vmsEnd === undefined ? [] : [`  VM snapshots end ${sheet.vmsEnd}`]),
    ...vmsNote(sheet).map((line) => `  ${line}`),
    `  proven ${sheet.provenAt ?? "never: ./atom restore-point verify restores and reads every volume"}`,
    `  ${bytesText(sheet.restoreBytes)} to restore${sheet.spreadSeconds === undefined ? "" : `, taken within ${sheet.spreadSeconds} s`}`,
    ...depends.map((line) => `  ${line}`),
    `  ${counted(members.length, "member")}:`,
    ...members.flatMap((member) => memberLines(member).map((line) => `    ${line}`)),
    ...(sheet.uncovered.length === 0 ? [] : ["  not covered:"]),
    ...sheet.uncovered.map(
      ({ namespace, claim, reason }) => `    ${namespace}/${claim}: ${reason}`,
    ),
    ...sheet.waivers.map(
      ({ rule, subject, who, why, until }) =>
        `  waived until ${until} by ${who}: ${rule} for ${subject} (${why})`,
    ),
    ...sheet.interrupted.map((line) => `  interrupted: ${line}`),
    ...sheet.unknown.map((line) => `  unknown: ${line}`),
  ];
}

/** What somebody should know of VM snapshots that are old: deltas grow, and their disks are held fast. */
export function vmsNote({ vmsState, vmsEnd = "", vmsHeldBy }: PointStatus): string[] {
  const held = vmsHeldBy === undefined ? "" : `, and stay: ${vmsHeldBy}`;
  switch (vmsState) {
    case "flagged":
      return [`VM snapshots are old: they end at ${vmsEnd}${held}`];
    case "overdue":
      return [
        `VM snapshots are OVERDUE since ${vmsEnd}${held === "" ? ": ./atom schedule run --due removes them" : held}`,
      ];
    default:
      return [];
  }
}

/** An age keeps its sign: what is dated ahead shows that clocks disagree. */
function ageText(seconds: number, ago: string): string {
  const length = duration(seconds);
  return seconds < 0 ? `dated ${length} ahead` : `${length}${ago}`;
}

function memberLines(member: MemberFacts): string[] {
  const { key, handle, presence, why, bytes, createdAt, below = [], above = [], verified } = member;
  const parts = [
    words[presence] + (why === undefined ? "" : ` (${why})`),
    ...(bytes === undefined ? [] : [bytesText(bytes)]),
    ...(createdAt === undefined ? [] : [createdAt]),
    ...(verified === undefined ? [] : [`${verified.result} at ${verified.at}`]),
  ];
  return [
    `${key}: ${parts.join(", ")}`,
    `  ${handle}`,
    ...(above.length === 0 ? [] : [`  hangs below ${above.join(", ")}`]),
    ...(below.length === 0
      ? []
      : [`  above ${below.join(", ")}, so it is not removed before that`]),
  ];
}

function stateText({ state, hold, members }: PointStatus): string {
  const broken = (["lost", "missing", "unbound"] as const).map(
    (presence) => [words[presence], members.filter((one) => one.presence === presence)] as const,
  );
  return [
    state,
    ...(hold ? ["held"] : []),
    ...broken.flatMap(([word, all]) =>
      all.length === 0 ? [] : [`${counted(all.length, "member")} ${word}`],
    ),
    ...(members.some(({ presence }) => presence === "unknown") ? ["unknown"] : []),
  ].join(", ");
}

function holdsText({ members }: PointStatus): string {
  const living = members.filter(({ presence }) => !["lost", "ended", "missing"].includes(presence));
  const count = (kind: MemberFacts["kind"]): number =>
    living.filter((member) => member.kind === kind).length;
  return [
    counted(count("volume"), "volume"),
    ...(count("virtualMachine") === 0 ? [] : [counted(count("virtualMachine"), "VM")]),
    ...(count("etcd") === 0 ? [] : ["etcd"]),
  ].join(", ");
}

function endText({ ends, hold, state }: PointStatus, now: Date): string {
  return hold
    ? `${ends} (held)`
    : Date.parse(ends) <= now.getTime() && state !== "expired"
      ? `${ends} (due)`
      : ends;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** In the largest unit that leaves a number above one. */
export function bytesText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${UNITS[power] ?? "B"}`;
}
