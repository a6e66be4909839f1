import { type Command, Option } from "commander";
import { collectValues, JSON_DOCUMENT, onStack, runs, timeout, wholeNumber, YES } from "./options";

/** `restore-point`: what was taken under one name, to its end. */
export function restorePointCommands(program: Command): void {
  const points = program
    .command("restore-point")
    .description("restore points: every data volume and node VM, taken under one name");

  onStack(points.command("create"))
    .description("take a point of the whole product: complete, or not at all")
    .argument("<name>", "name of the point, e.g. pre-24.2")
    .option("--release <release>", "release that runs now; default what Helm or the workloads say")
    .addOption(
      new Option(
        "--consistency <how>",
        "how still the product is; default frozen with hooks, else crash",
      ).choices(["stopped", "frozen", "crash"]),
    )
    .option("--virtual-machines <which>", "all, none, or node names with commas")
    .option("--memory", "VM snapshots with memory; worker nodes only, never with --quiesce")
    .option("--quiesce", "let VMware Tools quiesce the guests")
    .option("--expires <when>", "e.g. 72h, 14d or an RFC 3339 date-time; default 7d")
    .addOption(timeout("600"))
    .addOption(YES)
    .action(runs(() => import("./commands/restorePoint/create.js"), "create"));

  onStack(points.command("verify"))
    .description("restore every member into a scratch claim, read it, and remove what was made")
    .argument("<name>", "name of the point")
    .option(
      "--only <namespace/claim>",
      "this volume and no other member; repeatable",
      collectValues,
      [],
    )
    .addOption(wholeNumber("--parallel <n>", "members at a time, …", 64).default(4))
    .addOption(timeout("product.probe.timeoutSeconds, else 600"))
    .addOption(JSON_DOCUMENT)
    .action(runs(() => import("./commands/restorePoint/verify.js"), "verify"));

  onStack(points.command("list"))
    .description("the points of a stack: age, state, what they hold, proven when, ends when")
    .addOption(JSON_DOCUMENT)
    .action(runs(() => import("./commands/restorePoint/show.js"), "list"));

  onStack(points.command("show"))
    .description("all that is known of one point, looked up live")
    .argument("<name>", "name of the point")
    .addOption(JSON_DOCUMENT)
    .action(runs(() => import("./commands/restorePoint/show.js"), "show"));

  onStack(points.command("repair"))
    .description("bind snapshots again that the storage has and the cluster does not know any more")
    .argument("<name>", "name of the point")
    .addOption(YES)
    .action(runs(() => import("./commands/restorePoint/repair.js"), "repair"));

  onStack(points.command("hold"))
    .description("keep a point whatever `expires`, `retention` and age say, until it is let go")
    .argument("<name>", "name of the point")
    .option("--off", "let it go", false)
    .addOption(YES)
    .action(runs(() => import("./commands/restorePoint/hold.js"), "hold"));

  onStack(points.command("expire"))
    .description("remove a point, or all that is due: previewed, asked, repeatable")
    .argument("[name]", "name of the point; its `expires` does not count then")
    .option("--due", "what `expires`, `retention` and the greatest age of VM snapshots say", false)
    .option("--dry-run", "show what would be removed, and change nothing", false)
    .addOption(timeout("300"))
    .addOption(YES)
    .addOption(JSON_DOCUMENT)
    .action(runs(() => import("./commands/restorePoint/expire.js"), "expire"));
}
