import { join } from "node:path";
import { writePointFile } from "../config/pointFile";
import type { JsonMap, RawConfiguration } from "../config/rawConfiguration";
import { readConfiguration } from "../config/readConfiguration";

/**
 * The lab's configuration with so many worker VMs and three points that take a snapshot of each: three times as many
 * snapshots. The points' files are written below `folder`.
 */
export function largeSite(vms: number, folder: string): RawConfiguration {
  const stack = "lab";
  for (const name of ["one", "two", "three"]) {
    writePointFile(join(folder, stack, `${name}.yaml`), {
      name,
      release: "24.1",
      virtualMachines: "all",
      consistency: "crash",
      memory: false,
      quiesce: false,
      expires: "2030-01-01T00:00:00Z",
      volumes: false,
      state: "taking",
      vms: [],
    });
  }
  const nodes = Array.from({ length: vms }, (_, index) => ({
    name: `worker-${index}`,
    uuid: `42100000-0000-4000-8000-${index.toString(16).padStart(12, "0")}`,
    role: "worker",
    site: "a",
  }));
  const { raw } = readConfiguration(stack, { overrides: [`restorePointsDir=${folder}`] });
  const virtualMachines = { ...(raw.values["virtualMachines"] as JsonMap), nodes };
  return { ...raw, values: { ...raw.values, virtualMachines } };
}
