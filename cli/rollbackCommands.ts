import type { Command } from "commander";
import { JSON_DOCUMENT, onStack, runs, timeout, YES } from "./options";

/** `rollback` and `upgrade`: back to a restore point, and back again. */
export function rollbackCommands(program: Command): void {
  onStack(program.command("rollback"))
    .description(
      "go back to a restore point: volumes, objects, images and replicas; previewed, asked, repeatable",
    )
    .argument("[name]", "name of the point")
    .option("--preview", "show every step, and change nothing", false)
    .option("--out <file>", "also write the preview as a page, self-contained HTML")
    .option("--undo", "go back to the state before the rollback, however far that came", false)
    .option("--purge", "remove for good the volumes that rollbacks to the point have kept", false)
    .option("--vms", "first revert all VMs of the point together, then go back as usual", false)
    .option("--vms-only", "revert the VMs and nothing else", false)
    .option(
      "--etcd",
      "show how people restore etcd from the point's snapshot, look that they have",
      false,
    )
    .option("--degraded", "restore although nodes are down", false)
    .option("--change <number>", "number of the change request, for the record")
    .addOption(timeout("600"))
    .addOption(YES)
    .addOption(JSON_DOCUMENT)
    .action(runs(() => import("./commands/rollback.js"), "rollback"));

  onStack(program.command("restore-node"))
    .description("bring the VM of one node back from an image of it; previewed, asked, repeatable")
    .argument("<node>", "name of the node")
    .option("--image <run>", "run that made the image; default the newest")
    .option("--datastore <name>", "datastore for its disks; default where the first one was")
    .option("--host <name>", "ESXi host; default where it was")
    .option("--power-on", "power it on once it is what was recorded", false)
    .option("--preview", "show what would be done, and change nothing", false)
    .addOption(YES)
    .action(runs(() => import("./commands/restoreNode.js"), "restoreNode"));

  onStack(program.command("rebind-cluster"))
    .description("bind the stack to a cluster that was rebuilt, and give that the catalog")
    .addOption(YES)
    .action(runs(() => import("./commands/rebindCluster.js"), "rebindCluster"));

  const upgrade = program.command("upgrade").description("an upgrade with a way back");
  onStack(upgrade.command("begin"))
    .description(
      "check, take the point pre-RELEASE, put it on hold and verify it: 0 only when all of that is so",
    )
    .argument("<release>", "release that will be installed, e.g. 24.2")
    .addOption(YES)
    .action(runs(() => import("./commands/upgrade.js"), "begin"));
  onStack(upgrade.command("commit"))
    .description("the upgrade stays: its point ends in 7 days")
    .addOption(YES)
    .action(runs(() => import("./commands/upgrade.js"), "commit"));
  onStack(upgrade.command("abort"))
    .description("the upgrade does not stay: go back to its point")
    .addOption(YES)
    .action(runs(() => import("./commands/upgrade.js"), "abort"));
}
