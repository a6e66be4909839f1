import { pointStatus, type PointStatus } from "../../../restorepoint/inventory";
import { planSite } from "../../../planning";
import { isLiving } from "../../../planning/pointMembers";
import type { RestorePointFile } from "../../../planning/site";
import { closeAll, openAccess } from "../../../site/up/access";
import { exitCode, UsageError, type ExitCode } from "../../exit";
import { enterLab } from "../../lab";
import { documentVersion, writeDocument } from "../../print/documents";
import { isBroken, NO_BACKUP, pointLines, pointTable } from "../../print/points";
import { createReporter } from "../../reporter";
import { openStack, type OpenStack } from "../../stack";
import { findPoint, readKnown, type KnownPoints } from "./known";

export interface ShowOptions {
  readonly stack: string;
  readonly json: boolean;
}

/** Lists the restore points of a stack, newest cut first, as files, ledger and live systems have them. */
export async function list(options: ShowOptions): Promise<ExitCode> {
  const reporter = createReporter();
  const stack = openShown(options.stack);
  const points = [...stack.site.restorePoints].sort(
    (one, other) => takenTime(other) - takenTime(one),
  );
  const { sheets, known, now } = await look(stack, points);
  const unknown = untold(sheets, known);
  if (options.json) {
    await writeDocument({ ...head(stack, "list"), points: sheets, unknown });
  } else {
    for (const line of [
      ...(sheets.length === 0
        ? [`Stack ${stack.name} lists no restore point.`]
        : pointTable(sheets, now)),
      NO_BACKUP,
      ...unknown.map((text) => `cannot tell: ${text}`),
    ]) {
      reporter.info(line);
    }
  }
  return unknown.length === 0 ? exitCode.done : exitCode.failed;
}

/** Shows all that is known of one point. */
export async function show(name: string, options: ShowOptions): Promise<ExitCode> {
  const reporter = createReporter();
  const stack = openShown(options.stack);
  const point = findPoint(stack, name);
  if (point === undefined) {
    const names = stack.site.restorePoints.map((one) => one.name).join(", ");
    throw new UsageError(
      `Stack ${stack.name} has no restore point ${name}. Known are: ${names === "" ? "none" : names}.`,
    );
  }
  const { sheets, known, now } = await look(stack, [point]);
  const unknown = untold(sheets, known);
  const [sheet] = sheets;
  const depends = dependencies(stack, point);
  if (options.json) {
    await writeDocument({ ...head(stack, "show"), point: sheet, depends, unknown });
  } else if (sheet !== undefined) {
    for (const line of [
      ...pointLines(sheet, depends, now),
      ...noteLines(known, name),
      NO_BACKUP,
      ...nextLines(stack, sheet),
    ]) {
      reporter.info(line);
    }
  }
  return unknown.length === 0 ? exitCode.done : exitCode.failed;
}

function openShown(name: string): OpenStack {
  const stack = openStack(name, []);
  if (stack.isLab) {
    enterLab(stack.root);
  }
  return stack;
}

function takenTime({ takenAt }: RestorePointFile): number {
  return takenAt === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(takenAt);
}

interface Look {
  readonly sheets: readonly PointStatus[];
  readonly known: KnownPoints;
  readonly now: Date;
}

async function look(stack: OpenStack, points: readonly RestorePointFile[]): Promise<Look> {
  const access = await openAccess(stack);
  try {
    const known = await readKnown(stack, access, points);
    const now = new Date();
    const maxAgeHours = stack.site.virtualMachines?.maxAgeHours;
    const sheets = points.map((point) => {
      const listed = known.ledger.points.find((one) => one.point === point.name);
      const { liveSnapshots } = known;
      return pointStatus({ point, document: listed?.document, liveSnapshots, maxAgeHours, now });
    });
    return { sheets, known, now };
  } finally {
    await closeAll(access);
  }
}

/** Each thing that could not be told, once. */
function untold(sheets: readonly PointStatus[], { ledger }: KnownPoints): readonly string[] {
  const damaged = ledger.points
    .filter(
      ({ point, document }) => document === undefined && sheets.some((one) => one.name === point),
    )
    .flatMap(({ notes }) => notes);
  return [
    ...new Set([
      ...sheets.flatMap(({ unknown }) => unknown),
      ...damaged,
      ...(ledger.clusterUnread === undefined ? [] : [`Ledger: ${ledger.clusterUnread}`]),
    ]),
  ];
}

function noteLines({ ledger }: KnownPoints, name: string): string[] {
  const listed = ledger.points.find(({ point }) => point === name);
  if (listed === undefined) {
    return ["  the ledger knows nothing of it"];
  }
  return listed.notes.map((note) => `  ledger: ${note}`);
}

/** What has to be there for the point to lead back. */
function dependencies({ site }: OpenStack, point: RestorePointFile): readonly string[] {
  const { snapshotClass } = planSite(site);
  const holds = (kind: string): boolean =>
    point.members.some((member) => member.kind === kind && isLiving(member));
  return [
    ...(holds("volume")
      ? [
          `depends on snapshot class ${snapshotClass.name}, driver ${snapshotClass.driver}, and the storage that holds the volumes`,
        ]
      : []),
    ...(holds("virtualMachine") && site.virtualMachines !== undefined
      ? [`depends on vCenter ${site.virtualMachines.server} and the datastores of the node VMs`]
      : []),
  ];
}

function nextLines({ name, isLab }: OpenStack, sheet: PointStatus): string[] {
  const option = isLab ? "" : ` --stack ${name}`;
  if (sheet.members.some(isBroken)) {
    return [`Next: ./atom up${option}   marks what is missing as lost, after asking`];
  }
  if (sheet.state === "expiring" || sheet.members.some(({ presence }) => presence === "left")) {
    return [`Next: ./atom restore-point expire ${sheet.name}${option}   goes on with the removal`];
  }
  return [];
}

function head({ name, raw }: OpenStack, command: string): Record<string, unknown> {
  return {
    version: documentVersion,
    command: `restore-point ${command}`,
    stack: name,
    file: raw.file,
    note: NO_BACKUP,
  };
}
