import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One part of the gate: a check that counts as one, or a mocha run that counts its tests. */
export interface Part {
  readonly title: string;
  /** Program, absolute or from the checkout's root, and its arguments. */
  readonly command: readonly string[];
  readonly counts: "check" | "mocha";
}

/** Variable that has the lab tests run whole; `support/thoroughly.ts` of the tests holds some back without it. */
export const THOROUGH_VARIABLE = "ATOM_THOROUGH";

/** Limits of one test by kind, in milliseconds. The first start of a lab builds its control plane. */
const limits = { unit: 60_000, lab: 1_800_000, long: 3_600_000 };

const bin = (name: string): string => join("node_modules", ".bin", name);

function mocha(title: string, limit: number, ...args: readonly string[]): Part {
  const strict = ["--forbid-only", "--forbid-pending"];
  const output = ["--reporter", "json-stream"];
  const command = [bin("mocha"), ...strict, ...output, "--timeout", `${limit}`, ...args];
  return { title, command, counts: "mocha" };
}

/** What `.dependency-cruiser.cjs` orders: arrows down only, no circle. */
const sources = [
  ...["index.ts", "cli", "site", "restorepoint", "drift", "engine", "lab", "clients"],
  ...["components", "config", "planning", "policy", "bench", "docs"],
];

/**
 * Format, types, lint, layers, unit tests, and the tests on labs: all that may run side by side, the longest first.
 *
 * Test files that share a lab of one run are one part. Every other one has a lab of its own, which a lab beside
 * it does not disturb, so that it is a part of its own.
 */
export function gateParts(root: string): Part[] {
  const { shared, own } = labFiles(root);
  const special = ["lab", "faults", "scale"].flatMap((kind) => [
    "--ignore",
    `dist/test/**/*.${kind}.spec.js`,
  ]);
  return [
    ...shared
      .filter(({ files }) => files.length > 0)
      .map(({ title, files }) => mocha(title, limits.lab, ...files)),
    mocha("unit tests", limits.unit, ...special, "dist/test/**/*.spec.js"),
    ...own.map((file) => mocha(titleOf(file), limits.lab, file)),
    {
      title: "types and lint",
      command: [process.execPath, join("dist", "cli", "gate", "checkSources.js")],
      counts: "check",
    },
    {
      title: "layers",
      command: [bin("depcruise"), "--config", ".dependency-cruiser.cjs", ...sources],
      counts: "check",
    },
    {
      title: "format",
      command: [
        ...[bin("prettier"), "--check", "."],
        ...["--cache", "--cache-strategy", "content"],
        // Erased with the lab.
        ...["--cache-location", join(".lab", "cache", "format.json")],
      ],
      counts: "check",
    },
  ];
}

/** What measures times or takes long, one after the other and alone. */
export function longParts(flags: { readonly faults: boolean; readonly scale: boolean }): Part[] {
  return (["faults", "scale"] as const)
    .filter((kind) => flags[kind])
    .map((kind) => mocha(kind, limits.long, `dist/test/**/*.${kind}.spec.js`));
}

const ending = ".lab.spec.js";

/**
 * What test files that share a lab of one run are called, the longest first, by the modules that only such files load: a
 * file is of the first that it names.
 */
const sharedLabs = [
  { title: "rollback tests", modules: ["killRollback", "rolledState"] },
  { title: "restore point tests", modules: ["pointLab"] },
  { title: "deployment tests", modules: ["deployedLab"] },
  { title: "lab tests", modules: ["sharedLab"] },
  { title: "data plane tests", modules: ["dataPlane"] },
] as const;

/** Brings up a lab of its own, whatever else a file shares. */
const OWN_LAB = "PointLab.up(";

interface LabFiles {
  readonly shared: readonly { readonly title: string; readonly files: readonly string[] }[];
  readonly own: readonly string[];
}

function labFiles(root: string): LabFiles {
  const folder = join("dist", "test");
  const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(ending))
    .sort()
    .map((file) => {
      const text = readFileSync(join(root, folder, file), "utf8");
      const shared = text.includes(OWN_LAB)
        ? undefined
        : sharedLabs.find(({ modules }) => modules.some((module) => text.includes(`/${module}")`)));
      return { file: join(folder, file), title: shared?.title };
    });
  const of = (wanted: string | undefined): string[] =>
    files.filter(({ title }) => title === wanted).map(({ file }) => file);
  return {
    shared: sharedLabs.map(({ title }) => ({ title, files: of(title) })),
    own: of(undefined),
  };
}

/** `dist/test/cli/up.lab.spec.js` -> `lab tests of cli up` */
function titleOf(file: string): string {
  const [, , ...names] = file.slice(0, -ending.length).split(/[\\/]/);
  return `lab tests of ${names.join(" ")}`;
}
