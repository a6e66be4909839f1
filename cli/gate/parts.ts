import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One part of the gate: a check that counts as one, or a mocha run that counts its tests. */
export interface Part {
  readonly title: string;
  /** Program, from the checkout's root, and its arguments. */
  readonly command: readonly string[];
  readonly counts: "check" | "mocha";
}

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
  ...["components", "config", "planning", "bench", "docs"],
];

/** Where what is known of unchanged files is kept; erased with the lab. */
const memory = join(".lab", "cache");

/**
 * Format, lint, layers, types, unit tests, and the tests on labs: all that may run side by side, the longest first.
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
      title: "lint",
      command: [bin("eslint"), "--max-warnings", "0", "."],
      counts: "check",
    },
    {
      title: "layers",
      command: [bin("depcruise"), "--config", ".dependency-cruiser.cjs", ...sources],
      counts: "check",
    },
    {
      title: "types",
      command: [
        ...[bin("tsc"), "--noEmit", "-p", "tsconfig.json"],
        ...["--incremental", "--tsBuildInfoFile", join(memory, "types.tsbuildinfo")],
      ],
      counts: "check",
    },
    {
      title: "format",
      command: [
        ...[bin("prettier"), "--check", "."],
        ...["--cache", "--cache-strategy", "content"],
        ...["--cache-location", join(memory, "format.json")],
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

/** Modules that bring up one lab for all test files of a run, and what their parts are called. */
const sharedLabs = [
  { module: "sharedLab", title: "lab tests" },
  { module: "dataPlane", title: "data plane tests" },
  { module: "pointLab", title: "restore point tests" },
] as const;

interface LabFiles {
  readonly shared: readonly { readonly title: string; readonly files: readonly string[] }[];
  readonly own: readonly string[];
}

function labFiles(root: string): LabFiles {
  const folder = join("dist", "test");
  const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(ending))
    .map((file) => ({
      file: join(folder, file),
      text: readFileSync(join(root, folder, file), "utf8"),
    }))
    .sort((one, other) => (one.file < other.file ? -1 : 1));
  const shares = ({ text }: { text: string }, module: string): boolean =>
    text.includes(`/${module}")`);
  return {
    shared: sharedLabs.map(({ module, title }) => ({
      title,
      files: files.filter((one) => shares(one, module)).map(({ file }) => file),
    })),
    own: files
      .filter((one) => !sharedLabs.some(({ module }) => shares(one, module)))
      .map(({ file }) => file),
  };
}

/** `dist/test/cli/up.lab.spec.js` -> `lab tests of cli up` */
function titleOf(file: string): string {
  const [, , ...names] = file.slice(0, -ending.length).split(/[\\/]/);
  return `lab tests of ${names.join(" ")}`;
}
