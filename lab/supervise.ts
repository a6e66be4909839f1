import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LabPart } from "./binaries";
import { LabError } from "./error";
import { readIfThere, writeFile } from "./files";
import type { LabPaths } from "./paths";
import { isFree, portHolder } from "./ports";
import { answers } from "./probe";
import { startTime } from "../clients/process";
import { commandLine, endProcess, findProcesses, startDetached } from "./processes";
import type { Service } from "./service";
import { isService } from "./service";

/** A port that the lab needs is used by another program. */
export class PortTaken extends LabError {
  constructor(
    message: string,
    readonly part: LabPart,
  ) {
    super(message);
  }
}

function pidFile(paths: LabPaths, service: Service): string {
  return path.join(paths.run, `${service.name}.pid`);
}

/** Log of a service. */
export function logFile(paths: LabPaths, service: Service): string {
  return path.join(paths.logs, `${service.name}.log`);
}

/**
 * Process id of a service that runs, else undefined. The pid file is a short cut only: a pid that meanwhile
 * belongs to another program is not believed, and without the file the process is found by its arguments.
 */
export function findService(paths: LabPaths, service: Service): number | undefined {
  const noted = Number(readIfThere(pidFile(paths, service)) ?? "");
  if (noted > 0 && isService(service, commandLine(noted))) {
    return noted;
  }
  return findProcesses((argv) => isService(service, argv))[0];
}

/** Notes the process id of a service that runs, if it is not noted already. */
export function noteService(paths: LabPaths, service: Service, pid: number): void {
  const text = `${pid}\n`;
  if (readIfThere(pidFile(paths, service)) !== text) {
    writeFile(pidFile(paths, service), text);
  }
}

/** Ends a service, all its processes, if it runs. */
export async function endService(paths: LabPaths, service: Service): Promise<void> {
  const match = (argv: readonly string[]): boolean => isService(service, argv);
  await Promise.all(findProcesses(match).map((pid) => endProcess(pid, match, service.graceMs)));
  fs.rmSync(pidFile(paths, service), { force: true });
}

/** Whether a process runs with the arguments of today: one that an earlier version of this program started may not. */
export function isCurrent(service: Service, pid: number): boolean {
  const [, ...args] = commandLine(pid);
  return args.length === service.args.length && args.every((arg, i) => arg === service.args[i]);
}

/** How long a running service may give no answer before it is started anew, in milliseconds. */
const SILENCE_MS = 5000;

/**
 * Sees to it that a service runs and answers; tells whether it had to be started. With `anew`, one that runs
 * is ended first; so is one with other arguments. @throws PortTaken, or LabError with the end of its log.
 */
export async function ensureService(
  paths: LabPaths,
  service: Service,
  program: string,
  anew: boolean,
): Promise<"running" | "started"> {
  const pid = anew ? undefined : findService(paths, service);
  const current = pid !== undefined && isCurrent(service, pid);
  if (current && (await answersWithin(service, pid, SILENCE_MS))) {
    noteService(paths, service, pid);
    return "running";
  }
  await endService(paths, service);
  await start(paths, service, program);
  return "started";
}

async function start(paths: LabPaths, service: Service, program: string): Promise<void> {
  for (const port of service.ports) {
    if (!(await becomesFree(port))) {
      throw portTaken(service, port);
    }
  }
  const log = logFile(paths, service);
  const before = fs.statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  const pid = await startDetached({
    program,
    args: service.args,
    env: service.env,
    cwd: paths.data,
    log,
  });
  noteService(paths, service, pid);
  if (await answersWithin(service, pid, service.startLimitMs)) {
    return;
  }
  const ended = startTime(pid) === undefined;
  await endService(paths, service);
  const text = fs.readFileSync(log).subarray(before).toString("utf8");
  if (/address already in use/.test(text)) {
    throw portTaken(service, service.ports[0] ?? 0);
  }
  const what = ended
    ? "ended right after its start"
    : `gave no answer for ${service.startLimitMs / 1000} s`;
  const why = /no space left on device/.test(text)
    ? " because the disk is full; free some space"
    : "";
  throw new LabError(`${service.name} ${what}${why}. Its log, ${log}, ends with:\n${tail(text)}`);
}

/** A program that was killed a moment ago may hold its port for some milliseconds. */
const PORT_TRIES = 10;

async function becomesFree(port: number): Promise<boolean> {
  for (let tries = 1; !(await isFree(port)); tries++) {
    if (tries === PORT_TRIES) {
      return false;
    }
    await sleep(50);
  }
  return true;
}

function portTaken(service: Service, port: number): PortTaken {
  return new PortTaken(
    `${service.name} needs port ${port} of 127.0.0.1, which ${portHolder(port)} uses. End that program and run the command again, or give the lab new ports by \`./atom lab down\`, which erases it.`,
    service.part,
  );
}

async function answersWithin(service: Service, pid: number, limitMs: number): Promise<boolean> {
  const end = Date.now() + limitMs;
  while (startTime(pid) !== undefined) {
    // Another program on the port could answer as well, so that the process has to be alive after the answer.
    if (await answers(service)) {
      return startTime(pid) !== undefined;
    }
    if (Date.now() > end) {
      return false;
    }
    await sleep(50);
  }
  return false;
}

const TAIL_LINES = 8;
const LINE_LENGTH = 400;

/** The last lines of a log, without the stack of a Go program that gave up. */
function tail(text: string): string {
  const words = text.split(/^goroutine \d+ /m)[0] ?? "";
  return words
    .trimEnd()
    .split("\n")
    .slice(-TAIL_LINES)
    .map((line) => line.slice(0, LINE_LENGTH))
    .join("\n");
}
