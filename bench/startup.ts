import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineConfiguration } from "../config/engineConfiguration";
import { largeSite } from "./largeSite";
import { measure, type Case } from "./measure";

/** VMs of the sizes measured; three points each, so three times as many snapshots. */
const MACHINES = [4, 34, 334];
const BARE = "node -e 'require(\"@pulumi/pulumi\")'";

/** What it costs to know what the program declares, and how that grows with the number of VM snapshots. */
interface Startup {
  readonly rows: readonly {
    readonly name: string;
    readonly milliseconds: number;
    /** Times {@link BARE}, which every Pulumi program in TypeScript pays. */
    readonly ratio: number;
  }[];
  /** Milliseconds for one more snapshot, between the sizes. */
  readonly perSnapshot: readonly {
    readonly from: number;
    readonly to: number;
    readonly milliseconds: number;
  }[];
}

export function startup(root: string, runs: number): Startup {
  const folder = mkdtempSync(join(tmpdir(), "atom-bench-"));
  try {
    const preview = [join(root, "dist", "cli", "main.js"), "preview", "--offline"];
    const cases: Case[] = [
      { name: BARE, args: ["-e", 'require("@pulumi/pulumi")'] },
      { name: "./atom preview --offline", args: preview },
      ...MACHINES.map((vms) => collectCase(root, folder, vms)),
    ];
    const medians = measure(cases, runs, root);
    const time = (name: string): number => medians.get(name) ?? Number.NaN;
    const rows = cases.map(({ name }) => ({
      name,
      milliseconds: time(name),
      ratio: time(name) / time(BARE),
    }));
    const perSnapshot = MACHINES.slice(1).map((vms, index) => {
      const [from, to] = [3 * (MACHINES[index] ?? 0), 3 * vms];
      const difference = time(caseName(to)) - time(caseName(from));
      return { from, to, milliseconds: difference / (to - from) };
    });
    return { rows, perSnapshot };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function caseName(snapshots: number): string {
  return `collect ${snapshots} VM snapshots`;
}

function collectCase(root: string, folder: string, vms: number): Case {
  const file = join(folder, `${vms}.json`);
  const raw = largeSite(vms, join(folder, `points-${vms}`));
  writeFileSync(file, JSON.stringify({ root, stack: raw.stack, ...engineConfiguration(raw) }));
  const args = [join(root, "dist", "bench", "collectOnce.js"), file, String(3 * vms)];
  return { name: caseName(3 * vms), args };
}
