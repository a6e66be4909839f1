import { lookAtPoint, lookAtPoints, type PointStatus } from "../../../restorepoint/inventory";
import { requirePointName } from "../../../restorepoint/pointStack";
import { closeAll, openAccess, type LiveAccess } from "../../../site/up/access";
import { exitCode, type ExitCode } from "../../../site/exit";
import { openLive } from "../../live";
import { printAnswer } from "../../print/answer";
import { writeDocument } from "../../print/documents";
import { isBroken, NO_BACKUP, pointLines, pointTable, vmsNote } from "../../print/points";
import { stackOption } from "../../../config/stackNames";
import type { OpenStack } from "../../../site/stack";

interface ShowOptions {
  readonly stack: string;
  readonly json: boolean;
}

/** Lists the restore points of a stack, the newest first, as catalog and live systems have them. */
export async function list(options: ShowOptions): Promise<ExitCode> {
  return withStack(options.stack, async (systems) => {
    const { stack } = systems;
    const { points, unknown, now } = await lookAtPoints(systems);
    if (options.json) {
      await writeDocument("restore-point list", stack, { note: NO_BACKUP, points, unknown });
    } else {
      printAnswer([
        ...(points.length === 0
          ? [`Stack ${stack.name} has no restore point.`]
          : pointTable(points, now)),
        ...points.flatMap((point) =>
          [...point.interrupted, ...vmsNote(point)].map((text) => `${point.name}: ${text}.`),
        ),
        NO_BACKUP,
        ...unknown.map((text) => `unknown: ${text}`),
      ]);
    }
    return unknown.length === 0 ? exitCode.done : exitCode.failed;
  });
}

/** Shows all that is known of one point. */
export async function show(name: string, options: ShowOptions): Promise<ExitCode> {
  requirePointName(name);
  return withStack(options.stack, async (systems) => {
    const { stack } = systems;
    const { point, depends, notes, unknown, now } = await lookAtPoint(systems, name);
    if (options.json) {
      const fields = { note: NO_BACKUP, point, depends, unknown };
      await writeDocument("restore-point show", stack, fields);
    } else {
      printAnswer([
        ...pointLines(point, depends, now),
        ...notes.map((note) => `  catalog: ${note}`),
        NO_BACKUP,
        ...nextLines(stack, point),
      ]);
    }
    return unknown.length === 0 ? exitCode.done : exitCode.failed;
  });
}

interface Shown extends LiveAccess {
  readonly stack: OpenStack;
}

async function withStack<T>(name: string, work: (shown: Shown) => Promise<T>): Promise<T> {
  const stack = openLive(name);
  const { cluster, vcenter } = await openAccess(stack);
  try {
    return await work({ stack, cluster, vcenter });
  } finally {
    await closeAll({ cluster, vcenter });
  }
}

function nextLines(stack: OpenStack, point: PointStatus): string[] {
  const option = stackOption(stack.name);
  if (point.members.some((one) => isBroken(one) && one.kind === "virtualMachine")) {
    return [`Next: ./atom up${option}   marks what is missing as lost, after asking`];
  }
  if (point.members.some(({ presence }) => presence === "unbound" || presence === "missing")) {
    return [
      `Next: ./atom restore-point repair ${point.name}${option}   binds again what the storage still has`,
    ];
  }
  if (point.state === "expiring" || point.members.some(({ presence }) => presence === "left")) {
    return [`Next: ./atom restore-point expire ${point.name}${option}   goes on with the removal`];
  }
  return [];
}
