import type { Command } from "commander";
import { collectValues, JSON_DOCUMENT, onStack, runs, wholeNumber, YES } from "./options";

/** `schedule`: windows and backup cycles. */
export function scheduleCommands(program: Command): void {
  const schedule = program.command("schedule").description("upgrade windows and backup cycles");

  onStack(schedule.command("show"))
    .description("the next times of every window, and where each cycle stands")
    .addOption(wholeNumber("--count <n>", "times of each window, …", 100).default(3))
    .option(
      "--beside <stack>",
      "also say where windows of this stack are open at once with ours; repeatable",
      collectValues,
      [],
    )
    .addOption(JSON_DOCUMENT)
    .action(runs(() => import("./commands/schedule.js"), "show"));

  onStack(schedule.command("run"))
    .description("do what is due now, once; for a timer or a pipeline: 0 when nothing is due")
    .requiredOption("--due", "what windows, cycles, `expires`, `retention` and ages say")
    .addOption(YES)
    .action(runs(() => import("./commands/schedule.js"), "run"));
}
