import {
  labDown,
  labEnv,
  labStatus,
  labStop,
  labUp,
  prepareLabStack,
  readLabRecord,
} from "../../lab/index";
import { projectRoot } from "../../config/projectRoot";
import { exitCode, UsageError, type ExitCode } from "../exit";
import { createReporter } from "../reporter";

export type LabAction = "up" | "stop" | "down" | "status" | "env";

/** The embedded lab alone. `stop` keeps its data; `down` erases data and state, with `cache` the binaries too. */
export async function lab(what: LabAction, options: { cache: boolean }): Promise<ExitCode> {
  const root = projectRoot();
  const reporter = createReporter();
  switch (what) {
    case "up": {
      const record = await labUp({ root, reporter });
      await prepareLabStack(root, record);
      reporter.info('The lab runs. For other tools: eval "$(./atom lab env)"');
      return exitCode.done;
    }
    case "stop":
      await labStop({ root, reporter });
      return exitCode.done;
    case "down":
      await labDown({ root, reporter, cache: options.cache });
      return exitCode.done;
    case "status": {
      const status = await labStatus(root);
      for (const line of status.lines) {
        process.stdout.write(`${line}\n`);
      }
      return status.running ? exitCode.done : exitCode.failed;
    }
    case "env": {
      const record = readLabRecord(root);
      if (record === undefined) {
        throw new UsageError("There is no lab in this checkout yet; ./atom lab up starts one.");
      }
      for (const [name, value] of Object.entries(labEnv(root, record))) {
        process.stdout.write(`export ${name}=${shellQuote(value)}\n`);
      }
      return exitCode.done;
    }
  }
}

/** Quotes for a POSIX shell's eval. */
function shellQuote(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
