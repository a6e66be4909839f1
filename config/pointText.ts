import { stringify } from "yaml";

import type { RestorePointFile } from "../planning/site";

/** A new point's file, with a comment beside each decision. What a cut writes comes later. */
export function pointText(point: RestorePointFile): string {
  const { name, release, virtualMachines, consistency, memory, quiesce, expires } = point;
  const { state, volumes, groupVersion } = point;
  return [
    `# Restore point ${name}, written by \`./atom restore-point create\`.\n`,
    stringify({ name, release }),
    "# stopped: the product is stopped for the cut. frozen: frozen by its hooks. crash: as after a power cut.\n",
    stringify({ consistency }),
    "# all: every storage and worker VM; none; or names of nodes.\n",
    stringify({ virtualMachines, memory, quiesce }),
    "# When it may be removed. VM snapshots end earlier, by virtualMachines.maxAgeHours.\n",
    stringify({ expires }),
    ...(groupVersion === undefined
      ? []
      : ["# The volumes of a namespace are cut at one moment.\n", stringify({ groupVersion })]),
    "# Set by commands.\n",
    stringify({ state }),
    "# The claims whose volumes it holds.\n",
    stringify({ volumes }),
  ].join("");
}
