import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { promisify } from "node:util";
import { isAtLeast } from "../planning/backends/version";
import { EngineFailure } from "./failure";

/** A Pulumi CLI that was found and answered. */
export interface PulumiInstallation {
  /** Absolute path of the executable. */
  readonly path: string;
  /** Without a leading `v`, e.g. `3.259.0`. */
  readonly version: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Oldest CLI that is driven: from 3.227 on its exit codes tell drift (7), a missing stack (6) and a cancelled run (8)
 * apart from failures; resource hooks, which keep a point from being taken twice, came with 3.182.
 */
export const oldestPulumi = "3.227.0";

/** Longest wait for `pulumi version`, in milliseconds. */
const versionTimeoutMs = 20_000;

/**
 * Looks for the Pulumi CLI on PATH, then in `$PULUMI_HOME/bin`, then in `~/.pulumi/bin` (HOME may be unset).
 *
 * @throws EngineFailure `setup` when the CLI found does not answer or is older than {@link oldestPulumi}.
 */
export async function findPulumi(env: Environment): Promise<PulumiInstallation | undefined> {
  for (const path of candidates(env)) {
    if (await executable(path)) {
      return { path, version: await versionOf(path, env) };
    }
  }
  return undefined;
}

function candidates(env: Environment): string[] {
  const folders = (env["PATH"] ?? "").split(delimiter).filter(isAbsolute);
  if (env["PULUMI_HOME"] !== undefined && isAbsolute(env["PULUMI_HOME"])) {
    folders.push(join(env["PULUMI_HOME"], "bin"));
  }
  if (env["HOME"] !== undefined && isAbsolute(env["HOME"])) {
    folders.push(join(env["HOME"], ".pulumi", "bin"));
  }
  return folders.map((folder) => join(folder, "pulumi"));
}

async function executable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function versionOf(path: string, env: Environment): Promise<string> {
  const answer = await askVersion(path, env);
  const version = /^v?(\d+)\.(\d+)\.(\d+)\S*$/m.exec(answer.trim());
  if (version === null) {
    throw new EngineFailure("setup", `${path} version answered "${answer.trim()}", no version.`);
  }
  const text = version[0].replace(/^v/, "");
  if (!isAtLeast(text, oldestPulumi)) {
    const message = `${path} is version ${text}; at least ${oldestPulumi} is needed. Update it, or take it off PATH.`;
    throw new EngineFailure("setup", message);
  }
  return text;
}

async function askVersion(path: string, env: Environment): Promise<string> {
  try {
    const options = {
      env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
      timeout: versionTimeoutMs,
    };
    return (await promisify(execFile)(path, ["version"], options)).stdout;
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new EngineFailure("setup", `${path} does not answer: ${why}`);
  }
}
