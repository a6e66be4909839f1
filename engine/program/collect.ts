import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, sep } from "node:path";
import { CollectError } from "./collectError";
import type { DesiredState } from "./desiredState";
import { runProgram } from "./runProgram";

export { CollectError } from "./collectError";

const PROJECT = "atom-backup";

export interface CollectOptions {
  /** Folder of Pulumi.yaml; its `dist/index.js` is what runs. */
  readonly root: string;
  readonly stack: string;
  /**
   * The stack's configuration by key, without the project's namespace or with one (`atom-backup:backend`). A string
   * goes to the program as it is, anything else as JSON text, as the engine does.
   */
  readonly values: Readonly<Record<string, unknown>>;
  /** Keys of `values` that are secret. */
  readonly secretKeys: readonly string[];
  /** Environment variables of the run, put back afterwards; undefined removes one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs the program in this process and returns all that it declares: without the Pulumi CLI, a cluster or a vCenter.
 *
 * @throws CollectError when the program refuses (all problems of the site in one message), is not compiled, or does
 * something that only a real engine can answer.
 */
export async function collect(options: CollectOptions): Promise<DesiredState> {
  const entry = join(options.root, "dist", "index.js");
  if (!existsSync(entry)) {
    throw new CollectError("internal", "dist/index.js is missing. Run `npm run build` first.");
  }
  const config: Record<string, string> = {};
  for (const [key, value] of Object.entries(options.values)) {
    config[qualified(key)] = typeof value === "string" ? value : JSON.stringify(value);
  }
  return withEnvironment(options.env ?? {}, () =>
    runProgram({
      project: PROJECT,
      stack: options.stack,
      config,
      secretKeys: options.secretKeys.map(qualified),
      program: () => loadAfresh(entry),
    }),
  );
}

function qualified(key: string): string {
  return key.includes(":") ? key : `${PROJECT}:${key}`;
}

/**
 * The program acts when it is loaded, so each run loads it again. The SDKs and the pure parts stay: they keep nothing
 * between runs, and loading the SDKs is what takes the time.
 */
function loadAfresh(entry: string): unknown {
  const load = createRequire(entry);
  const components = join(entry, "..", "components") + sep;
  for (const file of Object.keys(load.cache)) {
    if (file === entry || file.startsWith(components)) {
      delete load.cache[file];
    }
  }
  return load(entry);
}

async function withEnvironment<T>(
  changes: Readonly<Record<string, string | undefined>>,
  action: () => Promise<T>,
): Promise<T> {
  const before = Object.keys(changes).map((name) => [name, process.env[name]] as const);
  try {
    setEnvironment(Object.entries(changes));
    return await action();
  } finally {
    setEnvironment(before);
  }
}

function setEnvironment(entries: readonly (readonly [string, string | undefined])[]): void {
  for (const [name, value] of entries) {
    if (value === undefined) {
      delete process.env[name];
    } else {
      process.env[name] = value;
    }
  }
}
