import { CommanderError } from "commander";
import { describeError, exitCode, exitCodeOf, UsageError } from "../site/exit";
import { buildProgram } from "./program";

/** Output that nobody reads any more, `| head -1` say, ends no work: the product may be stopped meanwhile. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") {
    throw error;
  }
}

/** Runs one command line, `node`'s and the program's name first; its exit code is the process's. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await buildProgram().parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? exitCode.done : exitCode.usage;
      return;
    }
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = exitCodeOf(error);
    if (error instanceof UsageError) {
      process.stderr.write("(see ./atom --help)\n");
    }
  }
}

if (require.main === module) {
  [process.stdout, process.stderr].forEach((stream) => stream.on("error", ignoreClosedPipe));
  void main(process.argv);
}
