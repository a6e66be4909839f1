import { Argument, Command, Option } from "commander";
import type { LabOptions } from "./commands/lab";
import { answers, JSON_DOCUMENT, onStack, runs, wholeNumber, withStack, YES } from "./options";
import { restorePointCommands } from "./restorePointCommands";
import { rollbackCommands } from "./rollbackCommands";
import { scheduleCommands } from "./scheduleCommands";

/** Namespaces of the product where none is given. */
const usualNamespaces: readonly string[] = ["atom"];

/** The first namespace given takes the place of the usual one. */
function collectNamespaces(value: string, previous: readonly string[]): readonly string[] {
  return previous === usualNamespaces ? [value] : [...previous, value];
}

/** The command line; every action loads its own code, so that a short command starts at once. */
export function buildProgram(): Command {
  const program = new Command("atom")
    .description("Backup and recovery of ATOM: declare it, preview it, prove it.")
    .exitOverride()
    .configureOutput({ writeOut: (text) => process.stderr.write(text) })
    .showHelpAfterError("(see ./atom --help)");

  withStack(program.command("up"))
    .description("deploy: preflight, preview, apply, then read back what is there")
    .addOption(YES)
    .action(runs(() => import("./commands/up.js"), "up"));

  withStack(program.command("preview"))
    .description("show what `up` would do, read live")
    .option("--offline", "no cluster, no vCenter, no CLI: what the program declares", false)
    .option("--expect-no-changes", "exit 7 on any difference", false)
    .addOption(JSON_DOCUMENT)
    .action(runs(() => import("./commands/preview.js"), "preview"));

  onStack(program.command("drift"))
    .description("whether what is declared and promised is still true; changes nothing")
    .addOption(
      new Option("--only <system>", "look into this system alone").choices(["cluster", "vcenter"]),
    )
    .addOption(answers())
    .option("--engine", "also what `pulumi preview --refresh` sees, where there is a CLI", false)
    .addOption(JSON_DOCUMENT)
    .addOption(
      new Option("--junit", "one JUnit document on stdout, a test case for each object")
        .default(false)
        .conflicts("json"),
    )
    .action(runs(() => import("./commands/drift.js"), "drift"));

  onStack(program.command("heal"))
    .description("mend the drift that can be mended without risk to data; takes no snapshot")
    .addOption(YES)
    .addOption(answers())
    .action(runs(() => import("./commands/heal.js"), "heal"));

  onStack(program.command("preflight"))
    .description("the rules before an apply, each with its verdict: read live, nothing changed")
    // The rules ask more, one after the other, than drift does.
    .addOption(answers(30))
    .addOption(JSON_DOCUMENT)
    .action(runs(() => import("./commands/preflight.js"), "preflight"));

  onStack(program.command("status"))
    .description("one screen: recoverable to when, proven when, what survives, what ends next")
    .addOption(answers())
    .addOption(JSON_DOCUMENT)
    .action(runs(() => import("./commands/status.js"), "status"));

  onStack(program.command("exporter"))
    .description("write once what alerts go by, as metrics of Prometheus: to stdout or a file")
    .option("--file <path>", "a file that a node exporter's textfile collector reads, NAME.prom")
    .addOption(answers())
    .action(runs(() => import("./commands/exporter.js"), "exporter"));

  withStack(program.command("report"))
    .description("write the report page, self-contained HTML")
    .option(
      "--out <file>",
      "where to write it; default .lab/report.html, of a site .pulumi-state/reports/STACK.html",
    )
    .action(runs(() => import("./commands/report.js"), "report"));

  onStack(program.command("down"))
    .description("remove the stack's declarations; volumes, snapshots and restore points stay")
    .addOption(YES)
    .addOption(JSON_DOCUMENT)
    .action(runs(() => import("./commands/down.js"), "down"));

  program
    .command("init")
    .description("write the stack file of a new site from its live cluster and vCenter")
    .argument("<site>", "name of the new stack; its file must not exist")
    .option("--context <name>", "context of the kubeconfig; default its current one")
    .option(
      "--site-label <label>",
      "node label that names the site; default topology.kubernetes.io/zone",
    )
    .option(
      "--driver <name>",
      "CSI driver that holds the product's volumes, where there are several",
    )
    .option(
      "--namespace <name>",
      "namespace of the product; repeatable",
      collectNamespaces,
      usualNamespaces,
    )
    .option("--vcenter <host>", "vCenter of the node VMs; default $VSPHERE_SERVER")
    .option("--vcenter-user <user>", "default $VSPHERE_USER; the password is $VSPHERE_PASSWORD")
    .option("--full", "write every key with what it means, not only what differs", false)
    .option("--vcenter-insecure", "accept a certificate that no known authority has signed", false)
    .addOption(JSON_DOCUMENT)
    .action(runs(() => import("./commands/init.js"), "init"));

  onStack(program.command("adopt"))
    .description("take over what lives already: compare, then record or refuse")
    .option("--differing", "also what differs in fields that `up` can change in place", false)
    .addOption(YES)
    .addOption(JSON_DOCUMENT)
    .action(runs(() => import("./commands/adopt.js"), "adopt"));

  withStack(program.command("render"))
    .description("write what the program declares as manifests, without any live system")
    .requiredOption("--out <folder>", "new or empty folder, or one of an earlier rendering")
    .option(
      "--unattended [image]",
      "also timers, a pipeline job, and roles for drift; with an image that holds the checkout a CronJob",
    )
    .addOption(JSON_DOCUMENT)
    .action(runs(() => import("./commands/render.js"), "render"));

  onStack(program.command("rights"))
    .description("print the roles that the commands need in the stack's cluster, as manifests")
    .option("--user <name>", "user that they are bound to", "atom-backup")
    .action(runs(() => import("./commands/rights.js"), "rights"));

  restorePointCommands(program);
  rollbackCommands(program);
  scheduleCommands(program);

  const lab = program.command("lab").description("the embedded lab alone");
  const labAction = runs(() => import("./commands/lab.js"), "lab");
  for (const [name, description] of [
    ["up", "start it, building what is missing"],
    ["stop", "end its processes, keep its data"],
    ["down", "end it and erase its data and state"],
    ["status", "what runs and where"],
    ["env", "print the variables with which other tools reach it"],
  ] as const) {
    const command = lab.command(name).description(description);
    if (name === "up") {
      command.option("--data", "also the data plane: CSI driver, snapshots, pods that run", false);
    } else if (name === "down") {
      command.option("--cache", "erase the cache of built binaries, too", false);
    }
    command.action((options: LabOptions) => labAction(name, options));
  }

  program
    .command("test")
    .description("the gate: format, lint, types and all tests")
    .option("--faults", "also the full kill matrices and repeated runs", false)
    .option("--scale", "also many VM snapshots, points and histories", false)
    .action(runs(() => import("./commands/test.js"), "test"));

  program
    .command("bench")
    .description("ratios of times, taken in one run")
    .addArgument(
      new Argument(
        "[what]",
        "startup, or freeze: a frozen point of 200 volumes, or rollback: of 50 volumes, or drift: of a large site",
      )
        .choices(["startup", "freeze", "rollback", "drift"])
        .default("startup"),
    )
    .addOption(wholeNumber("--runs <n>", "runs of each command, …", 100).default(7))
    .action(runs(() => import("./commands/bench.js"), "bench"));

  return program;
}
