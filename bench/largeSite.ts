import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a program is run with; as JSON in a file for a child process. */
export interface BenchInput {
  readonly root: string;
  readonly stack: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly secretKeys: readonly string[];
}

const POINTS = ["one", "two", "three"];

/**
 * The lab's configuration with `machines` worker VMs and three points that take a snapshot of each: three times as many
 * snapshots. The points' files are written below `folder`.
 */
export function largeSite(base: BenchInput, vms: number, folder: string): BenchInput {
  const nodes = Array.from({ length: vms }, (_, index) => ({
    name: `worker-${index}`,
    uuid: `42100000-0000-4000-8000-${index.toString(16).padStart(12, "0")}`,
    role: "worker",
    site: "a",
  }));
  mkdirSync(join(folder, base.stack), { recursive: true });
  for (const point of POINTS) {
    writeFileSync(join(folder, base.stack, `${point}.yaml`), pointFile(point));
  }
  return {
    ...base,
    values: {
      ...base.values,
      restorePointsDir: folder,
      virtualMachines: { ...(base.values["virtualMachines"] as object), nodes },
    },
  };
}

function pointFile(name: string): string {
  return [
    `name: ${name}`,
    'release: "24.1"',
    "virtualMachines: all",
    "consistency: crash",
    "memory: false",
    "quiesce: false",
    'expires: "2030-01-01T00:00:00Z"',
    "state: taking",
    "",
  ].join("\n");
}
