import type { Command } from "commander";

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
    "set a configuration value by its path, e.g. classes[0].reclaimPolicy=Delete; repeatable",
    collectValues,
    [],
  );
}

/** Runs a command's action and turns its result into the exit code. */
export function action<T extends unknown[]>(run: (...args: T) => Promise<number>) {
  return async (...args: T): Promise<void> => {
    process.exitCode = await run(...args);
  };
}
