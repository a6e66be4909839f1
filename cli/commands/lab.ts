import {
  labDown,
  labEnv,
  labStatus,
  labStop,
  labUp,
  prepareLabStack,
  projectDir,
  readLabRecord,
} from "../../lab/index";
import { shellQuote } from "../../planning/words";
import { labEngine, readyEngine } from "../../engine/labEngine";
import { projectRoot } from "../../config/projectRoot";
import { exitCode, UsageError, type ExitCode } from "../../site/exit";
import { printAnswer } from "../print/answer";
import { createReporter } from "../reporter";

type LabAction = "up" | "stop" | "down" | "status" | "env";

export interface LabOptions {
  /** `down` erases the binaries, too. */
  readonly cache?: boolean;
  /** `up` builds and starts the data plane, too. */
  readonly data?: boolean;
}

/** The embedded lab alone. `stop` keeps its data; `down` erases data and state. */
export async function lab(what: LabAction, options: LabOptions): Promise<ExitCode> {
  const root = projectRoot();
  const reporter = createReporter();
  switch (what) {
    case "up": {
      const need = options.data === true ? { need: ["cluster", "vcenter", "data"] as const } : {};
      const record = await labUp({ root, reporter, ...need });
      await prepareLabStack(root, record);
      await labEngine(projectDir(), process.env, reporter);
      reporter.info('The lab runs. For other tools: eval "$(./atom lab env)"');
      return exitCode.done;
    }
    case "stop":
      await labStop({ root, reporter });
      return exitCode.done;
    case "down":
      await labDown({ root, reporter, cache: options.cache === true });
      return exitCode.done;
    case "status": {
      const status = await labStatus(root);
      printAnswer(status.lines);
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
      const engine = await readyEngine(projectDir(), process.env, reporter);
      if (engine === undefined) {
        reporter.warn("No pulumi is on this machine; ./atom lab up builds one for the lab.");
      } else if (engine.pathFolder !== undefined) {
        process.stdout.write(`export PATH=${shellQuote(engine.pathFolder)}:"$PATH"\n`);
      }
      return exitCode.done;
    }
  }
}
