import * as fs from "node:fs";
import { labDown } from "../../../lab/down";
import type { LabPart } from "../../../lab/binaries";
import type { LabRecord } from "../../../lab/record";
import { labPaths } from "../../../lab/paths";
import { isService } from "../../../lab/service";
import { labServices } from "../../../lab/services";
import { startTime } from "../../../clients/process";
import { findProcesses, until } from "../../../lab/processes";
import { labUp } from "../../../lab/up";
import { silentReporter } from "../../support/silentReporter";

/** Brings a lab up in a checkout-like folder. */
export async function up(root: string, need?: readonly LabPart[]): Promise<LabRecord> {
  return await labUp({ root, reporter: silentReporter, ...(need === undefined ? {} : { need }) });
}

/** Erases a lab and its folder. */
export async function erase(root: string): Promise<void> {
  await labDown({ root, reporter: silentReporter });
  fs.rmSync(root, { recursive: true, force: true });
}

/** Process ids of all services of a lab that run, found without the lab's own pid files. */
export function pidsOf(root: string, record: LabRecord): Record<string, readonly number[]> {
  return Object.fromEntries(
    labServices(labPaths(root), record.ports).map((service) => [
      service.name,
      findProcesses((argv) => isService(service, argv)),
    ]),
  );
}

/** Kills services as a crash would, and waits until they are gone. */
export async function kill(
  root: string,
  record: LabRecord,
  names: readonly string[],
): Promise<void> {
  const pids = names.flatMap((name) => pidsOf(root, record)[name] ?? []);
  if (pids.length !== names.length) {
    throw new Error(`of ${names.join(", ")} only ${pids.length} run`);
  }
  for (const pid of pids) {
    process.kill(pid, "SIGKILL");
  }
  if (!(await until(() => pids.every((pid) => startTime(pid) === undefined), 10_000))) {
    throw new Error("a killed process does not end");
  }
}
