import type { LabPart } from "./binaries";
import { labPaths } from "./paths";
import { answers } from "./probe";
import { readLabRecord } from "./record";
import { labServices } from "./services";
import { findService, logFile } from "./supervise";

export interface ServiceStatus {
  readonly name: string;
  readonly part: LabPart;
  readonly pid: number | undefined;
  /** Whether it answers its health question. */
  readonly healthy: boolean;
  readonly ports: readonly number[];
  readonly log: string;
}

export interface LabStatus {
  /** Whether every service runs and answers. */
  readonly running: boolean;
  readonly services: readonly ServiceStatus[];
  /** The same for people. */
  readonly lines: readonly string[];
}

/** What of the lab runs right now. */
export async function labStatus(root: string): Promise<LabStatus> {
  const record = readLabRecord(root);
  if (record === undefined) {
    const lines = ["There is no lab in this checkout. ./atom lab up starts one."];
    return { running: false, services: [], lines };
  }
  const paths = labPaths(root);
  const services = await Promise.all(
    labServices(paths, record.ports).map(async (service): Promise<ServiceStatus> => {
      const pid = findService(paths, service);
      return {
        name: service.name,
        part: service.part,
        pid,
        healthy: pid !== undefined && (await answers(service)),
        ports: service.ports,
        log: logFile(paths, service),
      };
    }),
  );
  const running = services.every((service) => service.healthy);
  const lines = services.map(describe);
  if (!running) {
    lines.push("./atom lab up starts what does not run.");
  }
  return { running, services, lines };
}

function describe(service: ServiceStatus): string {
  const where = `127.0.0.1:${service.ports[0]}`;
  const state =
    service.pid === undefined
      ? `does not run; its log is ${service.log}`
      : service.healthy
        ? `runs (process ${service.pid}) on ${where}`
        : `runs (process ${service.pid}) but gives no answer on ${where}; its log is ${service.log}`;
  return `${service.name.padEnd(24)}${state}`;
}
