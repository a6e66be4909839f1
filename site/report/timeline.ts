import type { PointRecord } from "../../planning/pointRecord";
import { compareText, counted } from "../../planning/words";
import { type Markup, markup } from "./markup";

/** One point's row: from when it was taken to when it ends, with what was proven of it in between. */
interface Row {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly marks: readonly Mark[];
}

interface Mark {
  readonly at: number;
  readonly result: "proven" | "readable" | "failed";
}

/** Most rows drawn, the newest; the table of points has all. */
const MOST = 20;

// In the units of the picture, which is scaled to the width of the page.
const WIDTH = 1000;
const NAMES = 190;
const ROW = 26;
const HEAD = 30;
const RIGHT = 44;

/** The history of points and proofs as a picture; undefined where no point was taken. Pure. */
export function timeline(records: readonly PointRecord[], now: string): Markup | undefined {
  const rows = records
    .flatMap(rowOf)
    .sort((one, other) => one.from - other.from || compareText(one.name, other.name))
    .slice(-MOST);
  const [first] = rows;
  if (first === undefined) {
    return undefined;
  }
  const today = Date.parse(now);
  const start = first.from;
  const end = Math.max(today, ...rows.map(({ to }) => to), start + 1);
  const x = (at: number): string =>
    (NAMES + ((at - start) / (end - start)) * (WIDTH - NAMES - RIGHT)).toFixed(1);
  const height = HEAD + rows.length * ROW + 8;
  const left = records.flatMap(rowOf).length - rows.length;
  return markup`<figure class="timeline">
<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="timeline-title"><title id="timeline-title">Restore points from ${day(start)} to ${day(end)}: ${counted(rows.length, "point")}, each from when it was taken to its end, with its proofs</title>
${ticks(start, end).map((at) => markup`<line class="tick" x1="${x(at)}" x2="${x(at)}" y1="${HEAD - 8}" y2="${height}"/><text class="day" x="${x(at)}" y="${HEAD - 14}">${day(at)}</text>`)}
${rows.map((row, index) => rowPicture(row, HEAD + index * ROW, x, today))}
<line class="now" x1="${x(today)}" x2="${x(today)}" y1="${HEAD - 8}" y2="${height}"/>
</svg>
<figcaption>Each bar is a restore point, from when it was taken to its end; the line is the time of this page. ● proven, ○ read only, ✕ failed.${left > 0 ? ` The newest ${MOST}; ${counted(left, "older point")} in the table below or in the catalog.` : ""}</figcaption>
</figure>`;
}

function rowPicture(
  { name, from, to, marks }: Row,
  top: number,
  x: (at: number) => string,
  now: number,
): Markup {
  const middle = top + ROW / 2;
  const width = Math.max(3, Number(x(to)) - Number(x(from))).toFixed(1);
  const past = to <= now ? "bar past" : "bar";
  return markup`<g data-point="${name}"><text class="name" x="${NAMES - 12}" y="${middle + 4}">${short(name)}</text><rect class="${past}" x="${x(from)}" y="${top + 6}" width="${width}" height="${ROW - 12}" rx="3"/>${marks.map((mark) => markPicture(mark, x(mark.at), middle))}</g>
`;
}

function markPicture({ result, at }: Mark, x: string, y: number): Markup {
  const title = markup`<title>${result} ${day(at)}</title>`;
  return result === "failed"
    ? markup`<path class="mark failed" d="M${Number(x) - 5} ${y - 5}l10 10m0 -10l-10 10">${title}</path>`
    : markup`<circle class="mark ${result}" cx="${x}" cy="${y}" r="5">${title}</circle>`;
}

/** A verification of many volumes is one mark: the worst result of its day. */
function rowOf({ name, takenAt, expires, members, verifications }: PointRecord): readonly Row[] {
  if (takenAt === undefined) {
    return [];
  }
  const order = ["proven", "readable", "failed"] as const;
  const worst = new Map<string, Mark>();
  for (const { at, result } of verifications) {
    const known = worst.get(at.slice(0, 10));
    if (known === undefined || order.indexOf(result) >= order.indexOf(known.result)) {
      worst.set(at.slice(0, 10), { at: Date.parse(at), result });
    }
  }
  const ended = members.map(({ expiredAt }) => expiredAt).filter((at) => at !== undefined);
  const isOver = members.length > 0 && ended.length === members.length;
  const to = isOver ? Math.max(...ended.map((at) => Date.parse(at))) : Date.parse(expires);
  const from = Date.parse(takenAt);
  return [{ name, from, to: Math.max(from, to), marks: [...worst.values()] }];
}

/** Five days at even distances. */
function ticks(start: number, end: number): readonly number[] {
  return [0, 0.25, 0.5, 0.75, 1].map((part) => start + part * (end - start));
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function short(name: string): string {
  return name.length > 24 ? `${name.slice(0, 23)}…` : name;
}
