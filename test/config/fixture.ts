import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { checkConfiguration, type SiteCheck } from "../../config/parseSite";
import { formatProblems } from "../../config/problems";
import type { JsonMap, RawConfiguration, RawPoint } from "../../config/rawConfiguration";

/** A configuration that nothing is wrong with: one site, two storage nodes, every optional key absent. */
export const smallest: JsonMap = {
  backend: "lab",
  failover: "manual",
  product: { namespaces: ["atom"] },
  topology: { sites: [{ name: "a", storageNodes: ["a-1", "a-2"] }] },
};

/** Three sites with a VM for each node. */
export const withVms: JsonMap = {
  ...smallest,
  topology: {
    sites: ["a", "b", "c"].map((name) => ({
      name,
      storageNodes: [`${name}-1`],
      controlPlaneNodes: 1,
    })),
  },
  virtualMachines: {
    server: "vcenter.example",
    user: "backup@vsphere.local",
    nodes: ["a", "b", "c"].map((site, position) => ({
      name: `${site}-1`,
      uuid: `42100000-0000-4000-8000-00000000000${position}`,
      role: "storage",
      site,
    })),
  },
};

/** A point that is planned and takes all VMs. */
export const plannedPoint: JsonMap = {
  name: "pre-24.1",
  release: "24.1",
  virtualMachines: "all",
  consistency: "crash",
  expires: "2031-01-01T00:00:00Z",
  state: "planned",
};

/** Values without one key. */
export function without(values: JsonMap, key: string): JsonMap {
  return Object.fromEntries(Object.entries(values).filter(([name]) => name !== key));
}

export function raw(values: JsonMap, points: readonly RawPoint[] = []): RawConfiguration {
  return {
    stack: "demo",
    file: "stacks/Pulumi.demo.yaml",
    values,
    secretKeys: [],
    points,
    problems: [],
  };
}

export function rawPoint(document: JsonMap, name = "pre-24.1"): RawPoint {
  const file = `stacks/restore-points/demo/${name}.yaml`;
  return { file, name, document, problem: undefined };
}

/** What is said of a configuration, line by line as people see it. */
export function said(configuration: RawConfiguration, check?: SiteCheck): readonly string[] {
  const { problems } = checkConfiguration(configuration, check);
  return problems.length === 0 ? [] : formatProblems(problems, configuration.file).split("\n");
}

/** Says nothing; for tests of what is refused before planning is asked. */
export const acceptAll: SiteCheck = () => [];

/** A folder with files in it, and a function that removes it. */
export function temporaryProject(files: Readonly<Record<string, string>>): {
  readonly root: string;
  remove(): void;
} {
  const root = mkdtempSync(join(tmpdir(), "atom-config-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** The same for the length of what is run in it. */
export async function inProject(
  files: Readonly<Record<string, string>>,
  run: (root: string) => unknown,
): Promise<void> {
  const { root, remove } = temporaryProject(files);
  try {
    await run(root);
  } finally {
    remove();
  }
}
