import { wallClock } from "../../planning/cron";
import type { Window } from "../../planning/site";
import { nextTimes, type WindowOverlap, type WindowTime } from "../../planning/windows";
import { counted } from "../../planning/words";
import type { Cycle } from "../../restorepoint/schedule/cycles";
import { tableLines } from "./answer";

/** What `schedule show` shows. */
interface Shown {
  readonly windows: readonly Window[];
  readonly cycles: readonly Cycle[];
  readonly overlaps: readonly WindowOverlap[];
  /** What could not be read, in sentences. */
  readonly unknown: readonly string[];
  readonly now: Date;
  /** Times of each window. */
  readonly count: number;
}

export function scheduleLines(stack: string, shown: Shown): string[] {
  const { windows, cycles, overlaps, unknown, now, count } = shown;
  if (windows.length === 0) {
    return [`Stack ${stack} has no windows (key windows).`];
  }
  const times = windows.flatMap((window) =>
    nextTimes(window, now, count).map((time) => [
      window.name,
      localText(time.start, window),
      utcText(time.start),
      time.blackout ? "blackout" : counted(window.durationMinutes, "minute"),
      window.owner,
      window.change ?? "",
    ]),
  );
  const rows = cycles.map(({ schedule, status: { due, last } }) => [
    schedule.name,
    schedule.window,
    schedule.takes,
    last === undefined ? "never" : `${utcText(last.start)} ${last.state}`,
    due.length === 0 ? "" : due.map(({ point }) => point).join(", "),
  ]);
  return [
    ...tableLines([["WINDOW", "LOCAL", "UTC", "OPEN", "OWNER", "CHANGE"], ...times]),
    ...(rows.length === 0
      ? []
      : ["", ...tableLines([["CYCLE", "WINDOW", "TAKES", "LAST RUN", "DUE NOW"], ...rows])]),
    ...cycles.flatMap(cycleNotes),
    ...overlaps.map(({ first, second, at }) =>
      first === second
        ? `${first} begins again at ${utcText(at)} while it is still open.`
        : `${first} and ${second} are open at once, first at ${utcText(at)}.`,
    ),
    ...unknown.map((why) => `unknown: ${why}`),
  ];
}

function cycleNotes({ schedule: { name }, status: { missed, notes } }: Cycle): string[] {
  const [first] = missed;
  return [
    ...(first === undefined
      ? []
      : [
          `${name}: ${counted(missed.length, "run")} missed since the last one, the first at ${utcText(first)}; they are not made up for.`,
        ]),
    ...notes.map((note) => `${name}: ${note}.`),
  ];
}

/** The same for programs; moments are RFC 3339. */
export function scheduleDocument(shown: Shown): Record<string, unknown> {
  const { windows, cycles, overlaps, unknown, now, count } = shown;
  const timeOf = ({ start, end, blackout }: WindowTime, window: Window) => ({
    start,
    local: localText(start, window),
    end,
    blackout,
  });
  return {
    now,
    windows: windows.map((window) => ({
      ...window,
      next: nextTimes(window, now, count).map((time) => timeOf(time, window)),
    })),
    schedules: cycles.map(({ schedule, status }) => ({ ...schedule, ...status })),
    overlaps,
    unknown,
  };
}

function localText(moment: Date, { timeZone }: Window): string {
  const { date, time, offset } = wallClock(moment, timeZone);
  return `${date} ${time} ${offset}`;
}

function utcText(moment: Date): string {
  return `${moment.toISOString().slice(0, 16)}Z`;
}
