import { Option, type Command } from "commander";
import { UsageError } from "../planning/errors";

/** Options as the command line gives them; a command reads those it declares. */
export interface GlobalOptions {
  readonly stack: string;
  /** `key=value` texts of `-c`, in order. */
  readonly config: readonly string[];
  readonly yes?: boolean;
  readonly offline?: boolean;
  readonly expectNoChanges?: boolean;
  readonly json?: boolean;
  readonly out?: string;
}

export const YES = new Option(
  "--yes",
  "do not ask; without it and without a terminal nothing is changed (2). The lab never asks",
).default(false);
export const JSON_DOCUMENT = new Option("--json", "one JSON document on stdout").default(false);

/** An option whose value is a whole number from 1 on. */
export function wholeNumber(flags: string, about: string, most: number): Option {
  return new Option(flags, about.replace("…", `1 to ${most}`)).argParser((text) => {
    const value = /^\d+$/.test(text) ? Number(text) : 0;
    if (value < 1 || value > most) {
      const [name = ""] = flags.split(" ");
      throw new UsageError(`${name} ${text}: give a whole number from 1 to ${most}.`);
    }
    return value;
  });
}

/** How long a command waits for whatever it waits for. */
export function timeout(preset: string): Option {
  return wholeNumber("--timeout <seconds>", `limit for every wait, …; default ${preset}`, 3600);
}

/** How long all who are asked by a command that only looks may take. @param preset seconds, default 12 */
export function answers(preset = 12): Option {
  const about = "limit for all answers together, …";
  return wholeNumber("--timeout <seconds>", about, 3600).default(preset);
}

/** Collects a repeatable option. */
export function collectValues(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

/** The option of every command that works on a stack. */
export function onStack(command: Command): Command {
  return command.option("--stack <name>", "the site installation to work on", "lab");
}

/** Options of every command that takes configuration values to try or to write. */
export function withStack(command: Command): Command {
  return onStack(command).option(
    "-c, --config <key=value>",
    "a value by its path, e.g. classes[0].fsType=xfs; repeatable, no secrets; only `up` writes it, when confirmed",
    collectValues,
    [],
  );
}

type Run = (...args: never[]) => Promise<number>;

/** The action of a command: loads the module that does it, so that a short command starts at once, and runs it. */
export function runs<K extends string, M extends Readonly<Record<K, Run>>>(
  load: () => Promise<M>,
  name: K,
) {
  return async (...args: Parameters<M[K]>): Promise<void> => {
    process.exitCode = await (await load())[name](...args);
  };
}
