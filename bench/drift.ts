import { execFileSync } from "node:child_process";
import { realpathSync, rmSync } from "node:fs";
import { join } from "node:path";

import { readLabRecord } from "../lab/index";
import type { LabRecord } from "../lab/record";
import { Checkout } from "../test/cli/support/checkout";
import { tamperedDeployment } from "../test/cli/support/tamperings";
import { kill } from "../test/lab/support/labs";
import { LabSystems } from "../test/support/labSystems";
import type { Once } from "./driftOnce";
import { makeMany, manyMachines, stateNodes } from "./manyObjects";
import { median } from "./measure";

/** `drift` on a large site, beside the reads that it cannot do without; seconds are medians. */
export interface DriftBench {
  readonly raw: Once;
  readonly drift: number;
  /** From the start of the process to its end. */
  readonly whole: number;
  /** Peak of the whole command. */
  readonly megabytes: number;
  readonly calls: Once["calls"];
  readonly single: Once;
}

const KINDS = [
  "v1 PersistentVolume",
  "v1 PersistentVolumeClaim",
  "snapshot.storage.k8s.io/v1 VolumeSnapshot",
  "snapshot.storage.k8s.io/v1 VolumeSnapshotContent",
  "v1 Node",
];

/** Measures on a lab of its own, with a second vCenter. */
export async function drift(runs: number): Promise<DriftBench> {
  const checkout = Checkout.create();
  const root = realpathSync(checkout.root);
  rmSync(join(root, "stacks", "restore-points", "lab"), { recursive: true, force: true });
  await checkout.done(["up"]);
  const record = readLabRecord(root) as LabRecord;
  const systems = await LabSystems.connect(root, record);
  const vcenter = await manyMachines(root);
  try {
    const lab = tamperedDeployment({ checkout, systems });
    stateNodes(lab, vcenter.port);
    // What they would do to the volumes and nodes is no matter here, and takes the processors.
    await kill(root, record, ["kube-controller-manager"]);
    await makeMany(lab, record);
    return measured(root, runs);
  } finally {
    vcenter.end();
    await systems.close();
    await checkout.atom(["lab", "down"]);
    checkout.remove();
  }
}

function measured(root: string, runs: number): DriftBench {
  const once = (...args: readonly string[]): Once & { readonly whole: number } => {
    const begun = performance.now();
    const script = join(root, "dist", "bench", "driftOnce.js");
    const text = execFileSync(process.execPath, [script, ...args], {
      cwd: root,
      maxBuffer: Infinity,
    });
    return { ...(JSON.parse(text.toString()) as Once), whole: (performance.now() - begun) / 1000 };
  };
  const { paths } = once("drift");
  const lists = paths.filter((path) => path.includes("limit="));
  const all = Array.from({ length: runs }, () => ({
    found: once("drift"),
    raw: once("raw", ...lists),
  }));
  const middle = (of: (one: (typeof all)[number]) => number): number => median(all.map(of));
  const [{ found, raw }] = all as [(typeof all)[number]];
  return {
    raw: { ...raw, seconds: middle((one) => one.raw.seconds) },
    drift: middle((one) => one.found.seconds),
    whole: middle((one) => one.found.whole),
    megabytes: Math.max(...all.map((one) => one.found.megabytes)),
    calls: found.calls,
    single: once("single", ...KINDS),
  };
}
