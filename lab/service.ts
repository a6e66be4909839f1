import * as path from "node:path";
import type { LabPart } from "./binaries";

/** One process of the lab: how to start it, know it again and ask whether it works. */
export interface Service {
  readonly name: string;
  readonly part: LabPart;
  /** File name of the program. */
  readonly binary: string;
  readonly args: readonly string[];
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  /** Ports that it listens on. */
  readonly ports: readonly number[];
  /** The argument that only this service of this checkout's lab has. */
  readonly marker: string;
  /** Address that answers 200 when the service works. */
  readonly health: string;
  /** Files (PEM) of what a client has to show there; default nothing. */
  readonly identity?: { readonly certificate: string; readonly key: string };
  /** How long it may take until it works, in milliseconds. */
  readonly startLimitMs: number;
  /** How long it may take to end by itself before it is killed, in milliseconds. */
  readonly graceMs: number;
  /** Service that has to be started anew together with which this one has to be, too. */
  readonly after: string | undefined;
}

/** Whether a command line is that of this service of this lab. */
export function isService(service: Service, argv: readonly string[]): boolean {
  return path.basename(argv[0] ?? "") === service.binary && argv.includes(service.marker);
}
